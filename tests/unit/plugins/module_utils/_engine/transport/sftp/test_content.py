# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operation moves the content of a file: small files in two flights, unless they must be durable. A durable file
is synced before it counts."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NoSpace,
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import CLOSE, EXTENDED, OPEN
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Staged,
    Transfer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.content import Content
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import Root
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.sessions import SftpSessions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.small_upload import (
    SMALL,
    SmallDownload,
    SmallUpload,
)
from support.scripted.sftp_table import SftpTable, sftp_table
from support.scripted.sftp_wire import EXTENDED_REPLY, FAILURE, Reply, handle, status

HERE = LocalTransport(b"/nowhere")
CHOICES = [(0, False), (1, True), (SMALL, True), (SMALL + 1, False)]


class _Sessions(SftpSessions):
    """Sessions that are there."""

    def __init__(self, table: SftpTable) -> None:  # pylint: disable=super-init-not-called
        self._table = table

    @property
    def pool(self):
        return self._table.pool


def content(table: SftpTable, *, durable: bool) -> Content:
    return Content(Root(b"/srv", lambda: table.pool), _Sessions(table), lambda note: None, durable=durable)


def transfer(size: int) -> Transfer:
    path = RelPath(b"a")
    return Transfer(path, path, RelPath(b".stage"), Entry(FILE, size, 0, 0o600), Attributes(None, None))


@pytest.mark.parametrize(("size", "small"), CHOICES)
@pytest.mark.parametrize("durable", [False, True])
def test_small_files_go_up_in_two_flights(size: int, small: bool, durable: bool) -> None:
    with sftp_table({}) as table:
        operation = content(table, durable=durable)._upload(transfer(size), HERE)
        assert isinstance(operation, SmallUpload) == (small and not durable)


@pytest.mark.parametrize(("size", "small"), CHOICES)
def test_small_files_come_down_in_two_flights(size: int, small: bool) -> None:
    with sftp_table({}) as table:
        operation = content(table, durable=False)._download(transfer(size), HERE)
        assert isinstance(operation, SmallDownload) == small


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("synced", [True, False])
def test_a_durable_file_is_synced_before_it_counts(tmp_path: Path, durable: bool, synced: bool) -> None:
    (tmp_path / "a").write_bytes(b"x" * (SMALL + 1))
    here = LocalTransport(os.fsencode(tmp_path))
    replies = {OPEN: handle(b"h")} | ({} if synced else {EXTENDED: status(FAILURE)})
    with sftp_table(replies, b"fsync@openssh.com", b"1") as table:
        (staged,) = table.pool.run(iter([content(table, durable=durable)._upload(transfer(SMALL + 1), here)]))
        assert (EXTENDED in table.asked, CLOSE in table.asked) == (durable, True)
        assert (staged.error is None) is (synced or not durable)


FULL = struct.pack(">11Q", 4096, 4096, 1000, 50, 0, 100, 50, 50, 0, 0, 255)


def test_the_room_on_the_server_explains_a_failure_and_no_other_error() -> None:
    failed, denied = OperationFailed("Failure", path=b"a"), PermissionDenied("Permission denied", path=b"a")
    with sftp_table({EXTENDED: Reply(EXTENDED_REPLY, FULL)}, b"statvfs@openssh.com", b"2") as table:
        explained = content(table, durable=False)._explained
        assert explained(Staged(transfer(100), error=denied)) is denied
        assert EXTENDED not in table.asked
        assert isinstance(explained(Staged(transfer(100), error=failed)), NoSpace)
        table.replies[EXTENDED] = status(FAILURE)
        unknown = explained(Staged(transfer(100), error=failed))
        assert (type(unknown), unknown.path, bool(unknown.cure)) == (OperationFailed, b"a", True)
    with sftp_table({EXTENDED: Reply(EXTENDED_REPLY, FULL)}) as table:
        unknown = content(table, durable=False)._explained(Staged(transfer(100), error=failed))
        assert (type(unknown), bool(unknown.cure), EXTENDED in table.asked) == (OperationFailed, True, False)
