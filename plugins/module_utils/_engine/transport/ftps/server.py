# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server: the known properties of one FTPS server, such as its umask, and of the tree on it; all sessions share it.

A server may take names for other names: an operation on such a name would reach another file. Only a run with such
names asks. Two refusals are read: a refusal that repeats the path shows its altered form. ftp-srv drops quotation marks
and short options, and takes a backslash for a slash; pyftpdlib changes names that are not UTF-8. ProFTPD, which has
MFF, drops blanks at the end.
"""

from __future__ import annotations

import re
import threading
from typing import Callable, Iterable, List, NamedTuple, Optional, Set, Tuple

from ...errors import NotSupported, OperationFailed, PermissionDenied, ProtocolViolation
from ...ftps.replies import Features, Reply, item_error
from ...ftps.session import FtpsSession
from ...model.display import display
from ...model.relpath import RelPath
from ...model.report import Fallback

Command = Tuple[bytes, bytes]
"""A verb and its argument."""

WIDE_UMASK = "the server applies its own umask to new files: others may be able to read them until their mode is set"
NO_MODES = "the server refuses to set modes (SITE CHMOD: %s): files and directories keep the modes that it sets"
NO_DIRECTORY_TIMES = Fallback("the server does not report or set the mtimes of directories: they are not synchronized")
NOT_EXCLUSIVE = "the server accepts MKD for existing directories: the lock does not exclude other runs"
UNGUARDED = (
    "the lock stops a later run, but not a run that begins at the same moment, because it is made without a guard "
    "directory, which the account could not remove: the server refuses RMD: %s"
)
ALTERED_NAMES = "the server takes some names for others, so they are refused: it %s"
LISTED_BY_LIST = Fallback("the server has no MLSD: the tree is read by LIST, the mtimes of files by MDTM")

_NEEDED = (b"type", b"size", b"modify", b"unix.mode")
_MARK = b"secure_sync-no-such-name"
_SUSPECT = re.compile(rb'["\\\x80-\xff]| -')


class Server:
    """root: the tree's root as given by the operator, a relative path from the login directory."""

    def __init__(self, root: bytes) -> None:
        self._asked_root = root
        self._prepared = False
        self._home = b"/"
        self._preparing = threading.Lock()
        self.root = root
        self.features = Features()
        self.met = False
        """Whether a login has succeeded: the port is right."""
        self.notes: List[str] = []
        self.private: Optional[bool] = None
        """Whether new files are 0600 and new directories 0700 by themselves; None: not known yet."""
        self.sets_modes = True
        self.has_set_mode = False
        """Whether a mode was set: then a refusal is for one entry."""
        self.makes_twice: Optional[bool] = None
        """Whether MKD is no refusal where the directory is there already; None: not known yet."""
        self.removes_directories: Optional[bool] = None
        """Whether the account may remove directories; None: not known yet."""
        self.names_itself = False
        """Whether "." was in a listing by LIST."""
        self.refuses_lists: Optional[bool] = None
        """Whether LIST of a missing directory is refused; None: not known yet."""
        self._alterations: Optional[Tuple[Alteration, ...]] = None
        """The ways in which the server alters names; None: not known yet."""
        self.directories: Set[RelPath] = set()
        """Those that were listed or made, where their mtimes cannot be set."""

    # at login

    def prepare(self, session: FtpsSession) -> None:
        """Set up each new session; the first also finds the login directory."""
        with self._preparing:
            if not self._prepared:
                self.features = session.features
                self._home = working_directory(session)
                self.root = joined(self._home, self._asked_root)
                if self.features.has(b"MFF"):
                    self._alterations = (BLANKS_AT_THE_END,)
                if not self.has_mlst:
                    self.note(LISTED_BY_LIST)
                    self.note(NO_DIRECTORY_TIMES)
                self._prepared = True
        umask = session.call(b"SITE", b"UMASK 077")
        if umask.good:
            self.private = True
        elif self.private:
            self.private = None
        if b"SHA-256" in session.features.hashes:
            session.call(b"OPTS", b"HASH SHA-256")
        asked = self._facts_to_ask_for(session.features)
        if asked:
            session.call(b"OPTS", b"MLST " + asked)

    def _facts_to_ask_for(self, features: Features) -> bytes:
        """Return the argument of OPTS MLST (RFC 3659 section 7.9), b"" if the server's default facts are enough."""
        active = features.active_facts
        missing = [fact for fact in _NEEDED if fact in features.facts and fact not in active]
        return b"".join(fact + b";" for fact in (*active, *missing)) if self.has_mlst and missing else b""

    def move_root(self, root: bytes) -> None:
        """Use another root from now on."""
        with self._preparing:
            self._asked_root = root
            self.root = joined(self._home, root) if self._prepared else root
            self.directories.clear()

    def note(self, note: str) -> None:
        """Add a fallback to the notes of the result."""
        if note not in self.notes:
            self.notes.append(note)

    # capabilities

    @property
    def has_mlst(self) -> bool:
        """Return whether MLSD and MLST report the facts that a tree needs."""
        facts = self.features.facts
        return b"type" in facts and b"modify" in facts and b"size" in facts

    @property
    def hides_kinds(self) -> bool:
        """Return whether MLSD may report a fifo or a device as an empty file, as ProFTPD does. "sizd" identifies it."""
        return self.has_mlst and b"sizd" not in self.features.facts

    @property
    def tells_modes(self) -> bool:
        return not self.has_mlst or b"unix.mode" in self.features.facts

    # names

    def acknowledges_twice(self, session: FtpsSession, existing: bytes) -> bool:
        """Return whether MKD acknowledges a directory that exists; ask once, with the path of one that does."""
        if self.makes_twice is None:
            self.makes_twice = session.call(b"MKD", existing).good
            if self.makes_twice:
                self.note(NOT_EXCLUSIVE)
        return self.makes_twice

    def may_remove(self, session: FtpsSession, missing: bytes) -> bool:
        """Return whether the account may remove directories; ask once, with a path at which nothing is."""
        if self.removes_directories is None:
            reply = session.call(b"RMD", missing)
            self.removes_directories = True
            if reply.refused and isinstance(item_error(reply, missing), (NotSupported, PermissionDenied)):
                self.directories_stay(reply)
        return self.removes_directories

    def directories_stay(self, refusal: Reply, left: bytes = b"") -> None:
        """Take note that the account may not remove directories. left: a guard that stays."""
        self.removes_directories = False
        self.note(UNGUARDED % refusal.text)
        if left:
            self.note(f"the guard directory '{display(left)}' could not be removed")

    def full(self, path: RelPath) -> bytes:
        """Return the absolute path of an entry."""
        return joined(self.root, path) if path else self.root

    def unsettled(self, paths: Iterable[bytes]) -> bool:
        """Return whether the server must be asked about one of these names."""
        return self._alterations is None and any(map(is_unusual, paths))

    def alterations(self, session: Optional[FtpsSession] = None) -> Tuple[Alteration, ...]:
        """Return the ways in which the server alters names. session: to ask the server, for unusual names."""
        if self._alterations is None and session is not None:
            self._alterations = found_out(session)
            if self._alterations:
                self.note(ALTERED_NAMES % "; ".join(each.words for each in self._alterations))
        return self._alterations or ()

    # commands

    def chmod(self, path: RelPath, mode: int) -> Command:
        return b"SITE", b"CHMOD %o %s" % (mode, self.full(path))

    def modes_refused(self, reply: Reply) -> bool:
        """Return whether the reply for an entry of our own shows that the server sets no modes, and take note.

        pure-ftpd gives no reason.
        """
        if (
            self.has_set_mode
            or reply.code < 500
            or not isinstance(item_error(reply), (NotSupported, OperationFailed, PermissionDenied))
        ):
            return False
        if self.sets_modes:
            self.note(NO_MODES % reply.text)
        self.sets_modes = False
        return True


def entered(session: FtpsSession, *paths: bytes) -> List[Reply]:
    """Return CWD's replies. The session goes back: pure-ftpd ends a session whose working directory was removed."""
    return list(session.call_many([*((b"CWD", path) for path in paths), (b"CWD", b"/")]))[:-1]


def joined(directory: bytes, name: bytes) -> bytes:
    """`name` as it is meant in `directory`: as it is, where it is absolute."""
    if name.startswith(b"/"):
        return name
    return directory + name if directory.endswith(b"/") else directory + b"/" + name


def split(path: bytes) -> Tuple[bytes, bytes]:
    """Parent and last name of an absolute path."""
    parent, _slash, name = path.rstrip(b"/").rpartition(b"/")
    return parent or b"/", name


def working_directory(session: FtpsSession) -> bytes:
    """PWD's answer: 257 "/a ""quoted"" path" (RFC 959 appendix II). Raises ProtocolViolation."""
    reply = session.call(b"PWD")
    if not reply.good:
        raise item_error(reply)
    text = b"\n".join(reply.lines)
    begin, end = text.find(b'"'), text.rfind(b'"')
    path = text[begin + 1 : end].replace(b'""', b'"')
    if begin < 0 or not path.startswith(b"/"):
        raise ProtocolViolation(f"the server's answer to PWD is malformed: {reply.text}")
    return path


class Alteration(NamedTuple):
    """One way in which a server alters names.

    affects: whether a path is affected
    sample: a part of such a path
    words: the alteration, for people
    """

    affects: Callable[[bytes], object]
    sample: bytes
    words: str


def _not_utf8(path: bytes) -> bool:
    return path.decode("utf-8", "replace").encode() != path


BLANKS_AT_THE_END = Alteration(re.compile(rb"[ \t]\Z").search, b"", "drops the blanks at the end of a name")
_POSSIBLE = (
    Alteration(re.compile(rb'"').search, b'1"2', "drops quotation marks in names"),
    Alteration(re.compile(rb"\\").search, b"3\\4", "takes a backslash in a name for another character"),
    Alteration(re.compile(rb" -\w( |\Z)").search, b"5 -x 6", "takes a part of a name for an option"),
    Alteration(_not_utf8, b"7\xfe8", "changes names that are not UTF-8"),
)
_PATH = b"/." + _MARK + b"-" + b"-".join(each.sample for each in _POSSIBLE)


def is_unusual(path: bytes) -> bool:
    """Return whether a server may alter this path."""
    return _SUSPECT.search(path) is not None and any(each.affects(path) for each in _POSSIBLE)


def found_out(session: FtpsSession) -> Tuple[Alteration, ...]:
    """Return the server's alterations of names, from its refusals of a name that does not exist."""
    return shown_by(session.call_many([(b"CWD", _PATH), (b"SIZE", _PATH)]))


def shown_by(refusals: Iterable[Reply]) -> Tuple[Alteration, ...]:
    """Return the alterations in refusals; none where they do not repeat the path."""
    texts = [b" ".join(each.lines) for each in refusals]
    repeated = [text for text in texts if _MARK in text]
    return tuple(each for each in _POSSIBLE if any(each.sample not in text for text in repeated))
