# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search for secrets in the command lines and environments of all processes, in output and in files.

marked = mark()
with Sampler(marked, ["canary-password"]) as sampler:
    ...  # run programs that have `marked` in their environment
assert sampler.found == set()
assert Canaries({"password": ["canary-password"]}).in_text(output) == set()
"""

from __future__ import annotations

__all__ = ["Canaries", "Sampler"]

import base64
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Self
from urllib.parse import quote

from ..running.processes import orphans


class Canaries:
    """Secrets by their names, each as a list of texts.

    They are found in plain form and in the encodings of programs.
    """

    def __init__(self, secrets: Mapping[str, Sequence[str]]) -> None:
        self.secrets = {name: list(texts) for name, texts in secrets.items()}
        self._forms = {name: [form for text in texts for form in _forms(text)] for name, texts in secrets.items()}

    @property
    def texts(self) -> list[str]:
        """All texts of all secrets."""
        return [text for texts in self.secrets.values() for text in texts]

    def in_bytes(self, data: bytes) -> set[str]:
        """Return the names of the secrets that `data` shows."""
        return {name for name, forms in self._forms.items() if any(form in data for form in forms)}

    def in_text(self, text: str) -> set[str]:
        """Return the names of the secrets that `text` shows."""
        return self.in_bytes(text.encode("utf-8", "surrogateescape"))

    def in_files(self, *roots: Path, apart_from: Collection[Path] = ()) -> set[str]:
        """Give `NAME in PATH` for every file below the roots that shows a secret, by its name or its content."""
        found = set()
        for path in (each for root in roots for each in root.rglob("*")):
            if path not in apart_from:
                content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
                found.update(f"{name} in {path}" for name in self.in_bytes(content) | self.in_text(path.name))
        return found


def _forms(text: str) -> list[bytes]:
    """The text itself, in hexadecimal, percent-encoded, and in BASE64 wherever in a longer text it begins."""
    plain = text.encode()
    # The first and the last group depend on the neighbouring bytes.
    shifted = [base64.b64encode(b"\0" * shift + plain).rstrip(b"=")[4 if shift else 0 : -4] for shift in range(3)]
    return [plain, plain.hex().encode(), quote(text, safe="").encode(), *shifted]


class Sampler(threading.Thread):
    """Reads the command line and the environment of everything that carries a mark, all the time.

    found: where which canary was; seen: the ids of the processes that were looked at.
    """

    def __init__(self, marked: dict[str, str], canaries: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.marked, self.canaries = marked, [canary.encode() for canary in canaries]
        self.found: set[str] = set()
        self.seen: set[int] = set()
        self.stopped = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopped.set()
        self.join()

    def run(self) -> None:
        while not self.stopped.wait(0.01):
            for pid in orphans(self.marked):
                self.seen.add(pid)
                for name in ("cmdline", "environ"):
                    try:
                        data = Path(f"/proc/{pid}/{name}").read_bytes()
                    except OSError:
                        continue
                    self.found.update(f"{name}: {canary!r}" for canary in self.canaries if canary in data)
