# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search the command lines and environments of all processes on this machine and its hosts.

Other tests run at the same time: a test that searches files for a secret passes it to grep by standard input.
"""

from __future__ import annotations

__all__ = ["Watcher"]

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self


class Watcher(threading.Thread):
    """Looks from `__enter__` to `__exit__`. seen: the names of the programs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._shown: set[tuple[str, bytes]] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(0.01):
            for process in Path("/proc").glob("[0-9]*"):
                self._look(process)

    def found(self, secrets: Iterable[str]) -> set[str]:
        """Give where a secret was: `cmdline of PROGRAM`, `environ of PROGRAM`."""
        texts = [secret.encode() for secret in secrets]
        return {where for where, shown in self._shown if any(text in shown for text in texts)}

    def _look(self, process: Path) -> None:
        try:
            name = (process / "comm").read_text().strip()
            self.seen.add(name)
            for part in ("cmdline", "environ"):
                self._shown.add((f"{part} of {name}", (process / part).read_bytes()))
        except OSError:
            return
