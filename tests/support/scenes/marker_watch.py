# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MarkerWatch: a partner that looks for markers each millisecond, and reads their files.

with MarkerWatch(directory, lambda path: [path.removesuffix(".done")], [old, new]) as watch:
    ...
assert watch.wrong == [] and "a.csv.done" in watch.seen
"""

from __future__ import annotations

__all__ = ["MarkerWatch"]

import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType


class MarkerWatch:
    """covered: returns the files of a marker, [] for a path that is no marker. states: contents that the files of a
    marker may have, all of one state. seen: markers by the number of looks. wrong: complaints."""

    def __init__(
        self, directory: Path, covered: Callable[[str], Collection[str]], states: Collection[Mapping[str, bytes]]
    ) -> None:
        self._directory, self._covered, self._states = directory, covered, states
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.seen: dict[str, int] = {}
        self.wrong: list[str] = []

    def __enter__(self) -> MarkerWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.is_set():
            for path in self._directory.rglob("*"):
                covered = self._covered(str(path.relative_to(self._directory)))
                if covered:
                    self._judge(path, covered)
            time.sleep(0.001)

    def _judge(self, marker: Path, covered: Collection[str]) -> None:
        """Read the files of a marker. A marker that changed meanwhile announced an earlier state."""
        before = _identity(marker)
        found = {name: _content(self._directory / name) for name in covered}
        if before is None or before != _identity(marker):
            return
        name = str(marker.relative_to(self._directory))
        self.seen[name] = self.seen.get(name, 0) + 1
        if not any(found == {each: state.get(each) for each in covered} for state in self._states):
            self.wrong.append(
                f"{name}: {[(each, None if data is None else len(data)) for each, data in found.items()]}"
            )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_ctime_ns


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
