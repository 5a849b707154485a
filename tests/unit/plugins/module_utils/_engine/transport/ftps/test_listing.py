# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which listings are believed."""

from __future__ import annotations

from typing import Dict, Iterator, List

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotFound,
    PermissionDenied,
    ProtocolViolation,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.transfer import MOST_LINES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.look import Listing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import Server
from support.scripted.scripted_session import MLST, ToldSession

GOOD = Reply(250, (b"OK",))
UNIX = {b"SYST": Reply(215, (b"UNIX Type: L8",)), b"CWD /t/d": GOOD, b"CWD /t": GOOD, b"CWD /": GOOD}
ITSELF = b"drwxr-xr-x 2 1 1 4096 Nov 27 01:31 ."
PARENT = b"drwxr-xr-x 2 1 1 4096 Nov 27 01:31 .."
FILE = b"-rw-r--r-- 1 1 1 5 Nov 27 01:31 f"
PROBE = b"LIST -a /t/.secure_sync-no-such-name"
Listings = Dict[bytes, List[bytes] | Reply]


def listed(directory: bytes, listings: Listings, replies: Dict[bytes, Reply] = UNIX) -> Listing:
    return Lane(ToldSession(replies, listings), Server(b"/t")).list(RelPath(directory))


def directory_line(mode: bytes, name: bytes) -> bytes:
    return b"d%s 2 1 1 4096 Nov 27 01:31 %s" % (mode, name)


@pytest.mark.parametrize("lines", [[FILE], [ITSELF, FILE]])
def test_a_listing_with_entries_is_believed(lines: List[bytes]) -> None:
    found = listed(b"d", {b"LIST -a /t/d": lines})
    assert [each.name for each in found.entries] == [b"f"]
    assert found.problem is None


def test_an_empty_listing_that_names_itself_is_believed() -> None:
    assert listed(b"d", {b"LIST -a /t/d": [ITSELF]}).problem is None


def test_an_empty_listing_of_a_server_that_lists_the_missing_too_is_not_believed() -> None:
    found = listed(b"d", {b"LIST -a /t/d": [], PROBE: []})
    assert isinstance(found.problem, PermissionDenied)
    assert found.problem.path == b"d"


def test_an_empty_listing_of_a_server_that_refuses_the_missing_is_believed() -> None:
    listings = {b"LIST -a /t/d": [b""], b"LIST -a /t": [directory_line(b"rwx------", b"d")]}
    assert listed(b"d", listings).problem is None


def test_but_not_where_the_directory_cannot_be_read() -> None:
    listings = {b"LIST -a /t/d": [b""], b"LIST -a /t": [directory_line(b"-wx--x--x", b"d")]}
    assert isinstance(listed(b"d", listings).problem, PermissionDenied)


def test_nor_where_other_listings_name_themselves() -> None:
    listings = {b"LIST -a /t/d": [], b"LIST -a /t": [ITSELF, directory_line(b"rwxr-xr-x", b"d")]}
    assert isinstance(listed(b"d", listings).problem, PermissionDenied)


class TestTheDirectoryItself:
    """vsftpd lists a directory that it cannot open as an entry of its parent."""

    OWN = directory_line(b"-wx-wx-wx", b"d")

    @pytest.mark.parametrize("lines", [[OWN], [ITSELF, OWN]], ids=["alone", "with ."])
    def test_as_the_only_entry_is_not_believed(self, lines: List[bytes]) -> None:
        """The second form comes from a session in that directory."""
        found = listed(b"d", {b"LIST -a /t/d": lines, PROBE: []})
        assert isinstance(found.problem, PermissionDenied)
        assert found.problem.path == b"d"
        assert found.entries == []

    def test_is_an_entry_of_a_server_that_refuses_the_missing(self) -> None:
        listings = {b"LIST -a /t/d": [self.OWN], b"LIST -a /t": [directory_line(b"rwx------", b"d")]}
        found = listed(b"d", listings)
        assert [each.name for each in found.entries] == [b"d"]
        assert found.problem is None

    @pytest.mark.parametrize(
        "lines",
        [[ITSELF, PARENT, OWN], [OWN, FILE], [directory_line(b"rwxr-xr-x", b"e")], [FILE.replace(b" f", b" d")]],
        ids=["with . and ..", "with a file", "another name", "a file of this name"],
    )
    def test_other_listings_are_believed(self, lines: List[bytes]) -> None:
        found = listed(b"d", {b"LIST -a /t/d": lines, PROBE: []})
        assert found.problem is None
        assert len(found.entries) == len([line for line in lines if line not in (ITSELF, PARENT)])


def test_an_empty_root_of_the_server_is_believed() -> None:
    server = Server(b"/")
    session = ToldSession(UNIX, {b"LIST -a /": []})
    assert Lane(session, server).list(ROOT).problem is None
    assert session.sent.count(b"LIST -a /.secure_sync-no-such-name") == 1


def test_what_cannot_be_entered_is_refused_with_the_reason() -> None:
    replies = {**UNIX, b"CWD /t/d": Reply(550, (b"No such file or directory",))}
    assert isinstance(listed(b"d", {b"LIST -a /t/d": []}, replies).problem, NotFound)


def test_windows_lists_nothing_of_an_empty_directory() -> None:
    replies = {**UNIX, b"SYST": Reply(215, (b"Windows_NT",))}
    assert listed(b"d", {b"LIST -a /t/d": [], PROBE: []}, replies).problem is None


def test_the_probe_is_sent_once() -> None:
    server, session = Server(b"/t"), ToldSession(UNIX, {b"LIST -a /t/d": [], b"LIST -a /t": []})
    for _number in range(2):
        Lane(session, server).list(RelPath(b"d"))
    assert session.sent.count(PROBE) == 1


def test_a_refusal_is_the_problem_of_the_directory() -> None:
    found = listed(b"d", {b"LIST -a /t/d": Reply(451, (b"ENOENT: no such file or directory",))})
    assert isinstance(found.problem, NotFound)
    assert found.problem.path == b"d"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"type=cdir; .", ProtocolViolation),
        (b"no facts", ProtocolViolation),
        (b"type=file;size=1; a/b", UnsafeName),
        (b"type=file; ", (UnsafeName, ProtocolViolation)),
    ],
)
def test_lines_without_entries_are_not_read_for_ever(line: bytes, kind: type[SyncError]) -> None:
    read: List[bytes] = []

    class Endless(ToldSession):
        def list_lines(self, verb: bytes, argument: bytes = b"", *, most: int = MOST_LINES) -> Iterator[bytes]:
            for each in [b"type=file;size=1;modify=20200101000000; a", *[line] * 20_000]:
                read.append(each)
                yield each

    session, server = Endless({}, {}, MLST), Server(b"/t")
    server.features = session.features
    found = Lane(session, server).list(RelPath(b"d"))
    assert isinstance(found.problem, kind)
    assert [each.name for each in found.entries] == [b"a"]
    assert len(read) < 2000
