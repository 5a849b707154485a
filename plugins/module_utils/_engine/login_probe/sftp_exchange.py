# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test each operation of an SFTP client once: login, listing and, if allowed, storing, reading and removing."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from functools import partial
from typing import FrozenSet, NoReturn, Optional, Set

from ..errors import NotFound, ProofFailed
from ..model.endpoint import PeerIdentity, SshAccount
from ..model.relpath import RelPath
from ..ssh.stream import open_ssh_stream
from ..transport.sftp.transport import SftpOptions, SftpTransport

_CONTENT_BYTES = 4096
START = b"."
"""The directory in which a login begins."""


def files_of(account: SshAccount, root: bytes = START) -> SftpTransport:
    """Return a directory of the account, over one session."""
    login = partial(open_ssh_stream, account.endpoint, account.credentials, account.trust)
    return SftpTransport(root, login, _no_exec, SftpOptions(account.endpoint.stall_timeout, parallel=1))


def try_account(account: SshAccount, directory: Optional[bytes] = None) -> PeerIdentity:
    """Try it. directory: where the account may store; None to list where the login begins, and no more.

    Raises TrustError, AuthenticationFailed, ConnectionFailed, ItemError, ProofFailed.
    """
    root = START if directory is None else directory
    with closing(files_of(account, root)) as transport:
        if transport.root_entry() is None:
            raise NotFound("the directory does not exist", path=root)
        _list(transport)
        if directory is not None:
            _store(transport)
        return transport.identity


def _list(transport: SftpTransport) -> FrozenSet[RelPath]:
    names: Set[RelPath] = set()
    for page in transport.scan(enter=lambda _path: False):
        if page.problem is not None:
            raise page.problem
        names.update(path for path, _entry in page.entries)
    return frozenset(names)


def _store(transport: SftpTransport) -> None:
    """Store a small file of random bytes and read it back; it is removed in any case."""
    path, content = RelPath(b".probe-" + secrets.token_hex(8).encode()), os.urandom(_CONTENT_BYTES)
    try:
        transport.create_file(path, content)
        if path not in _list(transport):
            raise ProofFailed("the listing lacks the stored file", path=path)
        if transport.read_file(path) != content:
            raise ProofFailed("the bytes read back differ from the bytes sent", path=path)
    finally:
        removed = [*transport.remove_files([path])]
    for done in removed:
        if done.error is not None:
            raise done.error


def _no_exec(_command: str) -> NoReturn:
    raise AssertionError("nothing runs at the server")
