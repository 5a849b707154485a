# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard of a directory: taken by MKD alone, and taken away from runs that died."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NoSpace,
    NotFound,
    OperationFailed,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply, item_error
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.transfer import MOST_LINES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import small_files
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NOT_EXCLUSIVE,
    UNGUARDED,
    Server,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import (
    GUARD,
    GUARD_DIES,
    MkdirLock,
)
from support.scripted.scripted_session import FAILED, MISSING, OK, ToldSession

D = RelPath(b"d")
OUTER = b"/t/d/" + GUARD
THERE = Reply(550, (b"File exists",))


class Directories(ToldSession):
    """A server with directories. makes_twice: MKD of an existing directory is good; refusal: of every MKD; room: for so
    many more directories."""

    def __init__(self, *paths: bytes, makes_twice: bool = False, refusal: Reply | None = None, room: int = 100) -> None:
        super().__init__({})
        self.paths, self._twice, self._refusal = {b"/", b"/t", b"/t/d", *paths}, makes_twice, refusal
        self.most = len(self.paths) + room
        self.limits: list[int] = []
        self.keeps: dict[bool, Reply] = {}
        """The refusals of each RMD, by whether the directory exists."""

    def call(self, verb: bytes, argument: bytes = b"") -> Reply:
        self.sent.append(verb + b" " + argument)
        return {b"MKD": self._make, b"RMD": self._remove, b"CWD": self._enter}.get(verb, lambda _path: FAILED)(argument)

    def _make(self, path: bytes) -> Reply:
        if self._refusal is not None or path.rpartition(b"/")[0] not in self.paths:
            return self._refusal or MISSING
        if len(self.paths) >= self.most:
            return FAILED
        good = path not in self.paths or self._twice
        self.paths.add(path)
        return OK if good else THERE

    def _remove(self, path: bytes) -> Reply:
        if (path in self.paths) in self.keeps:
            return self.keeps[path in self.paths]
        if path not in self.paths or any(other.startswith(path + b"/") for other in self.paths):
            return FAILED
        self.paths.discard(path)
        return OK

    def _enter(self, path: bytes) -> Reply:
        return OK if path in self.paths else MISSING

    def list_lines(self, verb: bytes, argument: bytes = b"", *, most: int = MOST_LINES):
        self.limits.append(most)
        path = argument.rpartition(b"-a ")[2]
        if path not in self.paths:
            raise item_error(MISSING, argument)
        names = [other.rpartition(b"/") for other in sorted(self.paths)]
        found = [name for parent, _slash, name in names if parent == path]
        yield from found if verb == b"NLST" else [b"drwxr-xr-x 2 1 1 4096 Dec  1  2026 " + name for name in found]


class Clock:
    """Time passes by sleeping only. then: called at each sleep."""

    def __init__(self, then: Callable[[int], object] = lambda _number: None) -> None:
        self.now, self._numbers, self._then = 0.0, itertools.count(1), then

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._then(next(self._numbers))


def lock(session: ToldSession | FtpsSession, clock: Clock, server: Server | None = None) -> MkdirLock:
    return MkdirLock(Lane(session, server or Server(b"/t")), D, sleep=clock.sleep, clock=lambda: clock.now)


@pytest.fixture(autouse=True)
def none_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_files, "_left_behind", set())


def test_a_disk_with_room_for_one_directory_is_reported_at_once_and_keeps_none() -> None:
    session, clock = Directories(room=1), Clock()
    with pytest.raises(OperationFailed, match="the server says"):
        lock(session, clock).take()
    assert clock.now < 2
    assert session.paths == {b"/", b"/t", b"/t/d"}
    session.most += 1
    lock(session, clock).take()


def test_an_account_that_may_not_remove_directories_makes_none() -> None:
    session, server = Directories(), Server(b"/t")
    session.keeps = dict.fromkeys((False, True), Reply(550, (b"Permission denied.",)))
    for _time in range(2):
        with lock(session, Clock(), server):
            assert session.paths == {b"/", b"/t", b"/t/d"}
    assert server.notes == [UNGUARDED % "550 Permission denied."]
    assert len(session.sent) == 1


def test_the_account_is_asked_once() -> None:
    session, server = Directories(), Server(b"/t")
    session.keeps = {False: Reply(550, (b"Failed",))}
    for _time in range(2):
        with lock(session, Clock(), server):
            assert OUTER in session.paths
    assert [each.startswith(b"RMD") for each in session.sent].count(True) == 5


def test_a_guard_that_cannot_be_removed_is_named_and_does_not_stop_a_run() -> None:
    session, clock = Directories(), Clock()
    session.keeps = {True: Reply(550, (b"Remove directory operation failed.",))}
    for _run in range(2):
        server = Server(b"/t")
        for _time in range(2):
            with lock(session, clock, server):
                pass
        (inner,) = session.paths - {b"/", b"/t", b"/t/d", OUTER}
        assert inner.decode() in server.notes[-1]
    assert GUARD_DIES < clock.now < GUARD_DIES + 5, "the second run waits for the guard's end, once"


def test_a_guard_is_two_directories_and_leaves_none() -> None:
    session, clock = Directories(), Clock()
    with lock(session, clock):
        inner = session.paths - {b"/", b"/t", b"/t/d", OUTER}
        assert OUTER in session.paths
        assert [path.rpartition(b"/")[0] for path in inner] == [OUTER]
    assert session.paths == {b"/", b"/t", b"/t/d"}
    assert clock.now == 0.0


def test_the_guard_of_another_run_is_waited_for() -> None:
    session = Directories(OUTER, OUTER + b"/other")
    clock = Clock(lambda number: number == 3 and session.paths.__isub__({OUTER, OUTER + b"/other"}))
    with lock(session, clock):
        assert 0 < clock.now < 1


def test_the_guard_of_a_dead_run_is_taken_away() -> None:
    session, clock = Directories(OUTER, OUTER + b"/dead"), Clock()
    with lock(session, clock):
        assert OUTER + b"/dead" not in session.paths
    assert small_files.GUARD_DIES < clock.now < small_files.GUARD_DIES + 5


def test_a_guard_that_changes_hands_is_not_dead() -> None:
    session = Directories(OUTER, OUTER + b"/0")

    def change(number: int) -> None:
        session.paths -= {path for path in session.paths if path.startswith(OUTER + b"/")}
        session.paths.add(OUTER + b"/%d" % number)

    clock = Clock(change)
    with pytest.raises(OperationFailed, match="other runs keep"):
        lock(session, clock).take()
    assert small_files._GIVE_UP < clock.now < small_files._GIVE_UP + 5
    assert OUTER in session.paths


@pytest.mark.parametrize(
    ("refusal", "error"), [(Reply(452, (b"full",)), NoSpace), (Reply(550, (b"no",)), PermissionDenied)]
)
def test_a_guard_that_cannot_be_made(refusal: Reply, error: type[SyncError]) -> None:
    session, clock = Directories(refusal=refusal), Clock()
    with pytest.raises(SyncError) as caught:
        lock(session, clock).take()
    assert type(caught.value) is error
    assert clock.now < 2
    assert (clock.now == 0.0) is (error is NoSpace), "only a vague refusal is worth another attempt"


@pytest.mark.parametrize("refusal", [None, Reply(550, (b"no",))])
def test_a_directory_that_is_missing(refusal: Reply | None) -> None:
    session = Directories(refusal=refusal)
    session.paths.discard(b"/t/d")
    with pytest.raises(NotFound):
        lock(session, Clock()).take()


@pytest.mark.parametrize("makes_twice", [False, True])
def test_a_server_whose_mkd_excludes_nothing_is_noted(*, makes_twice: bool) -> None:
    server = Server(b"/t")
    with lock(Directories(makes_twice=makes_twice), Clock(), server):
        assert server.makes_twice is makes_twice
    assert server.notes == ([NOT_EXCLUSIVE] if makes_twice else [])


def test_a_guard_of_a_lost_session_is_taken_away_at_once() -> None:
    session, clock = Directories(), Clock()
    lost = lock(session, clock)
    lost.take()
    session.closed = True
    lost.let_go()
    assert OUTER in session.paths
    session.closed = False
    with lock(session, clock):
        assert clock.now < 5


def test_a_new_session_removes_the_guard_of_the_lost() -> None:
    session = Directories()
    guard = lock(session, Clock())
    guard.take()
    guard.settle(Lane(session, Server(b"/t")))
    assert session.paths == {b"/", b"/t", b"/t/d"}


def test_a_guard_has_few_names() -> None:
    """A listing of it that never ends would be kept whole, at the first step of each push with a lock."""
    session = Directories(OUTER, OUTER + b"/other", refusal=THERE)
    clock = Clock(lambda number: session.paths.discard(OUTER + b"/other"))
    with pytest.raises(SyncError):
        lock(session, clock).take()
    assert session.limits
    assert max(session.limits) <= 1000
