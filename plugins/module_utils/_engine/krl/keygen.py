# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of ssh-keygen for lists: make, extend, ask about keys, list. Each list is a file of a private directory.

ssh-keygen makes a list from texts (KEY REVOCATION LISTS in ssh-keygen(1)). Serial numbers and ids need the key of
their authority on the command line, so every authority has a text of its own. A list works if ssh-keygen answers
correctly about a revoked, an innocent and further keys.
"""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

from ..errors import ClientMissing, KrlDamaged, KrlEmpty, KrlIncomplete, KrlWrong, OperationFailed
from ..integrity.digest import sha256
from ..system.program import Completed, ask_program
from ..trust.fingerprint import PublicKey
from .entries import FINGERPRINT, INNOCENT, KEY, REVOKED, Revoked
from .listing import Listing, parse_listing

_SECONDS = 1800.0  # 100,000 entries take 10 s, and more on a loaded machine
_WORDS = {FINGERPRINT: "hash: %s\n", KEY: "%s\n", "serial": "serial: %s\n", "id": "id: %s\n"}


class KrlFile:
    """A list in a private directory of this run, for ssh-keygen. The directory gets further files."""

    def __init__(self, directory: str, content: bytes = b"") -> None:
        self._directory = directory
        self._path = self._write("list", content)

    def make(self, spec: Spec, version: int, comment: str = "") -> bytes:
        """Make the list of a spec and return its content. Raises OperationFailed, ClientMissing."""
        words = ["-z", f"{version}", "-C", comment or spec.comment]
        self._change([*words, self._write("keys", spec.keys.encode())])
        for key, text in spec.authorities:
            authority = self._write("authority.pub", key.encode() + b"\n")
            self._change(["-u", "-s", authority, self._write("certificates", text.encode())])
        return self.content

    def extend(self, keys: Iterable[PublicKey]) -> bytes:
        """Revoke further keys; version, date and comment stay. Return the content."""
        text = "".join(f"{key.text}\n" for key in keys)
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
                f"ssh-keygen makes no list: {_last_line(completed)}", cure="Check the OpenSSH client on this host."
            )

    def _ask(self, words: List[str]) -> Completed:
        completed = _ssh_keygen(["-Q", "-f", self._path, *words])
        if completed.status not in (0, 1):
            raise KrlDamaged(
                f"ssh-keygen cannot read the list: {_last_line(completed)}",
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


class Spec(NamedTuple):
    """keys: the text without an authority. authorities: key and text of each."""

    keys: str
    authorities: Tuple[Tuple[str, str], ...]

    @property
    def comment(self) -> str:
        """Return the digest of these texts for the comment of a list: it shows later whether it has these entries."""
        text = "\0".join([self.keys, *("%s\0%s" % each for each in self.authorities)])
        return f"sha256:{sha256(text.encode()).hexdigest()}"


def spec_of(entries: Iterable[Revoked]) -> Spec:
    """Return the texts of all entries, sorted; the revoked witness is always among them."""
    texts: Dict[str, List[str]] = {"": [_WORDS[KEY] % REVOKED.text]}
    for entry in sorted(set(entries)):
        texts.setdefault(entry.ca, []).append(_WORDS[entry.kind] % entry.value)
    return Spec("".join(texts.pop("")), tuple((ca, "".join(lines)) for ca, lines in sorted(texts.items())))


def require_working(file: KrlFile, keys: Iterable[PublicKey] = ()) -> None:
    """Raise KrlEmpty, KrlWrong, KrlIncomplete or KrlDamaged. keys: further keys that must be refused."""
    if not file.refuses(REVOKED):
        raise KrlEmpty(
            "the list does not revoke the key that every list of key_revocation_list revokes",
            cure="Make the list with key_revocation_list.",
        )
    if file.refuses(INNOCENT):
        raise KrlWrong("the list revokes a key that no list revokes", cure="Make the list with key_revocation_list.")
    for key in keys:
        if not file.refuses(key):
            raise KrlIncomplete(
                f"keys: the list does not revoke {key.fingerprint}", cure="Add the key with key_revocation_list."
            )
