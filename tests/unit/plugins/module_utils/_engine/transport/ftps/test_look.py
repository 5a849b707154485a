# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry under a name: by MLST, or in the listing of its directory."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NoSpace,
    NotFound,
    OperationFailed,
    PermissionDenied,
    ProtocolViolation,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import Listed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.look import Looked, entry_of
from support.scripted.scripted_session import MISSING, MLST, OK, TIME, Listings, list_line, mlst, told_lane

A, B, INNER = RelPath(b"a"), RelPath(b"b"), RelPath(b"d/a")
SECOND = 1_000_000_000
MODIFIED, SIZE = Reply(213, (b"20261201000000",)), Reply(213, (b"5",))
NO_DIRECTORY = Reply(550, (b"Not a directory",))
VAGUE = OperationFailed("no", path=A)


@pytest.mark.parametrize(
    ("listed", "entry"),
    [
        (Listed(b"a", FILE, 5, 7, mode=0o600), Entry(FILE, 5, 7, 0o600)),
        (Listed(b"a", FILE, None, None), Entry(FILE, 0, 0, 0o644)),
        (Listed(b"a", DIRECTORY, 4096, 7), Entry(DIRECTORY, 0, 7, 0o755)),
        (Listed(b"a", LINK, 3, 7, mode=0o777), Entry(LINK, 0, 7, 0o777)),
    ],
)
def test_facts_that_are_not_listed_have_defaults(listed: Listed, entry: Entry) -> None:
    assert entry_of(listed) == entry


@pytest.mark.parametrize(
    ("replies", "found"),
    [
        ({b"MLST /t/a": mlst(b"/t/a")}, Entry(FILE, 5, TIME, 0o600)),
        ({b"MLST /t/a": MISSING}, None),
        ({b"MLST /t/a": NO_DIRECTORY}, None),
        ({b"CWD /t/a": MISSING, b"CWD /": OK}, None),
        ({b"CWD /t/a": NO_DIRECTORY, b"CWD /": OK}, None),
        ({b"CWD /t/a": OK, b"CWD /": OK}, OperationFailed),
        ({b"MLST /t/a": Reply(550, (b"Permission denied",))}, PermissionDenied),
        ({b"MLST /t/a": OK}, OperationFailed),
        ({b"MLST /t/a": OK, b"MDTM /t/a": MODIFIED, b"SIZE /t/a": SIZE}, Entry(FILE, 5, TIME, 0o644)),
        ({b"MLST /t/a": OK, b"MDTM /t/a": MISSING}, None),
        ({b"MLST /t/a": OK, b"CWD /t/a": OK, b"CWD /": OK}, Entry(DIRECTORY, 0, 0, 0o755)),
        ({b"MLST /t/a": OK, b"CWD /t/a": NO_DIRECTORY, b"CWD /": OK}, OperationFailed),
        ({b"MLST /t/a": Reply(250, mlst(b"/t/a").lines * 2)}, OperationFailed),
        ({b"MLST /t/a": mlst(b"/t/..")}, UnsafeName),
    ],
)
def test_by_mlst(replies: dict[bytes, Reply], found: Entry | type[SyncError] | None) -> None:
    (seen,) = told_lane(replies, features=MLST).look([A])
    if isinstance(found, type):
        assert seen.entry is None
        assert isinstance(seen.error, found)
    else:
        assert (seen.path, seen.entry, seen.error) == (A, found, None)


def test_an_answer_that_cannot_be_parsed_ends_the_run() -> None:
    with pytest.raises(ProtocolViolation):
        told_lane({b"MLST /t/a": Reply(250, (b"x", b" malformed", b"x"))}, features=MLST).look([A])


def test_a_session_leaves_a_directory_that_it_entered() -> None:
    lane = told_lane({b"CWD /t/a": OK, b"CWD /": OK}, features=MLST)
    lane.look([A])
    assert lane.session.sent[-1] == b"CWD /"


def test_by_list_each_directory_is_listed_once() -> None:
    listings = {b"LIST -a /t": [list_line(b"a"), list_line(b"x")], b"LIST -a /t/d": [list_line(b"a", kind=b"d")]}
    lane = told_lane({b"MDTM /t/a": Reply(213, (b"19700101000007",))}, listings)
    seen = {each.path: each for each in lane.look([A, INNER, B])}
    assert seen[A].entry == Entry(FILE, 5, 7 * SECOND, 0o644)
    assert seen[INNER].entry is not None
    assert seen[INNER].entry.kind is DIRECTORY
    assert (seen[B].entry, seen[B].error) == (None, None)
    assert [line for line in lane.session.sent if line.startswith(b"LIST")] == [b"LIST -a /t", b"LIST -a /t/d"]
    assert lane.session.sent.count(b"MDTM /t/a") == 1


@pytest.mark.parametrize(
    ("above", "error"),
    [([list_line(b"d", kind=b"d")], OperationFailed), ([list_line(b"d")], None), ([list_line(b"x")], None)],
    ids=["a directory", "a file", "nothing"],
)
def test_by_list_in_a_directory_that_cannot_be_listed(above: list[bytes], error: type[SyncError] | None) -> None:
    (seen,) = told_lane({}, {b"LIST -a /t": above}).look([INNER])
    assert seen.entry is None
    assert type(seen.error) is (error or type(None))


@pytest.mark.parametrize(("replies", "error"), [({b"CWD /t": OK}, True), ({}, False)])
def test_by_list_in_a_root_that_cannot_be_listed(replies: dict[bytes, Reply], *, error: bool) -> None:
    (seen,) = told_lane(replies).look([A])
    assert (seen.error is not None) is error


@pytest.mark.parametrize("error", [NoSpace("full", path=A), NotFound("gone", path=A)])
def test_a_refusal_that_says_enough_needs_no_look(error: SyncError) -> None:
    lane = told_lane(features=MLST)
    assert lane.explain([(A, error)]) == {A: error}
    assert lane.explain_by_parent(INNER, error) is error
    assert lane.session.sent == []


@pytest.mark.parametrize(
    ("replies", "error"),
    [({b"MLST /t/a": MISSING}, NotFound), ({b"MLST /t/a": mlst(b"/t/a")}, OperationFailed), ({}, OperationFailed)],
)
def test_a_vague_refusal_is_explained(replies: dict[bytes, Reply], error: type[SyncError]) -> None:
    assert type(told_lane(replies, features=MLST).explain([(A, VAGUE)])[A]) is error


@pytest.mark.parametrize(
    ("parent", "error"),
    [
        (MISSING, NotFound),
        (mlst(b"/t/d"), NotFound),
        (mlst(b"/t/d", kind=b"dir"), OperationFailed),
        (Reply(550, (b"Permission denied",)), OperationFailed),
    ],
)
def test_an_entry_whose_parent_is_no_directory_cannot_be_made(parent: Reply, error: type[SyncError]) -> None:
    lane = told_lane({b"MLST /t/d": parent}, features=MLST)
    assert type(lane.explain_by_parent(INNER, VAGUE)) is error


def test_the_parent_of_an_entry_of_the_root_is_there() -> None:
    lane = told_lane(features=MLST)
    assert lane.explain_by_parent(A, VAGUE) is VAGUE
    assert lane.session.sent == []


# at any depth

ITSELF, DIRECTORY_LINE = list_line(b".", kind=b"d"), list_line(b"d", kind=b"d")
CLOSED = Reply(550, (b"Failed to open the directory.",))
DEEP = RelPath(b"/".join([b"d"] * 1500))


def looked(path: RelPath, listings: Listings) -> Looked:
    (found,) = told_lane({b"CWD /t": OK}, listings).look([path])
    return found


def test_a_name_at_any_depth_below_a_missing_directory_names_nothing() -> None:
    assert looked(DEEP, {b"LIST -a /t": [ITSELF]}) == Looked(DEEP, None)


def test_a_directory_that_cannot_be_listed_is_the_reason_for_all_below_it() -> None:
    found = looked(DEEP, {b"LIST -a /t": [ITSELF, DIRECTORY_LINE], b"LIST -a /t/d": CLOSED})
    assert found.entry is None
    assert isinstance(found.error, OperationFailed)
    assert found.error.path == DEEP


def test_a_directory_above_that_is_missing_is_reason_enough() -> None:
    path = RelPath(b"d/e/f")
    assert looked(path, {b"LIST -a /t/d": MISSING}) == Looked(path, None)


def test_a_name_below_a_file_names_nothing() -> None:
    path = RelPath(b"d/e/f")
    assert looked(path, {b"LIST -a /t": [ITSELF, list_line(b"d")]}) == Looked(path, None)


def test_by_list_an_entry_is_found_by_another_spelling_if_the_server_finds_it() -> None:
    """vsftpd on a file system that ignores case: its listing has the name of the entry alone."""
    names = [list_line(b"readme"), list_line(b"Dir", kind=b"d"), list_line(b"other")]
    replies = {b"SIZE /t/README": Reply(213, (b"5",)), b"CWD /t/dIR": OK, b"CWD /": OK, b"SIZE /t/OTHER": MISSING}
    lane = told_lane(replies, {b"LIST -a /t": names})
    readme, directory, other = RelPath(b"README"), RelPath(b"dIR"), RelPath(b"OTHER")
    seen = {each.path: each.entry and each.entry.kind for each in lane.look([readme, directory, other, A])}
    assert seen == {readme: FILE, directory: DIRECTORY, other: None, A: None}
    assert b"SIZE /t/a" not in lane.session.sent, "only names that may be found in this way are asked for"


@pytest.mark.parametrize(
    ("kind", "mode", "listing", "found"),
    [
        (b"dir", b"0777", [b"type=OS.unix=symlink;size=4;UNIX.mode=0777; a"], Entry(LINK, 0, 0, 0o777)),
        (b"file", b"0777", [b"type=OS.unix=symlink;size=4;UNIX.mode=0777; a"], Entry(LINK, 0, 0, 0o777)),
        (b"dir", b"0777", [b"type=dir;UNIX.mode=0777; a"], Entry(DIRECTORY, 0, 0, 0o777)),
        (b"dir", b"0777", [], Entry(DIRECTORY, 0, TIME, 0o777)),
        (b"dir", b"0755", [b"type=OS.unix=symlink;size=4;UNIX.mode=0777; a"], Entry(DIRECTORY, 0, TIME, 0o755)),
    ],
)
def test_a_link_that_mlst_follows(kind: bytes, mode: bytes, listing: list[bytes], found: Entry) -> None:
    """ProFTPD, which has no fact sizd, shows the kind of the target, and the mode of the link."""
    features = tuple(line.replace(b"sizd*;", b"") for line in MLST)
    replies = {b"MLST /t/a": mlst(b"/t/a", kind=kind, mode=mode)}
    (seen,) = told_lane(replies, {b"MLSD /t": listing}, features=features).look([A])
    assert (seen.entry, seen.error) == (found, None)
