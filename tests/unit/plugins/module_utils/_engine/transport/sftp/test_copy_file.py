# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One copy within a server's tree, against replies that are a table; real servers are in the integration tests."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotSupported,
    OperationFailed,
    SourceChanged,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    CLOSE,
    EXTENDED,
    FSETSTAT,
    FSTAT,
    OPEN,
    REMOVE,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.copy_file import CopyFile
from support.scripted.sftp_table import SftpTable, sftp_table
from support.scripted.sftp_wire import FAILURE, OP_UNSUPPORTED, Reply, attributes, handle, status
from support.scripted.sftp_wire import Attributes as Found

SECOND = 10**9
ENTRY = Entry(FILE, 70_000, 5 * SECOND, 0o644)
TRANSFER = Transfer(RelPath(b"old"), RelPath(b"new"), RelPath(b"stage"), ENTRY, Attributes(0o640, 6 * SECOND))


def seen(size: int = ENTRY.size, mtime: int = 5) -> Reply:
    return attributes(Found(size=size, mode=0o100644, times=(mtime, mtime)))


def copy(table: SftpTable, *, durable: bool = False) -> Staged:
    (staged,) = table.pool.run(iter([CopyFile(TRANSFER, b"/old", b"/stage", table.pool, durable=durable)]))
    return staged


def test_a_copy_is_looked_at_before_it_counts() -> None:
    with sftp_table({OPEN: handle(b"h"), FSTAT: seen()}) as table:
        assert copy(table) == Staged(TRANSFER, ENTRY.size)
        assert table.asked[2:] == [OPEN, FSTAT, OPEN, EXTENDED, FSTAT, FSETSTAT, CLOSE, CLOSE]


def test_a_durable_copy_is_synced() -> None:
    with sftp_table({OPEN: handle(b"h"), FSTAT: seen()}) as table:
        assert copy(table, durable=True).error is None
        assert table.asked.count(EXTENDED) == 2


@pytest.mark.parametrize("found", [seen(size=ENTRY.size - 1), seen(mtime=6)], ids=["size", "mtime"])
def test_another_file_is_not_copied(found: Reply) -> None:
    with sftp_table({OPEN: handle(b"h"), FSTAT: found}) as table:
        assert isinstance(copy(table).error, SourceChanged)
        assert table.asked[2:] == [OPEN, FSTAT, CLOSE]


@pytest.mark.parametrize(
    ("kind", "reply", "error"),
    [
        (EXTENDED, status(OP_UNSUPPORTED), NotSupported),
        (CLOSE, status(FAILURE), OperationFailed),
    ],
)
def test_a_stage_that_failed_is_removed(kind: int, reply: Reply, error: type[SyncError]) -> None:
    with sftp_table({OPEN: handle(b"h"), FSTAT: seen(), kind: reply}) as table:
        staged = copy(table)
        assert isinstance(staged.error, error)
        assert staged.error.path == b"new"
        assert table.asked[-3:] == [CLOSE, CLOSE, REMOVE]


def test_a_copy_stays_where_its_attributes_are_refused() -> None:
    with sftp_table({OPEN: handle(b"h"), FSTAT: seen(), FSETSTAT: status(FAILURE)}) as table:
        staged = copy(table)
        assert (staged.error, type(staged.unset)) == (None, OperationFailed)
        assert REMOVE not in table.asked
