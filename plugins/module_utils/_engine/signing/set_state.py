# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest manifest of a signed set that this host has published or accepted, kept in `state_dir`.

It makes an older manifest visible, and a second manifest of the same number.

The name of the file is made of words of the task alone, which are in the file too (`of`). A former version had a path
in it that the server answered; such a file has no `of`.

A file is replaced as a whole. A file that others can write is not believed, and neither is a file in a directory that
others can write. The progress of rotating samples of a tree is kept in the same way: when each part was read last. If
it is lost, the rotation starts again.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..errors import OperationFailed
from ..integrity.digest import sha256
from ..system.durable_files import replace
from ..system.root_owned_path import closing

PUBLISHED = b"published"
ACCEPTED = b"sets"
"""Directories of state files, for the sender and for the reader of a set."""
_TEXTS = ("tree", "digest", "content", "key")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LIMIT = 1 << 20


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
