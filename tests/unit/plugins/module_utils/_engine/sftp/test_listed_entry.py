# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries that are looked up in listings, by a table of replies; real servers are in the integration tests."""

from __future__ import annotations

from functools import partial

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import Reply, entry_in
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    LSTAT,
    OPENDIR,
    READDIR,
    STAT,
    attributes_in,
    special_bits,
)
from support.scripted.sftp_table import SftpTable, sftp_table
from support.scripted.sftp_wire import Attributes, attributes, handle, names, status

EOF, NO_SUCH_FILE, DENIED, FAILURE = 1, 2, 3, 4
LISTED = names([(b"other", Attributes(mode=0o100600)), (b"f", Attributes(size=7, mode=0o104640, times=(5, 5)))])


def looked_up(table: SftpTable, path: bytes = b"/d/f") -> Reply:
    client = table.pool.clients[0]
    return table.pool.call(client, partial(client.lstat, path))


def test_the_attributes_come_from_the_listing() -> None:
    reply = attributes_in(LISTED.body, b"f")
    assert reply is not None
    entry = entry_in(reply)
    assert entry is not None
    assert (entry.size, entry.mode, special_bits(reply)) == (7, 0o640, 0o4000)
    assert attributes_in(LISTED.body, b"none") is None
    with pytest.raises(ProtocolViolation):
        attributes_in(LISTED.body[:-3], b"none")


SEEN = attributes(Attributes(size=7, mode=0o100640, times=(5, 5)))


@pytest.mark.parametrize(
    ("opened", "listed", "stat", "found"),
    [
        (handle(b"h"), status(EOF), status(NO_SUCH_FILE), NO_SUCH_FILE),
        (handle(b"h"), status(EOF), status(DENIED), DENIED),
        (handle(b"h"), status(EOF), SEEN, FAILURE),
        (handle(b"h"), status(FAILURE), SEEN, FAILURE),
        (status(NO_SUCH_FILE), status(EOF), SEEN, NO_SUCH_FILE),
        (status(DENIED), status(EOF), SEEN, DENIED),
    ],
)
def test_an_entry_that_no_listing_shows(opened: Reply, listed: Reply, stat: Reply, found: int) -> None:
    with sftp_table({LSTAT: status(DENIED), OPENDIR: opened, READDIR: listed, STAT: stat}) as table:
        assert looked_up(table) == found


def test_a_server_that_refuses_is_not_asked_again() -> None:
    replies = {LSTAT: status(DENIED), OPENDIR: handle(b"h"), READDIR: status(EOF), STAT: status(NO_SUCH_FILE)}
    with sftp_table(replies) as table:
        assert (looked_up(table), looked_up(table)) == (NO_SUCH_FILE, NO_SUCH_FILE)
        assert table.asked.count(LSTAT) == 2, "for the entry, and for the login directory"


def test_a_refusal_for_one_path_stays() -> None:
    with sftp_table({LSTAT: status(DENIED)}) as table:
        client = table.pool.clients[0]
        replies: list[Reply] = []
        client.lstat(b"/d/f", replies.append)
        table.pool.wait(lambda: table.asked.count(LSTAT) == 1)
        table.replies[LSTAT] = SEEN
        table.pool.wait(lambda: bool(replies))
        assert OPENDIR not in table.asked
