# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judgements on a published set by stock programs: ssh-keygen, mtree, sha256sum, bsdtar.

judged = SetJudge(tree, key.public)
judged.newest()         the number of the newest valid pair: the claim of a reader
judged.complaints()     complaints of the programs about the set
"""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["PRINCIPAL", "SetJudge"]

PRINCIPAL = "release@example.com"
_NAMESPACE = "manifest@ftp-synchronize"


class SetJudge:
    """tree: the files of the set, with the directory of manifests. public: keys of the signer, one a line."""

    def __init__(self, tree: Path, *public: str, path: str = "MANIFEST") -> None:
        self.tree = tree
        self.directory = tree / path
        self._allowed = "".join(f'{PRINCIPAL} namespaces="{_NAMESPACE}" {line}\n' for line in public)

    def numbers(self) -> list[int]:
        """Return the numbers of all pairs, by the names of files alone."""
        names = {path.name for path in self.directory.glob("*.mtree*")}
        return sorted(int(name.split(".")[0]) for name in names if f"{name}.sig" in names)

    def newest(self) -> int:
        """Return the number of the newest pair, whose signature must be good; 0 if there is none."""
        numbers = self.numbers()
        if not numbers:
            return 0
        assert self.signature(numbers[-1]) == "", "the newest pair is not validly signed"
        return numbers[-1]

    def manifest(self, number: int) -> Path:
        return self.directory / f"{number:06}.mtree"

    def signature(self, number: int) -> str:
        """Return the complaint of ssh-keygen about the signature; "" if it is good."""
        manifest = self.manifest(number)
        allowed = self.tree.parent / f"{self.tree.name}.allowed"
        allowed.write_text(self._allowed)
        words = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", PRINCIPAL, "-n", _NAMESPACE]
        with manifest.open("rb") as text:
            done = subprocess.run(
                [*words, "-s", f"{manifest}.sig"], stdin=text, capture_output=True, text=True, check=False
            )
        allowed.unlink()
        return done.stdout + done.stderr if done.returncode else ""

    def complaints(self, number: int | None = None) -> list[str]:
        """Return all complaints of the programs about a set, by default the newest."""
        number = number or self.newest()
        said = [self.signature(number), self._mtree(number), self._bsdtar(number)]
        if (self.tree / "SHA256SUMS").exists():
            said.append(self._run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"]))
        return [text for text in said if text]

    def _mtree(self, number: int) -> str:
        """A set is as signed only if mtree ends with 0 and prints nothing: it does both for extra files."""
        return self._run(["mtree", "-f", str(self.manifest(number)), "-p", str(self.tree)])

    def _bsdtar(self, number: int) -> str:
        done = subprocess.run(
            ["bsdtar", "-tf", str(self.manifest(number))], cwd=self.tree, capture_output=True, text=True, check=False
        )
        return done.stderr if done.returncode or not done.stdout else ""

    def _run(self, words: list[str]) -> str:
        done = subprocess.run(words, cwd=self.tree, capture_output=True, text=True, errors="replace", check=False)
        said = done.stdout + done.stderr
        return said or (f"{words[0]}: status {done.returncode}" if done.returncode else "")
