# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify an archive: its signature first, over all bytes, and then the archive against itself.

The archive is opened once, so that the bytes that are read are the bytes that were verified.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import IO, Tuple

from ..errors import NotFound, SourceChanged
from ..integrity.digest import sha256
from ..signing.purpose import ARCHIVES, BAGS
from ..signing.signature_check import SignaturePolicy, SignatureVerifier
from ..system.child_processes import ChildProcesses
from ..system.os_errors import from_os_error
from .bag import check_bag, payload
from .listing import Member
from .making import open_file, open_parent, read_signature
from .reading import read_archive
from .request import BAGIT, BundleCheck, BundleReport, signature_of

_BLOCK = 1 << 20


def check_bundle(check: BundleCheck) -> BundleReport:
    """Return the report of an archive with a good signature that is whole. Raises SyncError."""
    with ExitStack() as stack:
        directory = open_parent(check.archive)
        stack.callback(os.close, directory)
        name = os.path.basename(check.archive)
        file = open_file(directory, name)
        if file is None:
            raise NotFound("dest: the archive does not exist", cure="Check dest.")
        stack.callback(file.close)
        signature = read_signature(directory, signature_of(name))
        if not signature:
            raise NotFound(
                "dest: the archive has no signature", path=signature_of(name), cure="Put its .sig file next to it."
            )
        private = ChildProcesses()
        stack.callback(private.close)
        try:
            return _Checking(check, private).run(file, signature)
        except OSError as error:
            raise from_os_error(error).at(None, cure="Check the file system of dest.") from error


class _Checking:
    """One check. private: holds the files for ssh-keygen."""

    def __init__(self, check: BundleCheck, private: ChildProcesses) -> None:
        self._check, self._private = check, private

    def run(self, file: IO[bytes], signature: bytes) -> BundleReport:
        before = os.fstat(file.fileno())
        policy = self._check.policy._replace(purpose=ARCHIVES)
        key = self._verifier(policy).verify(file, self._write("archive.sig", signature))
        members = self._members(file)
        digest = _digest(file)
        if _version(os.fstat(file.fileno())) != _version(before):
            raise SourceChanged("dest: the archive changed while it was read", cure="Run the task again.")
        return BundleReport(False, key, before.st_size, digest, members)

    def _members(self, file: IO[bytes]) -> Tuple[Member, ...]:
        stored = read_archive(file)
        if self._check.layout != BAGIT:
            return tuple(each.member for each in stored)
        return payload(stored, check_bag(file, stored, self._check_tags))

    def _check_tags(self, tags: bytes, signature: bytes) -> None:
        policy = self._check.policy._replace(purpose=BAGS)
        self._verifier(policy).verify(self._write("tags", tags), self._write("tags.sig", signature))

    def _write(self, name: str, content: bytes) -> str:
        return self._private.write(name, content.decode("utf-8", "surrogateescape"))

    def _verifier(self, policy: SignaturePolicy) -> SignatureVerifier:
        return SignatureVerifier(policy, self._private.directory)


def _version(status: os.stat_result) -> Tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _digest(file: IO[bytes]) -> str:
    digest = sha256()
    file.seek(0)
    while True:
        data = file.read(_BLOCK)
        if not data:
            return digest.hexdigest()
        digest.update(data)
