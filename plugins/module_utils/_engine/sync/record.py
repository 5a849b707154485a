# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record: the proven digests of one pair of trees, kept between runs as two manifests in `state_dir`.

A digest counts while size and mtime are the recorded ones. A file that changes twice within one step of its file
system's clock shows the same mtime for both, so a file is only recorded when its mtime lies clearly before the
moment it was hashed (git calls the others racily clean): by 20 ms where the mtime has a fraction of a second, by 2 s
where it has none, in the clock of the side that it lies on as far as the lock file told it. An mtime in the future
is not trusted either, unless by more than a day: no clock is that wrong, so it was set.

Beside each manifest lies the same in a compiled form, which is read faster and counts only beside that manifest.
A record that is lost, cut, foreign or open to other users costs time and nothing else. The state directory is 0700.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from typing import BinaryIO, Iterable, List, NamedTuple, Optional, Tuple

from ..integrity.compiled_manifest import compile_manifest, read_compiled
from ..integrity.manifest import (
    SEAL_LENGTH,
    RecordedFile,
    UnusableManifest,
    parse_seal,
    read_manifest,
    recorded_digests,
    write_manifest,
)
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import FILE, Digests, Tree

__all__ = ["LOCAL", "PEER", "Record", "is_settled", "settled"]

LOCAL = "local"
PEER = "peer"

MANIFEST = b"mtree"
COMPILED = b"compiled"

SECOND = 1_000_000_000
DAY = 86400 * SECOND
FINE_MARGIN = 20_000_000
COARSE_MARGIN = 2 * SECOND


class _Key(NamedTuple):
    """What a record is about. The direction is not part of it: what was proven on a push counts on a pull."""

    protocol: str
    host: str
    port: str
    username: str
    peer_root: bytes
    local_root: bytes
    view: Tuple[str, ...]

    def name(self) -> bytes:
        parts = [part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape") for part in self[:6]]
        parts += [part.encode("utf-8", "surrogateescape") for part in self.view]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32].encode()


class Record:
    """notes: why a record could not be read or written, in words."""

    def __init__(self, directory: bytes, name: bytes, run_id: str) -> None:
        self._directory = directory
        self._name = name
        self._run_id = run_id
        self.notes: List[str] = []

    @classmethod
    def of(cls, request: SyncRequest, *, local_root: bytes, peer_root: bytes, file: bytes = b"") -> Record:
        """The record of this pair. Roots are canonical; file: the name of the one file, where the run is about
        one."""
        endpoint = request.endpoint
        view = (file.decode("utf-8", "surrogateescape"), *request.include, "", *request.exclude)
        key = _Key(
            endpoint.protocol,
            endpoint.host,
            str(endpoint.port or ""),
            endpoint.username or "",
            peer_root,
            local_root,
            view,
        )
        return cls(request.state_dir, key.name(), request.run_id)

    def digests(self, side: str, tree: Tree) -> Digests:
        """The digests recorded of `side`, as far as `tree` shows the files as they were then."""
        return recorded_digests(self.load(side), tree)

    def load(self, side: str) -> Iterable[RecordedFile]:
        """What is recorded of `side`; nothing where there is no record that can be believed."""
        try:
            with _open_private(self._path(side, MANIFEST)) as manifest:
                return self._compiled(side, manifest) or read_manifest(manifest.read()).items()
        except FileNotFoundError:
            return ()
        except (OSError, UnusableManifest) as error:
            self.notes.append(
                "the record of proven digests is not used: %s" % (getattr(error, "strerror", None) or error)
            )
            return ()

    def _compiled(self, side: str, manifest: BinaryIO) -> Optional[Iterable[RecordedFile]]:
        """What was compiled from `manifest`, which is left at its beginning; None where the text must be read."""
        size = os.fstat(manifest.fileno()).st_size
        seal = parse_seal(os.pread(manifest.fileno(), SEAL_LENGTH, max(0, size - SEAL_LENGTH)))
        try:
            with _open_private(self._path(side, COMPILED)) as compiled:
                return read_compiled(compiled.read(), seal) if seal else None
        except (OSError, UnusableManifest):
            return None

    def save(self, side: str, tree: Tree, digests: Digests) -> None:
        """Write the manifest of one side, atomically. What goes wrong is a note."""
        manifest = write_manifest(tree, digests)
        compiled = compile_manifest(parse_seal(manifest[-SEAL_LENGTH:]), tree, digests)
        try:
            os.makedirs(self._directory, 0o700, exist_ok=True)
            self._replace(self._path(side, MANIFEST), manifest)
            if compiled is not None:
                self._replace(self._path(side, COMPILED), compiled)
        except OSError as error:
            self.notes.append("the proven digests could not be recorded: %s" % (error.strerror or error))

    def _replace(self, path: bytes, data: bytes) -> None:
        temporary = path + b"." + self._run_id.encode()
        try:
            _write_private(temporary, data)
            os.replace(temporary, path)
        except BaseException:
            _unlink(temporary)
            raise

    def _path(self, side: str, form: bytes) -> bytes:
        return os.path.join(self._directory, b"%s.%s.%s" % (self._name, side.encode(), form))


def settled(tree: Tree, paths: Iterable[RelPath], now: int) -> Iterable[RelPath]:
    """Those of `paths` whose recorded mtime a later change cannot show again; now: nanoseconds, the side's clock at
    the moment before they were hashed."""
    for path in paths:
        entry = tree.get(path)
        if entry is None or entry.kind != FILE:
            continue
        if is_settled(entry.mtime, now):
            yield path


def is_settled(mtime: int, now: int) -> bool:
    """Whether what has this mtime and changes after `now` will have another one; both in nanoseconds, by one clock."""
    margin = FINE_MARGIN if mtime % SECOND else COARSE_MARGIN
    return mtime < now - margin or mtime > now + DAY


def _open_private(path: bytes) -> BinaryIO:
    """A regular file that nobody else can change. Raises OSError, UnusableManifest."""
    # Without O_NONBLOCK, a fifo in its place would be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    doubt = _doubt(found)
    if doubt:
        os.close(descriptor)
        raise UnusableManifest(doubt)
    return os.fdopen(descriptor, "rb")


def _doubt(found: os.stat_result) -> str:
    if not stat.S_ISREG(found.st_mode):
        return "it is not a regular file"
    if found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
        return "others can write to it"
    return ""


def _write_private(path: bytes, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)


def _unlink(path: bytes) -> None:
    with suppress(OSError):
        os.unlink(path)
