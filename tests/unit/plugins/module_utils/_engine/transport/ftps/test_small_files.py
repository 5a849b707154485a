# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files: made only under free names, read, renamed where nothing is.

The guard of the directory is in test_exclusive.py.
"""

from __future__ import annotations

import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ConnectionLost,
    NotFound,
    OperationFailed,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import render_time
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.names import Names
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import NO_MODES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import (
    GUARD,
    MkdirLock,
    SmallFiles,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.times import Times
from support.scripted.scripted_session import MISSING, MLST, OK, mlst, told_lane

A, B = RelPath(b"d/a"), RelPath(b"d/b")
FREE = {b"MLST /t/d/a": MISSING, b"MLST /t/d/b": MISSING}
DENIED, MORE = Reply(550, (b"Permission denied",)), Reply(350, (b"More",))
SECOND = 1_000_000_000


@pytest.fixture(autouse=True)
def guards(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Take and leave the guard without a server."""
    events: list[str] = []
    monkeypatch.setattr(MkdirLock, "take", lambda _lock: events.append("take"))
    monkeypatch.setattr(MkdirLock, "let_go", lambda _lock: events.append("let go"))
    monkeypatch.setattr(MkdirLock, "settle", lambda _lock, _lane: events.append("settle"))
    return events


def small_files(lane: Lane) -> SmallFiles:
    times = Times(lane.server)
    return SmallFiles(Names(times), times)


def test_a_file_is_made_under_a_guard(guards: list[str]) -> None:
    lane = told_lane({**FREE, b"SITE CHMOD 600 /t/d/a": OK}, features=MLST)
    assert small_files(lane).create(lane, A, b"content") is None
    assert (lane.session.stored[b"/t/d/a"].data, lane.session.stored[b"/t/d/a"].ended) == (b"content", "finished")
    assert guards == ["take", "let go"]
    assert lane.session.sent[:3] == [b"MLST /t/d/a", b"STOR /t/d/a", b"SITE CHMOD 600 /t/d/a"]
    assert any(GUARD in line for line in lane.session.sent), "the guard shows whether directories have times"


def test_the_clock_of_the_server() -> None:
    later = render_time(time.time_ns() + 3600 * SECOND)
    lane = told_lane({**FREE, b"MDTM /t/d/a": Reply(213, (later,))}, features=MLST)
    ahead = small_files(lane).create(lane, A, b"")
    assert ahead is not None
    assert abs(ahead - 3600 * SECOND) < 60 * SECOND


@pytest.mark.parametrize(
    ("looked", "error"), [(mlst(b"/t/d/a"), AlreadyExists), (DENIED, PermissionDenied)], ids=["taken", "unknown"]
)
def test_a_name_that_may_be_taken_is_left_alone(guards: list[str], looked: Reply, error: type[SyncError]) -> None:
    lane = told_lane({**FREE, b"MLST /t/d/a": looked}, features=MLST)
    with pytest.raises(error):
        small_files(lane).create(lane, A, b"content")
    assert lane.session.stored == {}
    assert guards == ["take", "let go"]


def test_a_server_without_modes_is_noted() -> None:
    lane = told_lane({**FREE, b"SITE CHMOD 600 /t/d/a": Reply(500, (b"Unknown command",))}, features=MLST)
    small_files(lane).create(lane, A, b"")
    assert NO_MODES % "500 Unknown command" in lane.server.notes


def test_a_refused_file_names_its_path() -> None:
    lane = told_lane({**FREE, b"STOR /t/d/a": Reply(553, (b"no",)), b"MLST /t/d": MISSING}, features=MLST)
    with pytest.raises(NotFound) as caught:
        small_files(lane).create(lane, A, b"")
    assert caught.value.path == b"d/a"


@pytest.mark.parametrize(
    ("content", "limit", "found"),
    [
        (b"content", 100, b"content"),
        (b"content", 3, b"con"),
        (b"", 100, b""),
        ([b"con", b"tent"], 100, b"content"),
        ([b"con", OperationFailed("read error")], 3, b"con"),
    ],
)
def test_the_first_bytes_of_a_file(content: bytes, limit: int, found: bytes) -> None:
    lane = told_lane(contents={b"/t/d/a": content})
    assert small_files(lane).read(lane, A, limit) == found
    assert lane.session.readers[0].ended in ("finished", "abandoned")


def test_a_refused_reading_is_explained() -> None:
    lane = told_lane(FREE, features=MLST)
    with pytest.raises(NotFound) as caught:
        small_files(lane).read(lane, A, 100)
    assert caught.value.path == b"d/a"


def test_a_rename_never_replaces(guards: list[str]) -> None:
    lane = told_lane({b"MLST /t/d/b": mlst(b"/t/d/b"), b"RNFR /t/d/a": MORE, b"RNTO /t/d/b": OK}, features=MLST)
    with pytest.raises(AlreadyExists):
        small_files(lane).rename_new(lane, A, B)
    assert b"RNFR /t/d/a" not in lane.session.sent
    assert guards == ["take", "let go"]


@pytest.mark.parametrize("done", [True, False])
def test_a_rename_to_a_free_name(*, done: bool) -> None:
    lane = told_lane({**FREE, b"RNFR /t/d/a": MORE, b"RNTO /t/d/b": OK if done else DENIED}, features=MLST)
    if done:
        small_files(lane).rename_new(lane, A, B)
    else:
        with pytest.raises(NotFound) as caught:
            small_files(lane).rename_new(lane, A, B)
        assert caught.value.path == b"d/a"


def test_the_guard_of_a_lost_session_is_settled_later(guards: list[str]) -> None:
    lane = told_lane(FREE, features=MLST)
    files = small_files(lane)
    assert not files.unsettled

    def lose(*_given: object) -> None:
        lane.session.closed = True
        raise ConnectionLost("gone")

    lane.session.store = lose
    with pytest.raises(ConnectionLost):
        files.create(lane, A, b"")
    assert files.unsettled
    files.settle(lane)
    files.settle(lane)
    assert not files.unsettled
    assert guards.count("settle") == 1


def test_a_refusal_leaves_nothing_to_settle() -> None:
    lane = told_lane({**FREE, b"STOR /t/d/a": DENIED}, features=MLST)
    files = small_files(lane)
    with pytest.raises(SyncError):
        files.create(lane, A, b"")
    assert not files.unsettled
