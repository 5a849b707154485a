# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signed list of revoked keys on a server. Next to the file that sshd reads (PATH) stand, written by this room:

    PATH            the list that sshd reads: PATH.signed, and the keys of PATH.local
    PATH.signed     the list as the responder signed it, and PATH.signed.sig
    PATH.local      keys that only this server refuses, as lines

A server that had a file of lines keeps all its keys: the lines become PATH.local. So do keys that are revoked later on
this server alone, such as by a rotation.

1. Refuse a list that is damaged, has no valid signature, or is older than the present list.
2. Make the list for sshd. ssh-keygen must refuse the revoked witness, all local keys and the keys of the task, and
   accept the innocent witness.
3. Refuse a list that covers the key of this login. Refuse a list that lacks entries of PATH.signed, unless it was made
   from that list, by its history (`krl/history`): someone else made PATH.signed, or its directory was lost.
4. Refuse a list that lacks other entries of PATH: PATH.local was lost, or someone used ssh-keygen -k -u. PATH
   has the version and comment of its signed list, so the history cannot explain these entries.
5. Write the keys of this server first and the list for sshd next, so that no key is good in between.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from typing import List, NamedTuple, Optional, Tuple

from ...errors import KrlDamaged, KrlIncomplete, KrlRollback, KrlWrong, NotSupported
from ...krl.header import KrlHeader, read_header
from ...krl.history import history_of
from ...krl.keygen import KrlFile, require_working
from ...krl.listing import Listing
from ...signing.signature_check import SignaturePolicy, SignatureVerifier
from ...system.durable_files import put
from ...system.entries import text_of
from ...trust.fingerprint import PublicKey, parse_public_key
from ..server_files import KeyDirectory
from .key_lines import is_list, revoked_keys, with_revoked, without_revoked

_CHECK = "Check the OpenSSH client on this host."
SIGNED, SIGNATURE, LOCAL = ".signed", ".signed.sig", ".local"


class SignedList(NamedTuple):
    """A list, its signature and its history, as they came, and whose signature counts."""

    content: bytes
    signature: bytes
    policy: SignaturePolicy
    history: bytes = b""


class Installed(NamedTuple):
    """The present files of the server; None for a missing file. name: of the file that sshd reads."""

    name: str
    main: Optional[bytes]
    signed: Optional[bytes]
    local: Optional[bytes]

    @classmethod
    def of(cls, directory: KeyDirectory, name: str) -> Installed:
        """Read the files. Raises UnsafePath."""
        return cls(name, *(directory.read(name + end) for end in ("", SIGNED, LOCAL)))

    @property
    def is_list(self) -> bool:
        """Return whether sshd reads a list, not lines."""
        return is_list(self.main or b"")


class NewList(NamedTuple):
    """The files to write, and the contents of the list for sshd.

    local: None for no file
    header: of the signed list
    """

    main: bytes
    signed: bytes
    signature: Optional[bytes]
    local: Optional[bytes]
    header: KrlHeader
    listing: Listing

    @property
    def local_keys(self) -> int:
        """Return the number of keys that only this server refuses."""
        return len(revoked_keys(self.local or b""))

    def write(self, directory: KeyDirectory, name: str) -> None:
        """Replace the files, in an order in which no key is good in between."""
        if self.local is not None:
            directory.keep(name + LOCAL, self.local)
        directory.keep(name, self.main, words=_words)
        directory.keep(name + SIGNED, self.signed, words=_words)
        if self.signature is not None:
            directory.keep(name + SIGNATURE, self.signature)


def planned(given: SignedList, installed: Installed, keys: Tuple[PublicKey, ...]) -> NewList:
    """Return the files for a list. Raises KrlDamaged, KrlEmpty, KrlIncomplete, KrlRollback and the errors of a
    signature."""
    header = read_header(given.content, "list:")
    with tempfile.TemporaryDirectory(prefix="krl-") as scratch:
        _verify(given, scratch)
        _require_newer(header, given.content, installed)
        local = _kept_lines(installed)
        found = _for_sshd(given.content, local or b"", keys, scratch)
        if found[0] != installed.main:
            known = _with_removed(given, header, installed, found[1], scratch)
            _require_kept(installed, known, scratch)
    return NewList(found[0], given.content, given.signature, local, header, found[1])


def local_change(installed: Installed, keys: Tuple[PublicKey, ...], *, absent: bool = False) -> NewList:
    """Return the files after keys were added to PATH.local, or removed from it.

    The list that sshd reads is extended, so that no key becomes good. It is made from the signed list if keys are
    removed, or if sshd cannot read it.

    Raises NotSupported, KrlDamaged, KrlIncomplete.
    """
    if installed.signed is None:
        raise NotSupported(
            "the file of revoked keys is a key revocation list that key_revocation did not write",
            cure="Add the key with ssh-keygen -k -u, or install a signed list with format: krl.",
        )
    lines = (without_revoked if absent else with_revoked)(installed.local or b"", keys)
    local = lines if revoked_keys(lines) or installed.local is not None else None
    with tempfile.TemporaryDirectory(prefix="krl-") as scratch:
        base = _signed(installed) if absent or _listing(installed.main, scratch) is None else installed.main or b""
        main, listing = _for_sshd(base, lines, (), scratch)
        if absent:
            _require_kept(installed, listing.with_hashes(key.fingerprint for key in keys), scratch)
    return NewList(main, installed.signed, None, local, read_header(base, installed.name), listing)


def _signed(installed: Installed) -> bytes:
    """Return the signed list. Raises KrlDamaged."""
    read_header(installed.signed or b"", installed.name + SIGNED)
    return installed.signed or b""


def _verify(given: SignedList, scratch: str) -> None:
    names = [f"{scratch}/{name}" for name in ("received", "received.sig")]
    for name, content in zip(names, given[:2]):
        put(name, content, 0o600)
    SignatureVerifier(given.policy, scratch).verify(*names)


def _require_newer(header: KrlHeader, content: bytes, installed: Installed) -> None:
    """Refuse an older list, and another list of the same version."""
    present = _present(installed)
    if present is None or header.version > present.version:
        return
    if header.version < present.version:
        raise KrlRollback(
            f"the list has the version {header.version}, and version {present.version} is installed",
            cure="Find out who offers an old list. If its source was lost, make "
            f"it with min_version: {present.version + 1}.",
        )
    if installed.signed != content and not _is_unfinished(installed):
        raise KrlRollback(
            f"another list with the version {header.version} is installed",
            cure=f"Find out who else signs lists, then make a list with min_version: {header.version + 1}.",
        )


def _is_unfinished(installed: Installed) -> bool:
    """Return whether a killed run wrote the list for sshd, and not yet the signed list."""
    return installed.signed is None or _version(installed.signed) != _version(installed.main)


def _present(installed: Installed) -> Optional[KrlHeader]:
    """Return the header of the newest list of this server; None for lines, and for lists that cannot be read."""
    return max((read_header(content, installed.name) for content in _lists(installed)), default=None)


def _lists(installed: Installed) -> List[bytes]:
    """Return the lists of this server that can be read: sshd refuses every key until there is a whole list."""
    found = []
    for content in filter(None, (installed.main if installed.is_list else None, installed.signed)):
        with suppress(KrlDamaged):
            read_header(content, installed.name)
            found.append(content)
    return found


def _is_whole(content: Optional[bytes]) -> bool:
    return _version(content) >= 0


def _version(content: Optional[bytes]) -> int:
    try:
        return read_header(content or b"", "").version
    except KrlDamaged:
        return -1


def _kept_lines(installed: Installed) -> Optional[bytes]:
    """Return the keys that this server refuses on its own; they include the keys of a file of lines."""
    main = installed.main or b""
    if installed.is_list or not revoked_keys(main):
        return installed.local
    return with_revoked(installed.local or main, _keys(main))


def _keys(lines: bytes) -> Tuple[PublicKey, ...]:
    return tuple(parse_public_key(*text.split()) for text in sorted(revoked_keys(lines)))


def _for_sshd(signed: bytes, local: bytes, keys: Tuple[PublicKey, ...], scratch: str) -> Tuple[bytes, Listing]:
    own = _keys(local)
    file = KrlFile(scratch, signed)
    content = file.extend(own)
    require_working(file, keys)
    listing = file.listing()
    for key in own:
        if not listing.covers(key.fingerprint):
            raise KrlWrong(f"ssh-keygen made a list without {key.fingerprint}", cure=_CHECK)
    return content, listing


def _with_removed(given: SignedList, header: KrlHeader, installed: Installed, new: Listing, scratch: str) -> Listing:
    """Return the entries of the new list, and those that the responder removed since PATH.signed. Raises KrlIncomplete
    if the new list was not made from PATH.signed, and lacks its entries."""
    former = _listing(installed.signed, scratch)
    if former is None:
        return new
    present = read_header(installed.signed or b"", installed.name)
    if history_of(header, given.history).has(present):
        return new.joined(former)
    fact = f"the installed list, version {present.version}, is not in the history of this list, and"
    cure = "If the directory of the list was lost or copied, decide which directory is valid."
    _require(former.missing_from(new), fact, cure)
    return new


def _require_kept(installed: Installed, known: Listing, scratch: str) -> None:
    """Raise KrlIncomplete if sshd refuses a key at present, and would accept it unasked."""
    present = _listing(installed.main, scratch)
    if present is not None:
        fact = f"{installed.name}, which sshd reads,"
        cure = "To make a key good, remove it with key_revocation, keys and state: absent."
        if installed.signed is None:
            cure = "They can be removed again, once a list is installed."
        _require(present.missing_from(known), fact, cure)


def _listing(content: Optional[bytes], scratch: str) -> Optional[Listing]:
    """Return the entries of a list; None for lines, and for a list that sshd cannot read: it refuses every key."""
    if _is_whole(content):
        with suppress(KrlDamaged):
            return KrlFile(scratch, content or b"").listing()
    return None


def _require(lost: List[str], fact: str, cure: str) -> None:
    if lost:
        raise KrlIncomplete(
            f"{fact} has {len(lost)} more {'entry' if len(lost) == 1 else 'entries'}, such as {lost[0]}",
            cure="Add them with key_revocation_list, which takes fingerprints, serials and ids. " + cure,
        )


def _words(content: bytes) -> str:
    """Return the content of a list for a report."""
    try:
        return read_header(content, "").words
    except KrlDamaged:
        return "damaged key revocation list" if is_list(content) else text_of(content)
