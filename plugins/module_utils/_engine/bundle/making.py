# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a signed archive: at once whole, and only if it is not there already.

1. List the tree, and make the key ready.
2. Compare: the archive is composed against the file that is there, to the first other byte. If there is no difference
   and both signatures are good, nothing is done. Nothing was written until here; check mode ends here.
3. Compose the archive into a stage, sign it, and stage the signature. Both are on the disk.
4. Rename the signature, then the archive: the name of the archive is the moment of publication. A run that is killed
   between the two leaves the old archive, which its signature no longer fits: refused, never believed. The next run
   replaces both.

Only one run at a time writes bundles in a directory: a file in it is locked by flock(2). A stage that is there when
the lock is taken was left by a killed run. Archives and signatures are never read through a link at their names.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import ExitStack, closing, suppress
from typing import IO, Optional, Tuple

from ..errors import ItemError, KindConflict, OverlappingRoots, SourceMissing, SyncError
from ..integrity.digest import sha256
from ..model.tree import DIRECTORY
from ..signing.purpose import ARCHIVES, BAGS
from ..signing.signer import Signer
from ..system.durable_files import LEFT_BEHIND, keep_status
from ..system.lock_file import shared_lock_file
from ..system.os_errors import from_os_error, with_room
from ..system.run_lock import wait_for_lock
from ..transport.local.transport import LocalTransport
from .bag import SIGNATURE, base_name, payload
from .composing import Composer
from .listing import Listed, Member, list_tree
from .reading import Stored, read_archive
from .request import BAGIT, BundleReport, BundleRequest, signature_of

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_LOCK = ".bundles.lock"
_PATIENCE = 3600.0
"""Seconds to wait for runs that make other archives in the directory."""
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
SIGNATURE_LIMIT = 64 << 10
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def make_bundle(request: BundleRequest) -> BundleReport:
    """Make the archive and its signature, unless both are right. Raises SyncError."""
    try:
        return _made(request)
    except ItemError as error:
        raise error.at(error.path, cure="Check the permissions of the entry, and its file system.") from error


def _made(request: BundleRequest) -> BundleReport:
    with ExitStack() as stack:
        tree = stack.enter_context(closing(LocalTransport(request.source)))
        _require_source(tree)
        _refuse_overlap(request)
        listed = list_tree(tree, request.links)
        base = base_name(request.archive) if request.layout == BAGIT else None
        composer = Composer(tree, listed.members, base, request.labels)
        directory = open_parent(request.archive)
        stack.callback(os.close, directory)
        signer = stack.enter_context(closing(Signer(request.signing)))
        making = _Making(request, listed, composer, signer, directory)
        try:
            return making.run(stack)
        except OSError as error:
            raise with_room(from_os_error(error), directory) from error


def open_parent(archive: bytes) -> int:
    """Return a descriptor of the directory of an archive. Raises ItemError."""
    try:
        return os.open(os.path.dirname(archive), _DIRECTORY)
    except OSError as error:
        failure = from_os_error(error)
    message = f"dest: its directory cannot be opened: {failure.message}"
    raise failure.at(None, message=message, cure="Create the directory, or correct dest.")


def _require_source(tree: LocalTransport) -> None:
    root = tree.root_entry()
    if root is None:
        raise SourceMissing("src: does not exist", cure="Check src.")
    if root.kind != DIRECTORY:
        raise KindConflict(f"src: is a {root.kind}", cure="Set src to a directory.")


def _refuse_overlap(request: BundleRequest) -> None:
    """Refuse an archive that would contain itself."""
    source = os.path.realpath(request.source)
    parent = os.path.realpath(os.path.dirname(request.archive))
    if parent == source or parent.startswith(source.rstrip(b"/") + b"/"):
        raise OverlappingRoots("dest: lies inside src", cure="Set dest to a path outside src.")


class _Making:
    """One run. directory: a descriptor of the directory of the archive."""

    def __init__(
        self, request: BundleRequest, listed: Listed, composer: Composer, signer: Signer, directory: int
    ) -> None:
        self._request, self._listed, self._composer = request, listed, composer
        self._signer, self._directory = signer, directory
        self._name = os.path.basename(request.archive)
        self._key = signer.open().fingerprint
        self._sealed = b""
        """The signature in the bag that is there."""

    def run(self, stack: ExitStack) -> BundleReport:
        if not self._request.check_mode and lock_directory(self._directory, stack):
            for name in (self._name, signature_of(self._name)):
                sweep(self._directory, name)
        found = open_file(self._directory, self._name)
        if found is None:
            return self._make((), None)
        stack.callback(found.close)
        before: Tuple[Member, ...] = ()
        if self._is_ours(found):
            before = self._known(found)
            same = self._compared(found)
            if same is not None:
                return same
        return self._make(before, os.fstat(found.fileno()))

    def _is_ours(self, found: IO[bytes]) -> bool:
        signature = read_signature(self._directory, signature_of(self._name))
        return bool(signature) and self._signer.has_signed_file(self._key, found, signature, ARCHIVES)

    def _known(self, found: IO[bytes]) -> Tuple[Member, ...]:
        """Return the entries of the archive that is there, and keep the signature of its bag."""
        try:
            stored = read_archive(found)
        except SyncError:  # an archive that another program made, and this key signed
            return ()
        if self._request.layout != BAGIT:
            return tuple(each.member for each in stored)
        base = base_name(self._name)
        seals = [each for each in stored if each.member.path == b"%s/%s" % (base, SIGNATURE)]
        self._sealed = _content(found, seals[0]) if seals else b""
        return payload(stored, base)

    def _compared(self, found: IO[bytes]) -> Optional[BundleReport]:
        """Return the report if the archive that is there is right."""
        comparison = Comparison(found)
        try:
            self._composer.write(comparison, self._kept_seal)
            comparison.finish()
        except Differs:
            return None
        return self._report(False, comparison.size, comparison.digest.hexdigest())

    def _kept_seal(self, tags: bytes) -> bytes:
        if not self._sealed or not self._signer.is_made_by(self._key, tags, self._sealed, BAGS):
            raise Differs
        return self._sealed

    def _make(self, before: Tuple[Member, ...], like: Optional[os.stat_result]) -> BundleReport:
        if self._request.check_mode:
            return self._report(True, -1, "", before)
        with closing(self._stage(self._name)) as archive, closing(self._stage(signature_of(self._name))) as signature:
            self._composer.write(archive, lambda tags: self._signer.sign(tags, BAGS))
            signature.write(self._signer.sign_file(archive.settle(like), ARCHIVES))
            signature.settle(like)
            signature.publish()
            archive.publish()
        return self._report(True, archive.size, archive.digest.hexdigest(), before)

    def _stage(self, name: bytes) -> Stage:
        return Stage(self._directory, name)

    def _report(self, changed: bool, size: int, digest: str, before: Tuple[Member, ...] = ()) -> BundleReport:
        return BundleReport(changed, self._key, size, digest, self._listed.members, before, self._listed.skipped)


def _content(file: IO[bytes], stored: Stored) -> bytes:
    file.seek(stored.offset)
    return file.read(min(stored.member.entry.size, 1 << 16))


class Differs(Exception):
    """The archive that is written is not the archive that is there."""


class Comparison:
    """Raises Differs at the first other byte."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.digest = sha256()
        file.seek(0)

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes) -> int:
        if self._file.read(len(data)) != data:
            raise Differs
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def finish(self) -> None:
        """Raise Differs if the file goes on."""
        if self._file.read(1):
            raise Differs


def lock_directory(directory: int, stack: ExitStack) -> bool:
    """Wait for other runs in a directory, a descriptor; return False on a file system without such locks, and if the
    file of the lock is of an account that does not share it. Raises Locked."""
    try:
        lock = shared_lock_file(_LOCK, directory=directory)
        stack.callback(os.close, lock)
        wait_for_lock(lock, "another run has been making an archive in this directory for an hour", _PATIENCE)
    except OSError:
        return False
    return True


def sweep(directory: int, name: bytes) -> None:
    """Remove the stages of a file in a locked directory."""
    form = re.compile(re.escape(_prefix(name)) + rb"[0-9a-f]{16}" + re.escape(LEFT_BEHIND.encode()) + rb"\Z")
    for found in map(os.fsencode, os.listdir(directory)):
        if form.match(found):
            with suppress(OSError):
                os.unlink(found, dir_fd=directory)


class Stage:
    """A new file with mode 0600. directory: a descriptor. name: its later name."""

    def __init__(self, directory: int, name: bytes) -> None:
        self._directory, self._name = directory, name
        self._temporary = _prefix(name) + secrets.token_hex(8).encode() + LEFT_BEHIND.encode()
        self._file = os.fdopen(os.open(self._temporary, _CREATE, 0o600, dir_fd=directory), "w+b")
        self._published = False
        self.size = 0
        self.digest = sha256()

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def settle(self, like: Optional[os.stat_result]) -> IO[bytes]:
        """Put the content on the disk, and return the file. like: of the file that it replaces, for owner and mode."""
        self._file.flush()
        if like is not None:
            keep_status(self._file.fileno(), like)
        os.fsync(self._file.fileno())
        return self._file

    def publish(self) -> None:
        """Give the file its name."""
        os.rename(self._temporary, self._name, src_dir_fd=self._directory, dst_dir_fd=self._directory)
        self._published = True
        os.fsync(self._directory)

    def close(self) -> None:
        """Remove the file, unless it has its name."""
        if not self._published:
            with suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._directory)
        with suppress(OSError):  # a full disk: nothing of it is wanted
            self._file.close()


def _prefix(name: bytes) -> bytes:
    return b".%s." % name


def open_file(directory: int, name: bytes) -> Optional[IO[bytes]]:
    """Return the open file; None if there is none. directory: a descriptor. Raises KindConflict, ItemError."""
    try:
        descriptor = os.open(name, _READ, dir_fd=directory)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _conflict("a symbolic link", name) from None
        raise from_os_error(error, path=name) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _conflict("not a regular file", name)
    return os.fdopen(descriptor, "rb")


def read_signature(directory: int, name: bytes) -> bytes:
    """Return the content of a signature; empty if there is none, or if it is too long for a signature."""
    file = open_file(directory, name)
    if file is None:
        return b""
    with file:
        content = file.read(SIGNATURE_LIMIT + 1)
        return content if len(content) <= SIGNATURE_LIMIT else b""


def _conflict(what: str, name: bytes) -> KindConflict:
    return KindConflict(f"dest: is {what}", path=name, cure="Move it away, or correct dest.")
