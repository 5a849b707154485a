# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest manifest of a signed set that this host has published or accepted, kept in `state_dir`.

It makes an older manifest visible, and a second manifest of the same number.

The name of the file is made of words of the task alone, which are in the file too (`of`). A former version had a path
in it that the server answered; such a file has no `of`.

A file is replaced as a whole. A file that others can write is not believed, and neither is a file in a directory that
others can write. The progress of rotating samples of a tree is kept in the same way: when each part was read last. If
it is lost, the rotation starts again.

`accept` decides whether a manifest with a valid signature may be taken by a reader now. A signature proves who signed,
not when it was served. An attacker at the server can serve an older manifest (rollback), go on serving the same
manifest (freeze), serve a second manifest of one number (fork), or serve the manifest of another tree of the same
signer. The rules are checked in a fixed order, so that each attack has its own error.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import (
    ManifestExpired,
    ManifestForeign,
    ManifestFork,
    ManifestMisnamed,
    ManifestNotYetValid,
    ManifestRollback,
    OperationFailed,
    SyncError,
)
from ..integrity.digest import sha256
from ..integrity.header import ManifestHeader
from ..model.utc import utc
from ..system.durable_files import replace
from ..system.root_owned_path import closing

PUBLISHED = b"published"
ACCEPTED = b"sets"
"""Directories of state files, for the sender and for the reader of a set."""
_TEXTS = ("tree", "digest", "content", "key")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LIMIT = 1 << 20
CLOCKS_APART = 300
"""Seconds by which the clock of the signer may be ahead of the reader's."""
_COMPROMISE = "Ask the sender; the server, or an account that can write there, may have put it there."


class SetState(NamedTuple):
    """The newest known manifest of a set.

    tree: 32 hexadecimal digits
    digest: SHA-256 of the manifest, 64 hexadecimal digits
    issued, first_seen, expires: seconds since 1970
    Of the sender alone: content: digest of SetContent; key: fingerprint; size and mtime (nanoseconds) of
    the manifest's file at the server
    """

    tree: str
    sequence: int
    digest: str
    issued: int
    first_seen: int
    expires: int = 0
    content: str = ""
    key: str = ""
    size: int = -1
    mtime: int = 0


_OPTIONAL: Dict[str, Any] = SetState._field_defaults
_KINDS = {name: str if name in _TEXTS else int for name in SetState._fields}


class StateFile:
    """The state of one set. state_dir: see SyncRequest. kind: PUBLISHED or ACCEPTED. words: of the task, which stand
    for the set. former: the words in the name of a former version."""

    def __init__(
        self, state_dir: bytes, kind: bytes, *words: bytes, former: Optional[Tuple[bytes, ...]] = None
    ) -> None:
        self._words = words
        self._file = PrivateFile(state_dir, kind, b"of", *words)
        self._former = None if former is None else PrivateFile(state_dir, kind, *former)
        self.note = ""
        """Why a state that is there was not used, in words."""

    def load(self) -> Optional[SetState]:
        """Return the state; None if there is none, or none that can be believed (see `note`)."""
        try:
            return _parse(self._file.read())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self.note = f"the state of the signed set is not used: {getattr(error, 'strerror', None) or error}"
            return None

    def load_former(self) -> Optional[SetState]:
        """Return the state that a former version kept under its name for the set."""
        with suppress(OSError, ValueError):
            return None if self._former is None else _parse(self._former.read())
        return None

    def newest_former(self, tree: str) -> Optional[SetState]:
        """Return the newest state of a tree that a former version kept. The server decided its name, and could hide
        a newer state by another name."""
        found: List[SetState] = []
        with suppress(OSError, ValueError):
            for content in self._file.every():
                with suppress(ValueError):
                    found.append(_parse(content, former=True))
        return max((each for each in found if each.tree == tree), key=lambda each: each.sequence, default=None)

    def forget_former(self) -> None:
        """Remove the state of a former version, so that it is continued once only."""
        with suppress(OSError):
            if self._former is not None:
                self._former.remove()

    def save(self, state: SetState) -> None:
        """Replace the state. Raises OperationFailed."""
        words = [word.decode("utf-8", "surrogateescape") for word in self._words]
        try:
            self._file.write(json.dumps({**state._asdict(), "of": words}, sort_keys=True).encode() + b"\n")
        except (OSError, ValueError) as error:
            raise OperationFailed(
                "state_dir: the state of the signed set cannot be written: "
                f"{getattr(error, 'strerror', None) or error}",
                cure="Make state_dir writable for the user that runs the task, and for no other.",
            ) from None


def _parse(content: bytes, *, former: bool = False) -> SetState:
    values: Dict[str, Any] = json.loads(content)
    values = {**_OPTIONAL, **values} if isinstance(values, dict) and not (former and "of" in values) else {}
    if any(not isinstance(values.get(name), kind) or isinstance(values[name], bool) for name, kind in _KINDS.items()):
        raise ValueError("it has not the expected fields")
    return SetState(**{name: values[name] for name in _KINDS})


class PrivateFile:
    """state_dir: see SyncRequest. kind: name of the directory. parts: stand for the file."""

    def __init__(self, state_dir: bytes, kind: bytes, *parts: bytes) -> None:
        self._parent = state_dir
        self._directory = os.path.join(state_dir, kind)
        self._name = sha256(b"\0".join(parts)).hexdigest() + ".json"

    def read(self) -> bytes:
        """Return the content. Raises OSError, ValueError."""
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            return _content(self._name, directory)

    def every(self) -> Iterator[bytes]:
        """Yield the content of each file of the kind that can be believed. Raises OSError, ValueError."""
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            for name in sorted(os.listdir(directory)):
                with suppress(OSError, ValueError):
                    yield _content(name, directory)

    def remove(self) -> None:
        """Remove the file. Raises OSError."""
        os.unlink(os.path.join(self._directory, os.fsencode(self._name)))

    def write(self, content: bytes) -> None:
        """Replace the file; it is on the disk at the return. Raises OSError, ValueError."""
        for each in (self._parent, self._directory):
            os.makedirs(each, 0o700, exist_ok=True)
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            replace(self._name, content, directory=directory, settle=lambda descriptor: None)


def _content(name: str, directory: int) -> bytes:
    with closing(os.open(name, _FILE, dir_fd=directory)) as descriptor:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        _require_private(status)
        return os.read(descriptor, _LIMIT)


def _require_private(status: os.stat_result) -> None:
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise ValueError("others can write to it")


class Rotation(NamedTuple):
    """tree: its id; run: number of the next check; read: for each part, the time when it was read last, or 0."""

    tree: str
    run: int
    read: List[int]

    @classmethod
    def of(cls, found: Optional[Rotation], tree: str, rotate: int) -> Rotation:
        """Return the rotation that continues `found`; a new rotation for another tree or number of parts."""
        if found is not None and found.tree == tree and len(found.read) == rotate:
            return found
        return cls(tree, 0, [0] * rotate)

    def after(self, now: int) -> Rotation:
        """Return the rotation after the part of this run was read."""
        slot = self.run % len(self.read)
        return Rotation(self.tree, self.run + 1, [*self.read[:slot], now, *self.read[slot + 1 :]])

    @property
    def since(self) -> Optional[int]:
        """Return the time since which every part was read; None if a part was never read."""
        return min(self.read) or None


class CoverageFile:
    """The file of one tree. words: of the task, which stand for it. former: the words in the name of a former
    version."""

    def __init__(self, state_dir: bytes, *words: bytes, former: Tuple[bytes, ...]) -> None:
        self._file = PrivateFile(state_dir, b"checks", b"of", *words)
        self._former = PrivateFile(state_dir, b"checks", *former)

    def load(self) -> Optional[Rotation]:
        """Return the rotation; None if there is none that can be believed."""
        for file in (self._file, self._former):
            try:
                return _parse_rotation(file.read())
            except FileNotFoundError:
                continue
            except (OSError, ValueError):
                break
        return None

    def save(self, rotation: Rotation) -> None:
        """Replace the file. Raises OSError, ValueError."""
        self._file.write(json.dumps(rotation._asdict(), sort_keys=True).encode() + b"\n")


def _parse_rotation(content: bytes) -> Rotation:
    values = json.loads(content)
    if not isinstance(values, dict) or values.keys() != set(Rotation._fields):
        raise ValueError("it has not the expected fields")
    tree, run, read = (values[name] for name in Rotation._fields)
    if not isinstance(tree, str) or not isinstance(read, list) or not read or not all(map(_is_count, [run, *read])):
        raise ValueError("it has not the expected fields")
    return Rotation(tree, run, read)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class FreshnessPolicy(NamedTuple):
    """The reader's demands.

    max_age: seconds since the manifest was issued
    min_sequence: the lowest acceptable number
    accept_tree: the tree to take, also if another was seen before
    """

    max_age: Optional[int] = None
    min_sequence: int = 1
    accept_tree: Optional[str] = None


def accept(
    header: ManifestHeader,
    *,
    number: int,
    digest: str,
    seen: Optional[SetState],
    policy: FreshnessPolicy,
    now: float,
) -> SetState:
    """Return the state after the manifest was accepted. Raises the error of the first rule that it breaks.

    number: in the name of the file
    digest: SHA-256 of the manifest, in hexadecimal digits
    seen: the newest manifest accepted before
    now: this host's clock, seconds since 1970
    """
    if header.sequence != number:
        raise ManifestMisnamed(
            f"the manifest with the name of number {number} is number {header.sequence}", cure=_COMPROMISE
        )
    known = _check_tree(header, seen, policy.accept_tree)
    _check_times(header, policy.max_age, now)
    if header.sequence < policy.min_sequence:
        raise ManifestRollback(
            f"the newest manifest is number {header.sequence}, and min_sequence is {policy.min_sequence}",
            cure=_COMPROMISE,
        )
    if known is not None:
        _check_order(header, digest, known)
        if known.digest == digest:
            return known
    return SetState(header.tree, header.sequence, digest, header.issued, int(now))


def _check_tree(header: ManifestHeader, seen: Optional[SetState], accept_tree: Optional[str]) -> Optional[SetState]:
    """Return the state that counts for this tree."""
    if seen is not None and seen.tree == header.tree:
        return seen
    wanted = accept_tree or (header.tree if seen is None else seen.tree)
    if header.tree != wanted:
        raise ManifestForeign(
            f"the manifest is for tree {header.tree}, expected is tree {wanted}",
            cure="Ask the sender. If the sender began a new tree, set accept_tree to its id.",
        )
    return None


def _check_times(header: ManifestHeader, max_age: Optional[int], now: float) -> None:
    if header.issued > now + CLOCKS_APART:
        raise ManifestNotYetValid(
            f"the manifest was issued at {utc(header.issued)}, and this host's clock is at {utc(now)}",
            cure="Set the clocks of both hosts (NTP).",
        )
    if header.expires <= now:
        raise ManifestExpired(
            f"the manifest expired at {utc(header.expires)}",
            cure="Ask the sender to push again; check this host's clock.",
        )
    if max_age is not None and header.issued < now - max_age:
        raise ManifestExpired(
            f"max_age: the manifest was issued at {utc(header.issued)}, more than {max_age} s ago",
            cure="Ask the sender to push again, or raise max_age.",
        )


def _check_order(header: ManifestHeader, digest: str, seen: SetState) -> None:
    """Refuse an order of manifests that one sender cannot have published."""
    if header.sequence < seen.sequence:
        raise ManifestRollback(
            f"the newest manifest is number {header.sequence}, and number {seen.sequence} was accepted before",
            cure=_COMPROMISE,
        )
    if header.sequence == seen.sequence and digest != seen.digest:
        raise _fork(f"another manifest with the number {seen.sequence} was accepted before")
    if header.sequence == seen.sequence + 1 and header.previous.hex() != seen.digest:
        raise _fork(f"manifest {header.sequence} does not follow the manifest {seen.sequence} that was accepted before")


def _fork(text: str) -> SyncError:
    return ManifestFork(
        text, cure="Ask the sender: a second host may sign with the same key, or the key may be stolen."
    )
