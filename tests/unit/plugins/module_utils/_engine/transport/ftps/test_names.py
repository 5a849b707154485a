# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on names, and the meanings of their refusals."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    NotFound,
    OperationFailed,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    OLD_STAYS,
    Done,
    Rename,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.names import (
    NO_REPLACING,
    Names,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NO_DIRECTORY_TIMES,
    NO_MODES,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.times import Times
from support.scripted.scripted_session import FAILED, MISSING, MLST, OK, TIME, list_line, mlst, told_lane

A, S, D, INNER = RelPath(b"a"), RelPath(b"s"), RelPath(b"d"), RelPath(b"d/a")
MOVE = Rename(S, A)
DENIED, UNKNOWN, MORE = Reply(550, (b"Permission denied",)), Reply(500, (b"Unknown command",)), Reply(350, (b"More",))
SEQUENCE = Reply(503, (b"Bad sequence of commands",))
A_DIRECTORY = mlst(b"/t/d", kind=b"dir")
PROBE = b"20010203040506"
SETS_TIMES = {b"MDTM /t/a": Reply(213, (PROBE,)), b"MDTM %s /t/a" % PROBE: OK, b"MFMT %s /t/a" % PROBE: OK}


def names(lane: Lane) -> Names:
    return Names(Times(lane.server))


def errors(results: Iterable[Done]) -> list[type[SyncError] | None]:
    return [None if done.error is None else type(done.error) for done in results]


# making


def made(replies: dict[bytes, Reply], *paths: RelPath, private: bool = True) -> tuple[Lane, list[object]]:
    lane = told_lane(replies, features=MLST)
    lane.server.makes_twice, lane.server.private = False, private
    return lane, errors(names(lane).make_directories(lane, list(paths)))


def test_new_directories() -> None:
    lane, results = made({b"MKD /t/d": OK, b"MKD /t/d/a": OK}, D, INNER)
    assert results == [None, None]
    assert lane.session.sent == [b"MKD /t/d", b"MKD /t/d/a"]
    assert lane.server.directories == {D, INNER}


@pytest.mark.parametrize(
    ("path", "replies", "error"),
    [
        (D, {b"MLST /t/d": A_DIRECTORY}, None),
        (D, {b"MLST /t/d": mlst(b"/t/d")}, AlreadyExists),
        (D, {b"MLST /t/d": DENIED}, PermissionDenied),
        (INNER, {b"MLST /t/d/a": MISSING, b"MLST /t/d": MISSING}, NotFound),
        (INNER, {b"MLST /t/d/a": MISSING, b"MLST /t/d": A_DIRECTORY}, PermissionDenied),
        (INNER, {b"MLST /t/d/a": MISSING, b"MLST /t/d": A_DIRECTORY, b"MKD /t/d/a": DENIED}, PermissionDenied),
    ],
)
def test_a_refused_directory(path: RelPath, replies: dict[bytes, Reply], error: type[SyncError] | None) -> None:
    assert made(replies, path)[1] == [error]


def test_where_mkd_acknowledges_directories_that_exist_they_are_looked_for_first() -> None:
    replies = {b"MKD /": OK, b"MLST /t/d": A_DIRECTORY, b"MLST /t/d/a": MISSING, b"MKD /t/d/a": OK}
    lane = told_lane(replies, features=MLST)
    lane.server.private = True
    assert errors(names(lane).make_directories(lane, [D, INNER])) == [None, None]
    assert b"MKD /t/d" not in lane.session.sent


@pytest.mark.parametrize(
    ("reply", "error", "notes"),
    [(OK, None, []), (UNKNOWN, None, [NO_MODES % UNKNOWN.text]), (DENIED, None, [NO_MODES % DENIED.text])],
)
def test_new_directories_are_closed_to_others(reply: Reply, error: type[SyncError] | None, notes: list[str]) -> None:
    lane, results = made({b"MKD /t/d": OK, b"SITE CHMOD 700 /t/d": reply}, D, private=False)
    assert results == [error]
    assert lane.server.notes == notes
    assert lane.session.sent[-1] == b"SITE CHMOD 700 /t/d"


# attributes


@pytest.mark.parametrize(
    ("replies", "error", "sets_modes"),
    [
        ({b"SITE CHMOD 640 /t/a": OK}, None, True),
        ({b"SITE CHMOD 640 /t/a": UNKNOWN}, None, False),
        ({b"SITE CHMOD 640 /t/a": DENIED, b"MLST /t/a": mlst(b"/t/a")}, PermissionDenied, True),
        ({b"MLST /t/a": MISSING}, NotFound, True),
    ],
)
def test_modes(replies: dict[bytes, Reply], error: type[SyncError] | None, *, sets_modes: bool) -> None:
    lane = told_lane(replies, features=MLST)
    assert errors(names(lane).set_attributes(lane, [(A, Attributes(mode=0o640))])) == [error]
    assert lane.server.sets_modes is sets_modes


def test_no_command_that_the_server_is_known_not_to_have() -> None:
    lane = told_lane()
    lane.server.modes_refused(UNKNOWN)
    lane.server.directories.add(D)
    assert names(lane).setting(lane, D, Attributes(mode=0o755, mtime=TIME)) == []
    assert lane.session.sent == []


def test_times_and_modes() -> None:
    lane = told_lane(SETS_TIMES, features=MLST)
    found = names(lane).setting(lane, A, Attributes(mode=0o640, mtime=TIME))
    assert found == [(b"MFMT", b"20261201000000 /t/a"), (b"SITE", b"CHMOD 640 /t/a")]


def test_directories_that_have_no_times() -> None:
    lane = told_lane({**SETS_TIMES, b"MDTM 20261201000000 /t/a": OK}, {b"LIST -a /t": [list_line(b"d", kind=b"d")]})
    changes = [(path, Attributes(mtime=TIME)) for path in (A, D)]
    assert errors(names(lane).set_attributes(lane, changes)) == [None, None]
    assert NO_DIRECTORY_TIMES in lane.server.notes
    assert lane.server.directories == {D}


# renaming


def renamed(replies: dict[bytes, Reply | list[Reply]], move: Rename = MOVE) -> tuple[Lane, Done]:
    lane = told_lane({b"RNFR /t/s": MORE, **replies}, features=MLST)
    (done,) = names(lane).rename(lane, [move])
    return lane, done


def test_a_rename_is_one_flight() -> None:
    lane, done = renamed({b"RNTO /t/a": OK})
    assert done == Done(A)
    assert lane.session.sent == [b"RNFR /t/s", b"RNTO /t/a", b"SIZE /t/s"]


STAGE, TARGET = {b"MLST /t/s": mlst(b"/t/s")}, {b"MLST /t/a": mlst(b"/t/a")}


@pytest.mark.parametrize(
    ("move", "replies", "error"),
    [
        (MOVE, {b"RNTO /t/a": OK, b"SIZE /t/s": OK, **STAGE, b"MLST /t/a": MISSING}, OperationFailed),
        (MOVE, {b"RNFR /t/s": FAILED, b"MLST /t/s": MISSING, **TARGET}, NotFound),
        (MOVE, {b"RNTO /t/a": DENIED, **STAGE, b"MLST /t/a": MISSING}, PermissionDenied),
        (MOVE, {b"RNFR /t/s": DENIED, b"RNTO /t/a": SEQUENCE, **STAGE, b"MLST /t/a": MISSING}, PermissionDenied),
        (MOVE, {**STAGE, b"MLST /t/a": mlst(b"/t/a", kind=b"dir")}, OperationFailed),
        (Rename(S, INNER), {**STAGE, b"MLST /t/d/a": MISSING, b"MLST /t/d": MISSING}, NotFound),
    ],
    ids=["said and not done", "the stage is gone", "denied", "denied at once", "a directory", "no parent"],
)
def test_a_refused_rename(move: Rename, replies: dict[bytes, Reply], error: type[SyncError]) -> None:
    assert errors([renamed(replies, move)[1]]) == [error]


ASIDE = {**STAGE, **TARGET, b"RNFR /t/a": MORE, b"RNTO /t/s.old": OK, b"RNFR /t/s.old": MORE}


def test_an_old_file_steps_aside() -> None:
    lane, done = renamed({**ASIDE, b"RNTO /t/a": [UNKNOWN, OK], b"DELE /t/s.old": OK})
    assert done == Done(A)
    assert lane.server.notes == [NO_REPLACING]
    assert lane.session.sent[-1] == b"DELE /t/s.old"


def test_an_old_file_comes_back() -> None:
    lane, done = renamed({**ASIDE, b"RNTO /t/a": [DENIED, UNKNOWN, OK]})
    assert isinstance(done.error, PermissionDenied)
    assert lane.session.sent[-3:] == [b"RNFR /t/s.old", b"RNTO /t/a", b"SIZE /t/s.old"]
    assert lane.server.notes == []


def test_an_old_file_that_stays_is_noted() -> None:
    lane, done = renamed({**ASIDE, b"RNTO /t/a": [UNKNOWN, OK], b"DELE /t/s.old": DENIED})
    assert done == Done(A)
    assert lane.server.notes[0] == NO_REPLACING
    assert lane.server.notes[1].startswith(f"{OLD_STAYS}, such as '/t/s.old': ")


def test_an_old_file_that_does_not_come_back_is_noted() -> None:
    lane, done = renamed({**ASIDE, b"RNTO /t/a": [DENIED, UNKNOWN, DENIED]})
    assert isinstance(done.error, PermissionDenied)
    assert [note for note in lane.server.notes if note.startswith(f"{OLD_STAYS}, such as '/t/s.old': ")]


def test_a_directory_never_steps_aside() -> None:
    lane, done = renamed({**ASIDE, b"RNTO /t/a": DENIED, b"MLST /t/a": mlst(b"/t/a", kind=b"dir")})
    assert isinstance(done.error, PermissionDenied)
    assert b"RNFR /t/a" not in lane.session.sent


def test_an_old_file_that_cannot_step_aside_stays() -> None:
    lane, done = renamed({**ASIDE, b"RNTO /t/a": DENIED, b"RNTO /t/s.old": DENIED})
    assert isinstance(done.error, PermissionDenied)
    assert lane.session.sent.count(b"RNFR /t/s") == 1


# keeping


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({b"MLST /t/a": MISSING}, NotFound),
        ({b"MLST /t/a": DENIED}, PermissionDenied),
        ({b"MLST /t/a": mlst(b"/t/a", kind=b"dir")}, OperationFailed),
        ({**TARGET, b"MLST /t/d/a": MISSING, b"RNFR /t/a": MORE, b"RNTO /t/d/a": OK}, None),
        ({**TARGET, b"MLST /t/d/a": MISSING, b"RNFR /t/a": MORE, b"RNTO /t/d/a": DENIED}, PermissionDenied),
    ],
)
def test_keeping(replies: dict[bytes, Reply], error: type[SyncError] | None) -> None:
    lane = told_lane(replies, features=MLST)
    assert errors(names(lane).keep(lane, D, [A])) == [error]


def test_a_kept_file_never_replaces_another() -> None:
    lane = told_lane({**TARGET, b"MLST /t/d/a": mlst(b"/t/d/a"), b"RNFR /t/a": MORE}, features=MLST)
    assert errors(names(lane).keep(lane, D, [A])) == [AlreadyExists]
    assert not any(line.startswith(b"RN") for line in lane.session.sent)


# removing


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({b"DELE /t/a": OK}, None),
        ({b"DELE /t/a": MISSING}, None),
        ({b"MLST /t/a": MISSING}, None),
        ({b"DELE /t/a": DENIED, **TARGET}, PermissionDenied),
        (TARGET, OperationFailed),
    ],
)
def test_a_missing_file_counts_as_removed(replies: dict[bytes, Reply], error: type[SyncError] | None) -> None:
    lane = told_lane(replies, features=MLST)
    assert errors(names(lane).remove_files(lane, [A])) == [error]


def test_removed_directories_are_forgotten() -> None:
    lane = told_lane({b"RMD /t/d": OK})
    lane.server.directories |= {D, INNER}
    assert errors(names(lane).remove_directories(lane, [D])) == [None]
    assert lane.server.directories == {INNER}
