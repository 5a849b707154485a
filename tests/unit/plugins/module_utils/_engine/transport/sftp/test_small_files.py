# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files of the run: created and renamed only where nothing exists, and read whole, by a table of replies."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AlreadyExists, ItemError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import (
    Exclusive,
    Root,
    SmallFiles,
)
from support.scripted.sftp_table import SftpTable, sftp_table
from support.scripted.sftp_wire import (
    CLOSE,
    EOF,
    FAILURE,
    LSTAT,
    NO_SUCH_FILE,
    OPEN,
    PERMISSION_DENIED,
    READ,
    RENAME,
    WRITE,
    Attributes,
    Reply,
    attributes,
    data,
    handle,
    status,
)

LOCK, STAGE = RelPath(b".lock"), RelPath(b".stage")
TAKEN, FREE = attributes(Attributes(size=1, mode=0o100600)), status(NO_SUCH_FILE)


def small_files(session: SftpTable) -> SmallFiles:
    """Return the small files below /srv."""
    pool = lambda: session.pool  # noqa: E731
    return SmallFiles(Root(b"/srv", pool), Exclusive(lambda _note: None), pool)


def test_a_file_is_opened_written_and_closed() -> None:
    with sftp_table({OPEN: handle(b"h"), RENAME: status(FAILURE)}) as session:
        small_files(session).create(LOCK, b"content")
    assert [kind for kind in session.asked if kind in (OPEN, WRITE, CLOSE)] == [OPEN, WRITE, CLOSE]


@pytest.mark.parametrize("refused", [WRITE, CLOSE])
def test_a_refused_step_is_an_error(refused: int) -> None:
    with sftp_table({OPEN: handle(b"h"), refused: status(FAILURE)}) as session, pytest.raises(ItemError):
        small_files(session).create(LOCK, b"content")


@pytest.mark.parametrize(("there", "taken"), [(TAKEN, True), (FREE, False)])
def test_a_refused_open_means_taken_only_if_the_name_exists(there: Reply, taken: bool) -> None:
    with sftp_table({OPEN: status(FAILURE), LSTAT: there}) as session, pytest.raises(ItemError) as caught:
        small_files(session).create(LOCK, b"content")
    assert isinstance(caught.value, AlreadyExists) == taken


@pytest.mark.parametrize("limit", [3, 6])
def test_a_file_is_read_up_to_the_limit(limit: int) -> None:
    with sftp_table({OPEN: handle(b"h"), READ: data(b"abc")}) as session:
        assert small_files(session).read(LOCK, limit) == (b"abc" * 2)[:limit]


@pytest.mark.parametrize("part", [b"", b"abcd"], ids=["none", "more"])
def test_a_reply_without_bytes_or_with_more_than_was_asked_for_is_refused(part: bytes) -> None:
    """One without bytes would be asked for again for ever."""
    table = {OPEN: handle(b"h"), READ: data(part)}
    with sftp_table(table) as session, pytest.raises(ItemError, match="bytes for 3"):
        small_files(session).read(LOCK, 3)


def test_the_end_of_a_file_ends_the_reading() -> None:
    with sftp_table({OPEN: handle(b"h"), READ: status(EOF)}) as session:
        assert small_files(session).read(LOCK, 100) == b""
    with sftp_table({OPEN: handle(b"h"), READ: status(PERMISSION_DENIED)}) as session, pytest.raises(ItemError):
        small_files(session).read(LOCK, 100)


def test_rename_takes_a_free_name() -> None:
    with sftp_table({RENAME: status(FAILURE), LSTAT: FREE}) as session:
        files = small_files(session)
        with pytest.raises(ItemError):
            files.rename_new(STAGE, LOCK)
        session.replies[RENAME] = status(0)
        files.rename_new(STAGE, LOCK)


def test_a_taken_name_is_never_replaced() -> None:
    with sftp_table({RENAME: status(FAILURE), LSTAT: TAKEN}) as session, pytest.raises(AlreadyExists):
        small_files(session).rename_new(STAGE, LOCK)


def test_a_server_that_replaces_is_not_asked_for_a_taken_name() -> None:
    with sftp_table({RENAME: status(0), LSTAT: TAKEN}) as session:
        with pytest.raises(AlreadyExists):
            small_files(session).rename_new(STAGE, LOCK)
        assert session.asked.count(RENAME) == 1  # the trial on the temporary file's own name
