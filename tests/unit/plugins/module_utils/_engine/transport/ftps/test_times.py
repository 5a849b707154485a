# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How mtimes are set is found out once, for files and for directories."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Features, Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NO_DIRECTORY_TIMES,
    Server,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.times import (
    Times,
    same_time,
)
from support.scripted.scripted_session import ToldSession

SECOND = 1_000_000_000
PROBE = b"20010203040506"
MLSD = [b" MLST type*;size*;modify*;", b" MFMT"]
OWN_FILE = {
    b"MFMT %s /f" % PROBE: Reply(213, (b"Modify=%s; /f" % PROBE,)),
    b"MDTM /f": Reply(213, (PROBE,)),
}


def tried(directory_replies: dict[bytes, Reply]) -> tuple[Times, Server, ToldSession]:
    session = ToldSession({**OWN_FILE, **directory_replies}, features=MLSD)
    server = Server(b"/")
    server.features = Features(MLSD)
    times = Times(server)
    for _number in range(2):
        times.tried(session, b"/f", directory=b"/guard")
    return times, server, session


def listed(mtime: bytes) -> Reply:
    return Reply(250, (b"Listing", b" type=dir;modify=%s; /guard" % mtime, b"End"))


def test_directories_have_times_where_the_server_sets_them() -> None:
    times, server, session = tried({b"MFMT %s /guard" % PROBE: Reply(213, (b"done",)), b"MLST /guard": listed(PROBE)})
    assert times.of_directories
    assert server.notes == []
    assert session.sent.count(b"MFMT %s /guard" % PROBE) == 1


@pytest.mark.parametrize(
    "replies",
    [
        {},
        {b"MFMT %s /guard" % PROBE: Reply(213, (b"done",)), b"MLST /guard": listed(b"20261127000000")},
        {b"MFMT %s /guard" % PROBE: Reply(213, (b"done",)), b"MLST /guard": Reply(250, (b"x", b" malformed", b"x"))},
    ],
)
def test_a_server_that_does_not_set_them_is_noted_once(replies: dict[bytes, Reply]) -> None:
    times, server, _session = tried(replies)
    assert not times.of_directories
    assert times.stores
    assert server.notes == [NO_DIRECTORY_TIMES]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (5 * SECOND, 5 * SECOND, True),
        (5 * SECOND, 5 * SECOND + 120_000_000, True),
        (5 * SECOND + 120_000_000, 5 * SECOND, True),
        (5 * SECOND, 6 * SECOND, False),
        (5 * SECOND + 1_000_000, 5 * SECOND + 2_000_000, False),
        (5 * SECOND, None, False),
        (None, None, True),
    ],
)
def test_times_are_compared_at_the_precision_of_both(one: int, other: int | None, same: bool) -> None:
    assert same_time(one, other) is same
