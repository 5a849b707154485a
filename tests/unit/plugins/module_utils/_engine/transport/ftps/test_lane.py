# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login of a lane, and the flights of commands that it sends."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectTimeout,
    NotFound,
    OperationFailed,
    SilentServer,
    SyncError,
    TrustError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from support.scripted.scripted_session import OK, told_lane

HOME = {b"PWD": Reply(257, (b'"/home" is the current directory',))}
A, B = RelPath(b"a"), RelPath(b"b")
SILENT = SilentServer("no greeting", cure="Check port.")


def test_a_login_sets_the_session_up() -> None:
    lane = told_lane({**HOME, b"SITE UMASK 077": OK})
    lane.log_in()
    assert (lane.server.met, lane.server.private) == (True, True)
    assert not lane.session.closed


@pytest.mark.parametrize("error", [TrustError("unproven"), SILENT])
def test_a_failed_login_closes_the_session(error: SyncError) -> None:
    lane = told_lane(HOME, logins=[error])
    with pytest.raises(type(error)) as caught:
        lane.log_in()
    assert caught.value is error
    assert lane.session.closed
    assert not lane.server.met


def test_a_session_that_cannot_be_set_up_is_closed() -> None:
    lane = told_lane()
    with pytest.raises(OperationFailed):
        lane.log_in()
    assert lane.session.closed


def test_silence_after_a_login_is_not_the_wrong_port() -> None:
    lane = told_lane(HOME, logins=[None, SILENT])
    lane.log_in()
    with pytest.raises(ConnectTimeout) as caught:
        lane.log_in()
    assert type(caught.value) is ConnectTimeout
    assert lane.session.closed


def test_one_command_for_each_path() -> None:
    lane = told_lane({b"SIZE /t/a": Reply(213, (b"5",))})
    assert [reply.code for reply in lane.ask(b"SIZE", [A, B])] == [213, 550]
    assert lane.session.sent == [b"SIZE /t/a", b"SIZE /t/b"]


def test_no_refusals_need_no_command() -> None:
    lane = told_lane()
    assert lane.explain([]) == {}
    assert lane.session.sent == []


def test_a_vague_refusal_is_explained_by_a_look() -> None:
    lane = told_lane({}, {b"LIST -a /t": [b"-rw-r--r-- 1 1 1 5 Nov 27 01:31 b"]})
    found = lane.explain([(A, OperationFailed("no", path=A)), (B, OperationFailed("no", path=B))])
    assert [type(found[path]) for path in (A, B)] == [NotFound, OperationFailed]


@pytest.mark.parametrize(("offset", "line"), [(0, b"RETR /t/a"), (3, b"REST 3 RETR /t/a")])
def test_a_reader_begins_where_it_is_asked_to(offset: int, line: bytes) -> None:
    lane = told_lane(contents={b"/t/a": b"content"})
    view = memoryview(bytearray(9))
    count = lane.reader(A, offset).read_into(view)
    assert bytes(view[:count]) == b"content"[offset:]
    assert lane.session.sent == [line]
