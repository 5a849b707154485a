# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of ssh-keygen for lists: make, extend, ask about keys, list. Each list is a file of a private directory."""

from __future__ import annotations

import os
from typing import Iterable, List, Sequence

from ..errors import ClientMissing, KrlDamaged, OperationFailed
from ..system.program import Completed, ask_program
from ..trust.fingerprint import PublicKey
from .listing import Listing, parse_listing
from .spec import Spec

_SECONDS = 1800.0  # 100,000 entries take 10 s, and more on a loaded machine


class KrlFile:
    """A list in a private directory of this run, for ssh-keygen. The directory gets further files."""

    def __init__(self, directory: str, content: bytes = b"") -> None:
        self._directory = directory
        self._path = self._write("list", content)

    def make(self, spec: Spec, version: int, comment: str = "") -> bytes:
        """Make the list of a spec and return its content. Raises OperationFailed, ClientMissing."""
        words = ["-z", "%d" % version, "-C", comment or spec.comment]
        self._change([*words, self._write("keys", spec.keys.encode())])
        for key, text in spec.authorities:
            authority = self._write("authority.pub", key.encode() + b"\n")
            self._change(["-u", "-s", authority, self._write("certificates", text.encode())])
        return self.content

    def extend(self, keys: Iterable[PublicKey]) -> bytes:
        """Revoke further keys; version, date and comment stay. Return the content."""
        text = "".join("%s\n" % key.text for key in keys)
        if text:
            self._change(["-u", self._write("keys", text.encode())])
        return self.content

    @property
    def content(self) -> bytes:
        with open(self._path, "rb") as file:
            return file.read()

    def refuses(self, key: PublicKey) -> bool:
        """Return whether sshd would refuse a key. Raises KrlDamaged."""
        return self._ask([self._write("asked.pub", key.text.encode() + b"\n")]).status == 1

    def listing(self) -> Listing:
        """Return all entries. Raises KrlDamaged."""
        return parse_listing(self._ask(["-l"]).out)

    def _change(self, words: Sequence[str]) -> None:
        completed = _ssh_keygen(["-q", "-k", "-f", self._path, *words])
        if completed.status:
            raise OperationFailed(
                "ssh-keygen makes no list: %s" % _last_line(completed), cure="Check the OpenSSH client on this host."
            )

    def _ask(self, words: List[str]) -> Completed:
        completed = _ssh_keygen(["-Q", "-f", self._path, *words])
        if completed.status not in (0, 1):
            raise KrlDamaged(
                "ssh-keygen cannot read the list: %s" % _last_line(completed),
                cure="Make the list again with key_revocation_list.",
            )
        return completed

    def _write(self, name: str, content: bytes) -> str:
        path = os.path.join(self._directory, name)
        with open(path, "wb") as file:
            file.write(content)
        return path


def _ssh_keygen(words: Sequence[str]) -> Completed:
    try:
        return ask_program("ssh-keygen", *words, seconds=_SECONDS)
    except FileNotFoundError:
        raise ClientMissing(
            "key revocation lists: need the program ssh-keygen", cure="Install the OpenSSH client on this host."
        ) from None


def _last_line(completed: Completed) -> str:
    lines = (completed.err or completed.out).strip().splitlines()
    return lines[-1] if lines else "it gave no reason"
