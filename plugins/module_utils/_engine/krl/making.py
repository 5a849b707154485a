# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KRL of a directory on the controller: revoked.yml, the next version of revoked.krl, and its signature.

1. Under a lock, read revoked.yml, and add or remove the entries of the task.
2. There is nothing to do if revoked.krl has exactly these entries and this history (by the comment in its header), a
   signature of this key, and less than half of its greatest age.
3. Otherwise make a list with the next version (by the header of the present list), and compare its contents with the
   source. ssh-keygen must refuse the revoked witness and accept the innocent witness.
4. Sign it. Only then replace the files: the source, the signature, the history (`history`), and the list last.

A run that is killed between leaves a signature that is not of the list. Hosts refuse such a pair and keep the list
that they have; the next run makes both.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager
from typing import Dict, Iterable, Iterator, NamedTuple, Optional, Tuple

from ..errors import InvalidRequest, KrlIncomplete, KrlWrong, OperationFailed
from ..model.display import display
from ..model.human import counted
from ..model.utc import utc
from ..signing.purpose import REVOCATIONS
from ..signing.signer import Signer
from ..system.durable_files import replace
from ..system.root_owned_path import closing
from ..system.run_lock import locked_directory
from .entries import Revoked
from .header import KrlHeader, read_header
from .history import HISTORY, History, comment_of, entries_of, history_of
from .keygen import KrlFile, require_working, spec_of
from .listing import listing_of
from .source import SOURCE, Entry, format_source, parse_source

LIST, SIGNATURE = "revoked.krl", "revoked.krl.sig"
_LOCK = ".revoked.krl.lock"
_CHECK = "Check the OpenSSH client on this host."
_CLOCKS_APART = 300
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
CREATED = "there was no list"


class ListRequest(NamedTuple):
    """A request.

    directory: absolute; it exists
    revoked: entries to add or, if `absent`, to remove
    by, reason: of new entries
    max_age: seconds; the list is made again after half of them
    min_version: the least version of a new list
    """

    directory: bytes
    revoked: Tuple[Revoked, ...]
    by: str
    reason: str
    max_age: float
    min_version: int = 1
    absent: bool = False
    check_mode: bool = False


class ListReport(NamedTuple):
    """The result.

    header: of the list; in check mode the version that a new list would have
    content: of the list; empty if check mode made none
    entries: their number
    why: the reason for a new list; "" if the present list stays
    before, after: text of the source
    """

    header: Optional[KrlHeader]
    content: bytes
    entries: int
    added: Tuple[Revoked, ...]
    removed: Tuple[Revoked, ...]
    why: str
    before: str
    after: str


class _Present(NamedTuple):
    """The files that are there; None for a missing file."""

    source: Optional[bytes]
    krl: Optional[bytes]
    signature: Optional[bytes]
    history: Optional[bytes]

    def lists(self, header: Optional[KrlHeader]) -> History:
        """Return the lists before the present list; none if the file was lost or belongs to another list."""
        return History() if header is None else history_of(header, self.history or b"")


def keep_list(asked: ListRequest, signer: Signer) -> ListReport:
    """Keep the list. Raises InvalidRequest, KrlDamaged, KrlWrong, SigningFailed, OperationFailed, Locked."""
    try:
        with locked_directory(asked.directory, _LOCK, "this list", check_mode=asked.check_mode) as directory:
            present = _Present(*(_read(directory, name) for name in (SOURCE, LIST, SIGNATURE, HISTORY)))
            return _keep(asked, signer, present, directory)
    except OSError as error:
        where = os.fsdecode(error.filename or b"") or display(asked.directory)
        raise OperationFailed(
            f"path: {where}: {error.strerror}", cure="Make the directory, writable for this user."
        ) from None


def _keep(asked: ListRequest, signer: Signer, present: _Present, directory: int) -> ListReport:
    before = "" if present.source is None else present.source.decode("utf-8", "surrogateescape")
    old = parse_source(before)
    new = _changed(asked, old)
    header = None if present.krl is None else read_header(present.krl, LIST)
    why = _why(asked, signer, present, header, spec_of(_revoked(new)).comment)
    report = ListReport(header, present.krl or b"", len(new), _less(new, old), _less(old, new), why, before, before)
    if not why:
        return report
    if present.krl is not None:
        _require_source_of(present.krl, old)
    version = asked.min_version if header is None else max(header.version + 1, asked.min_version)
    after = before if present.source is not None and new == old else format_source(new)
    history = History() if header is None else present.lists(header).with_list(header)
    made = b"" if asked.check_mode else _made(new, version, history)
    if made:
        _publish(directory, after, made, signer.sign(made, REVOCATIONS), history)
    planned = KrlHeader(version, int(time.time()), "")
    return report._replace(header=read_header(made, LIST) if made else planned, content=made, after=after)


def _require_source_of(present: bytes, old: Tuple[Entry, ...]) -> None:
    """Raise KrlIncomplete if the present list has entries that its source lacks: they would become good unasked."""
    with _scratch(present) as file:
        lost = file.listing().missing_from(listing_of(_revoked(old)))
    if lost:
        raise KrlIncomplete(
            f"{SOURCE}: lacks {counted(len(lost), 'entry', 'entries')} of {LIST}, such as {lost[0]}",
            cure=f"Restore {SOURCE}. To make a key good again, use state: absent.",
        )


def _changed(asked: ListRequest, old: Tuple[Entry, ...]) -> Tuple[Entry, ...]:
    """Return the entries after the task. Raises InvalidRequest without a reason for a new entry."""
    named = {each.identity: each for each in asked.revoked}
    if asked.absent:
        return tuple(entry for entry in old if entry.revoked.identity not in named)
    known = {entry.revoked.identity for entry in old}
    new = [each for identity, each in named.items() if identity not in known]
    if new and not asked.reason:
        raise InvalidRequest(
            f"reason: must not be empty, and {new[0].words} is new", cure="Set reason to one line for the record."
        )
    at = utc(time.time())
    return (*old, *(Entry(each, asked.by, at, asked.reason) for each in new))


def _why(asked: ListRequest, signer: Signer, present: _Present, header: Optional[KrlHeader], entries: str) -> str:
    """Return the reason for a new list; "" if the present list stays."""
    if header is None or present.krl is None:
        return CREATED
    if entries_of(header) != entries:
        return "the entries differ"
    if not present.lists(header).leads_to(header):
        return "the history is not of this list"
    if header.version < asked.min_version:
        return "the version is lower than min_version"
    if not -_CLOCKS_APART <= time.time() - header.date < asked.max_age / 2:
        return "half of max_age is over"
    mine = signer.open().fingerprint
    if present.signature is None or not signer.is_made_by(mine, present.krl, present.signature, REVOCATIONS):
        return "the signature is not of this list and this key"
    return ""


def _made(entries: Tuple[Entry, ...], version: int, history: History) -> bytes:
    """Return a new list that has exactly these entries. Raises KrlWrong, KrlEmpty, OperationFailed."""
    revoked = _revoked(entries)
    spec = spec_of(revoked)
    with _scratch() as file:
        content = file.make(spec, version, comment_of(spec.comment, history))
        made, wanted = file.listing(), listing_of(revoked)
        for each in (*wanted.missing_from(made), *made.missing_from(wanted)):
            raise KrlWrong(f"the list that ssh-keygen made differs from its source: {each}", cure=_CHECK)
        require_working(file)
    return content


def _revoked(entries: Iterable[Entry]) -> Tuple[Revoked, ...]:
    return tuple(entry.revoked for entry in entries)


@contextmanager
def _scratch(content: bytes = b"") -> Iterator[KrlFile]:
    with tempfile.TemporaryDirectory(prefix="krl-") as directory:
        yield KrlFile(directory, content)


def _less(entries: Iterable[Entry], others: Iterable[Entry]) -> Tuple[Revoked, ...]:
    there = {entry.revoked for entry in others}
    found: Dict[Revoked, None] = {entry.revoked: None for entry in entries if entry.revoked not in there}
    return tuple(found)


def _read(directory: int, name: str) -> Optional[bytes]:
    try:
        with closing(os.open(name, _FILE, dir_fd=directory)) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _publish(directory: int, source: str, made: bytes, signature: bytes, history: History) -> None:
    text = source.encode("utf-8", "surrogateescape")
    for name, content in ((SOURCE, text), (SIGNATURE, signature), (HISTORY, history.content), (LIST, made)):
        replace(name, content, directory=directory, settle=_readable, temporary=f".{name}.new")


def _readable(descriptor: int) -> None:
    os.fchmod(descriptor, 0o644)
