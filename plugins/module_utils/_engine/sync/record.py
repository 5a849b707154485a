# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record: the proven digests of one pair of trees, kept between runs in `state_dir`, in a file for each side.

A digest is valid while size and mtime match the record; on this host's side change time and inode too, if the file
system keeps them. A file that changes twice within one step of its file system's clock has the same time for both, so a
file is recorded only if that time is clearly before the moment it was hashed (git calls the others racily clean): by
20 ms if the time has a fraction of a second, by 2 s if it has none, by the clock of its side as far as the lock file
showed it. An mtime in the future is not trusted either, unless it is ahead by more than a day: no clock is that wrong,
so it was set.

The name of a file is made of words of the task: no server can hide a record, or let files pile up here. In each file
are the two directories to which src and dest led. A record that is lost, truncated, of other directories, of another
version or writable for other users costs only time; so does a record in a directory of another user. A manifest that a
former version wrote is read until the next record is written; files that have its names, which are made of the two
directories, get the names of this version. The state directory has mode 0700.

Small records, of properties of a server, are manifests.

As a lost record costs only time, it is not written by `system/durable_files`: fsync(2) would cost time in every run.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from functools import partial
from typing import AbstractSet, BinaryIO, Callable, Iterable, Iterator, List, Optional, Tuple, TypeVar
from weakref import finalize

from ..integrity.digest import UnusableManifest
from ..integrity.tree_record import TreeRecord, from_manifest, write_tree_record
from ..model.display import display
from ..model.relpath import RelPath
from ..model.request import SyncRequest, spelled
from ..model.tree import FILE, STAMP, Digests, Entry, Stamps, Tree

LOCAL = "local"
PEER = "peer"

TREE = b"tree"
DELTA = b"delta"
RESPELLED = b"respelled"
UNKEPT = b"unkept"
"""A text, see delta_proofs."""
MANIFEST = b"mtree"
"""Of small records; former versions recorded trees in this form too."""
FORMER = (MANIFEST, b"compiled")
BUFFER = 1 << 18
_SEAL = 65
"""Bytes of the last line of such a text."""

Found = TypeVar("Found")

SECOND = 1_000_000_000
DAY = 86400 * SECOND
FINE_MARGIN = 20_000_000
COARSE_MARGIN = 2 * SECOND


class Record:
    """The record of one pair of trees. Close it at the end.

    name: of its files, 64 hexadecimal digits
    about: stands for the two directories, 64 hexadecimal digits
    is_former: whether a record of a former version was read, which is slow
    notes: why a record could not be read or written, in words
    """

    def __init__(self, directory: bytes, name: bytes, run_id: str, about: bytes = b"") -> None:
        self._directory = directory
        self._start = name[:32]
        self.about = about or name
        self._run_id = run_id
        self.is_former = False
        self._closers: List[Callable[[], object]] = []
        self.notes: List[str] = []

    @classmethod
    def of(cls, request: SyncRequest, *, local_root: bytes, peer_root: bytes, file: bytes = b"") -> Record:
        """Return the record of this pair. Roots are canonical; file: the name of the single file, if the run is about
        one. The direction is not part of it: a proof from a push is valid for a pull."""
        name, about = _named(request, local_root, peer_root, file, (*request.include, "", *request.exclude))
        record = cls(request.state_dir, name, request.run_id, about)
        record._adopt(about[:32], check_mode=request.check_mode)
        return record

    @classmethod
    def of_deliveries(
        cls, request: SyncRequest, *, local_root: bytes, peer_root: bytes, file: bytes
    ) -> Tuple[str, str]:
        """Return the name of the record of deliveries of this pair, and its name in a former version. Filters are not
        part of them."""
        both = _named(request, local_root, peer_root, file, ("", "deliveries", request.direction))
        return both[0][:32].decode(), both[1][:32].decode()

    def _adopt(self, former: bytes, *, check_mode: bool) -> None:
        """Give the files of a former version their new names, unless there are such files."""
        if self._is_kept(self._start) or not self._is_kept(former):
            return
        if check_mode:
            self._start = former
            return
        with suppress(OSError, UnusableManifest), _private_directory(self._directory) as directory:
            for name in map(os.fsencode, os.listdir(directory)):
                if name.startswith(former + b"."):
                    os.rename(name, self._start + name[len(former) :], src_dir_fd=directory, dst_dir_fd=directory)

    def _is_kept(self, start: bytes) -> bool:
        """Return whether there is a record whose names begin so."""
        return any(
            os.path.lexists(os.path.join(self._directory, start + end)) for end in (b".local.tree", b".local.mtree")
        )

    def digests(self, side: str, tree: Tree, stamps: Optional[Stamps] = None) -> Digests:
        """Return the digests recorded of `side`, as far as `tree` shows the files as they were then, and their
        `stamps`, where the side has any."""
        from ..integrity.manifest import recorded_digests  # pylint: disable=import-outside-toplevel

        before = len(self._closers)
        found = self.open_tree(side)
        digests = {} if found is None else recorded_digests(found.files(), tree, stamps)
        self._close_after(before)
        return digests

    def open_tree(self, side: str) -> Optional[TreeRecord]:
        """Return the record of the tree of `side`; None if there is no valid record."""
        return self._reading(partial(self._open_tree, side=side))

    def _open_tree(self, directory: int, side: str) -> TreeRecord:
        about = self._about(side)
        try:
            file = _open_private(self._name(side, TREE), directory)
        except FileNotFoundError:
            manifest = self._manifest(directory, side)
            self.is_former = True
            return from_manifest(manifest, about)
        with file:
            descriptor = os.dup(file.fileno())
        reader = os.fdopen(descriptor, "rb", BUFFER, closefd=False)
        # A run that is interrupted closes it too.
        self._closers.append(finalize(reader, os.close, descriptor))
        return TreeRecord(reader, about, os.fstat(descriptor).st_size)

    def close(self) -> None:
        """Close the records of trees: no digest can be looked up any more."""
        self._close_after(0)

    def _close_after(self, count: int) -> None:
        while len(self._closers) > count:
            self._closers.pop()()

    def save_tree(
        self, side: str, tree: Tree, digests: Digests, stamp_of: Optional[Callable[[bytes], Optional[bytes]]] = None
    ) -> None:
        """Write the record of one side, atomically. An error becomes a note. stamp_of: None if stamps do not count."""

        def write(file: BinaryIO) -> None:
            write_tree_record(file, self._about(side), tree, digests, stamp_of)

        def replace(directory: int) -> None:
            self._replace(directory, self._name(side, TREE), write)
            for form in FORMER:
                _unlink(self._name(side, form), directory)

        self._writing(replace)

    def load(self, side: str) -> AbstractSet[RelPath]:
        """Return the names in the small record `side`; empty if there is no valid record."""
        return self._reading(partial(self._load, side=side)) or frozenset()

    def _load(self, directory: int, side: str) -> AbstractSet[RelPath]:
        manifest = self._manifest(directory, side)
        from ..integrity.manifest import read_manifest  # pylint: disable=import-outside-toplevel

        return read_manifest(manifest).keys()

    def _manifest(self, directory: int, side: str) -> bytes:
        with _open_private(self._name(side, MANIFEST), directory) as manifest:
            # Most runs have no small records.
            from ..integrity.manifest import is_about, manifest_head  # pylint: disable=import-outside-toplevel

            if not is_about(os.pread(manifest.fileno(), len(manifest_head(self._about(side))), 0), self._about(side)):
                raise UnusableManifest("it belongs to another pair of trees")
            return manifest.read()

    def save(self, side: str, names: Iterable[bytes]) -> None:
        """Write names as the small record `side`, of empty files, atomically. An error becomes a note."""
        from ..integrity.manifest import write_manifest  # pylint: disable=import-outside-toplevel

        tree = dict.fromkeys(map(RelPath, names), Entry(FILE, 0, 0, 0o600))
        text = write_manifest(tree, dict.fromkeys(tree, hashlib.sha256().digest()), about=self._about(side))
        self._writing(partial(self._replace, name=self._name(side, MANIFEST), write=lambda file: file.write(text)))

    def _reading(self, read: Callable[[int], Found]) -> Optional[Found]:
        """Return the result of `read` with a descriptor of the directory; None if that fails."""
        try:
            with _private_directory(self._directory) as directory:
                return read(directory)
        except FileNotFoundError:
            return None
        except (OSError, UnusableManifest) as error:
            self._note(f"the record of proven digests is not used: {getattr(error, 'strerror', None) or error}")
            return None

    def _writing(self, write: Callable[[int], None]) -> None:
        """Call `write` with a descriptor of the directory. An error becomes a note."""
        try:
            os.makedirs(self._directory, 0o700, exist_ok=True)
            with _private_directory(self._directory) as directory:
                write(directory)
        except (OSError, UnusableManifest) as error:
            self._note(f"the proven digests could not be recorded: {getattr(error, 'strerror', None) or error}")

    def has_text(self, form: bytes) -> bool:
        """Return whether a text is kept with the record, perhaps an unusable text."""
        return os.path.lexists(os.path.join(os.fsencode(self._directory), self._name(LOCAL, form)))

    def load_text(self, form: bytes) -> bytes:
        """Return a text that is kept with the record; b"" if there is none. Raises UnusableManifest."""
        try:
            with _private_directory(self._directory) as held, _open_private(self._name(LOCAL, form), held) as file:
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise UnusableManifest(error.strerror or str(error)) from error

    def save_text(self, form: bytes, text: bytes) -> None:
        """Keep a text with the record, atomically. Raises OSError, UnusableManifest."""
        os.makedirs(self._directory, 0o700, exist_ok=True)
        with _private_directory(self._directory) as directory:
            self._replace(directory, self._name(LOCAL, form), lambda file: file.write(text))

    def hold(self, form: bytes) -> Callable[[], None]:
        """Lock a file, also against runs in other containers; return a function that releases it. Raises OSError,
        UnusableManifest; BlockingIOError if another run has it."""
        from ..system.lock_file import opened_lock_file  # pylint: disable=import-outside-toplevel

        os.makedirs(self._directory, 0o700, exist_ok=True)
        with _private_directory(self._directory) as directory:
            descriptor = opened_lock_file(os.fsdecode(self._name(LOCAL, form)), directory=directory)
        release = finalize(self, os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return release

    def load_lines(self, form: bytes) -> List[bytes]:
        """Return the lines of a text that ends in the SHA-256 of all lines. Raises UnusableManifest."""
        text = self.load_text(form)
        body, seal = text[:-_SEAL], text[-_SEAL:]
        if (body or seal) and (not body.endswith(b"\n") or _sealed(body) != seal):
            raise UnusableManifest("it is truncated or changed")
        return body.splitlines()

    def save_lines(self, form: bytes, lines: Iterable[bytes]) -> None:
        """Keep lines as such a text; without lines, remove it. Raises OSError, UnusableManifest."""
        body = b"".join(b"%s\n" % line for line in lines)
        if body:
            self.save_text(form, body + _sealed(body))
        else:
            self.forget_texts([form])

    def forget_texts(self, forms: Iterable[bytes]) -> None:
        """Remove texts that are kept with the record. Those that stay cost only time."""
        with suppress(OSError, UnusableManifest), _private_directory(self._directory) as directory:
            for form in forms:
                _unlink(self._name(LOCAL, form), directory)

    def trim_texts(self, form: bytes, most: int) -> None:
        """Remove the oldest texts whose form begins with `form`, so that the others have `most` bytes together."""
        start = self._name(LOCAL, form)
        with suppress(OSError, UnusableManifest), _private_directory(self._directory) as directory:
            names = [name for name in map(os.fsencode, os.listdir(directory)) if name.startswith(start)]
            found = [(os.stat(name, dir_fd=directory, follow_symlinks=False), name) for name in names]
            for status, name in sorted(found, key=lambda each: each[0].st_mtime_ns, reverse=True):
                most -= status.st_size
                if most < 0:
                    _unlink(name, directory)

    def _replace(self, directory: int, name: bytes, write: Callable[[BinaryIO], object]) -> None:
        temporary = name + b"." + self._run_id.encode()
        try:
            _write_private(temporary, write, directory)
            os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            _unlink(temporary, directory)
            raise

    def _name(self, side: str, form: bytes) -> bytes:
        return b"%s.%s.%s" % (self._start, side.encode(), form)

    def _about(self, side: str) -> bytes:
        return b"%s-%s" % (self.about, side.encode())

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _named(
    request: SyncRequest, local_root: bytes, peer_root: bytes, file: bytes, view: Tuple[str, ...]
) -> Tuple[bytes, bytes]:
    """Return the name by which a record is found, and the word for the two directories."""
    words = tuple(word.encode("utf-8", "surrogateescape") for word in view)
    one = b"file" if file else b""
    name = (b"of", *request.place, spelled(request.local_root), one, *words)
    about = (*request.endpoint.former_account, peer_root, local_root, file, *words)
    return _hexadecimal(name), _hexadecimal(about)


def _sealed(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n"


def _hexadecimal(words: Tuple[bytes, ...]) -> bytes:
    return hashlib.sha256(b"\0".join(words)).hexdigest().encode()


def unsettled(tree: Tree, paths: Iterable[RelPath], now: int) -> Iterator[RelPath]:
    """Yield the `paths` whose recorded mtime a later change can repeat, and those that are no files; now: nanoseconds,
    the side's clock before they were hashed."""
    for path in paths:
        entry = tree.get(path)
        if entry is None or entry.kind != FILE or not is_settled(entry.mtime, now):
            yield path


def unsettled_stamps(stamps: Stamps, paths: Iterable[RelPath], now: int) -> Iterator[RelPath]:
    """Yield unsettled paths, like `unsettled`, by the change times in `stamps`."""
    for path in paths:
        stamp = stamps.get(path)
        changed = now if stamp is None else STAMP.unpack(stamp)[0]
        if changed >= now or not is_settled(changed, now):
            yield path


def is_settled(mtime: int, now: int) -> bool:
    """Return whether a file with this mtime that changes after `now` gets another mtime; nanoseconds, same clock."""
    margin = FINE_MARGIN if mtime % SECOND else COARSE_MARGIN
    return mtime < now - margin or mtime > now + DAY


@contextmanager
def _private_directory(path: bytes) -> Iterator[int]:
    """Yield a descriptor of a directory that only this user can change. Raises OSError, UnusableManifest."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _is_open_to_others(os.fstat(descriptor)):
            raise UnusableManifest(f"state_dir: others can write to {display(path)}")
        yield descriptor
    finally:
        os.close(descriptor)


def _open_private(name: bytes, directory: int) -> BinaryIO:
    """Open a regular file that only this user can change. Raises OSError, UnusableManifest."""
    # Without O_NONBLOCK, a fifo in its place would be waited for.
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and not _is_open_to_others(found):
        return os.fdopen(descriptor, "rb", BUFFER)
    os.close(descriptor)
    raise UnusableManifest("others can write to it" if stat.S_ISREG(found.st_mode) else "it is not a regular file")


def _is_open_to_others(found: os.stat_result) -> bool:
    return found.st_uid not in (0, os.geteuid()) or bool(found.st_mode & 0o022)


def _write_private(name: bytes, write: Callable[[BinaryIO], object], directory: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, 0o600, dir_fd=directory)
    with open(descriptor, "wb", BUFFER) as file:
        write(file)


def _unlink(name: bytes, directory: int) -> None:
    with suppress(OSError):
        os.unlink(name, dir_fd=directory)
