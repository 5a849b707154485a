# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree from its listings: which entries are believed, and which directories are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    DuplicateName,
    NotFound,
    OperationFailed,
    ProtocolViolation,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    FILE,
    LINK,
    SPECIAL,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Page
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import scan as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.pool import Job
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    BLANKS_AT_THE_END,
    Alteration,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import GUARD
from support.scripted.scripted_session import MISSING, MLST, OK, list_line, told_lane

NO_SIZD = (b" MLST type*;size*;modify*;UNIX.mode*;",)
SECOND = 1_000_000_000


def fact(name: bytes, kind: bytes = b"file", size: int = 5) -> bytes:
    return b"type=%s;size=%d;modify=19700101000007;UNIX.mode=0644; %s" % (kind, size, name)


class Pool:
    """Runs the jobs that there are on one lane, in this thread."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.results: list[Page] = []
        self.emit = self.results.append
        self.widths: list[int] = []

    def check(self) -> None:
        pass

    def run(self, jobs: Iterable[Job], *, width: int) -> Iterator[Page]:
        self.widths.append(width)
        for job in list(jobs):
            job(self._lane, self)
            while self.results:
                yield self.results.pop(0)


def scanned(
    lane: Lane, *, enter: Callable[[RelPath], bool] | None = None, read_links: bool = False
) -> tuple[dict[bytes, Entry], dict[bytes, SyncError]]:
    """Return the entries and the problems by directory."""
    pages = list(module.Scan(Pool(lane), lane.server, read_links=read_links).pages(enter))
    entries = {bytes(path): entry for page in pages for path, entry in page.entries}
    assert len(entries) == sum(len(page.entries) for page in pages)
    problems = [(bytes(page.directory), page.problem) for page in pages if page.problem is not None]
    assert len(problems) == len(dict(problems)), "a problem comes once, with the last page"
    return entries, dict(problems)


TREE = {b"MLSD /t": [fact(b"d", b"dir"), fact(b"a")], b"MLSD /t/d": [fact(b"a")]}


def test_a_tree() -> None:
    lane = told_lane({}, TREE, MLST)
    entries, problems = scanned(lane)
    assert sorted(entries) == [b"a", b"d", b"d/a"]
    assert entries[b"d/a"] == Entry(FILE, 5, 7 * SECOND, 0o644)
    assert problems == {}
    assert lane.server.directories == {b"d"}
    assert lane.session.sent == [b"MLSD /t", b"MLSD /t/d"]


def test_a_directory_that_is_not_entered_is_an_entry() -> None:
    lane = told_lane({}, TREE, MLST)
    assert sorted(scanned(lane, enter=lambda _path: False)[0]) == [b"a", b"d"]
    assert lane.session.sent == [b"MLSD /t"]


def test_a_name_that_is_listed_twice_is_dropped() -> None:
    entries, problems = scanned(told_lane({}, {b"MLSD /t": [fact(b"a"), fact(b"b"), fact(b"a", size=6)]}, MLST))
    assert list(entries) == [b"b"]
    assert isinstance(problems[b""], DuplicateName)
    assert problems[b""].path == b"a"


def test_a_guard_is_no_entry() -> None:
    assert list(scanned(told_lane({}, {b"MLSD /t": [fact(GUARD, b"dir"), fact(b"a")]}, MLST))[0]) == [b"a"]


@pytest.mark.parametrize(("replies", "error"), [({}, NotFound), ({b"CWD /t": OK}, OperationFailed)])
def test_a_root_that_cannot_be_listed(replies: dict[bytes, Reply], error: type[SyncError]) -> None:
    problems = scanned(told_lane(replies, {}, MLST))[1]
    assert type(problems[b""]) is error


def test_a_directory_that_is_gone() -> None:
    problems = scanned(told_lane({b"MLST /t/d": MISSING}, {b"MLSD /t": [fact(b"d", b"dir")]}, MLST))[1]
    assert type(problems[b"d"]) is NotFound


def test_a_name_that_is_unsafe_is_a_problem_of_its_directory() -> None:
    entries, problems = scanned(told_lane({}, {b"MLSD /t": [fact(b"a"), fact(b"../b")]}, MLST))
    assert list(entries) == [b"a"]
    assert isinstance(problems[b""], UnsafeName)


def test_a_listing_of_unsafe_names_alone_is_still_of_a_directory() -> None:
    problems = scanned(told_lane({}, {b"MLSD /t": [fact(b"../b")]}, MLST))[1]
    assert isinstance(problems[b""], UnsafeName)


def test_by_list_the_times_of_files_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    files = [b"f%d" % number for number in range(5)]
    replies = {b"MDTM /t/" + name: Reply(213, (b"19700101000007",)) for name in files}
    lane = told_lane(replies, {b"LIST -a /t": [*map(list_line, files), b"malformed", list_line(b"l", kind=b"p")]})
    entries, problems = scanned(lane)
    assert {entries[name].mtime for name in files} == {7 * SECOND}
    assert entries[b"l"].kind is SPECIAL
    assert list(problems) == [b""]
    assert sorted(line for line in lane.session.sent if line.startswith(b"MDTM")) == sorted(replies)


def test_a_kind_that_mlsd_hides() -> None:
    listings = {
        b"MLSD /t": [fact(b"fifo", size=0), fact(b"empty", size=0)],
        b"LIST -a /t": [list_line(b"fifo", kind=b"p", size=0), list_line(b"empty", size=0)],
    }
    entries = scanned(told_lane({}, listings, NO_SIZD))[0]
    assert (entries[b"fifo"].kind, entries[b"empty"].kind) == (SPECIAL, FILE)
    for name, size, features in ((b"a", 5, NO_SIZD), (b"empty", 0, MLST)):
        lane = told_lane({}, {b"MLSD /t": [fact(name, size=size)]}, features)
        scanned(lane)
        assert lane.session.sent == [b"MLSD /t"], "nothing to find out, no second listing"


LINK_LINE = b"lrwxrwxrwx 1 1 1 5 Dec  1  2026 l -> there"


@pytest.mark.parametrize("read_links", [False, True])
@pytest.mark.parametrize("features", [(), MLST])
def test_targets_of_links(features: tuple[bytes, ...], *, read_links: bool) -> None:
    listings = {b"MLSD /t": [fact(b"l", b"OS.unix=slink")], b"LIST -a /t": [LINK_LINE]}
    lane = told_lane({}, listings, features)
    entry = scanned(lane, read_links=read_links)[0][b"l"]
    assert entry.kind is LINK
    assert entry.target == b"there" or not read_links
    assert len(lane.session.sent) == (2 if features and read_links else 1)


@pytest.mark.parametrize(
    ("alteration", "name", "listed"),
    [
        (Alteration(lambda path: b'"' in path, b"", "drops quotation marks"), b'a"b', False),
        (BLANKS_AT_THE_END, b"a ", True),
    ],
)
def test_a_directory_whose_name_means_another_is_not_listed(alteration: Alteration, name: bytes, listed: bool) -> None:
    lane = told_lane({}, {b"MLSD /t": [fact(name, b"dir")], b"MLSD /t/" + name: []}, MLST)
    lane.server._alterations = (alteration,)
    problems = scanned(lane)[1]
    assert (b"MLSD /t/" + name in lane.session.sent) is listed
    assert isinstance(problems.get(name), UnsafeName) is not listed


def test_directories_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PATH", 3)
    listings = {b"MLSD /t" + b"/d" * depth: [fact(b"d", b"dir")] for depth in range(9)}
    problems = scanned(told_lane({}, listings, MLST))[1]
    assert [(path, type(problem)) for path, problem in problems.items()] == [(b"d/d/d", UnsafeName)]


@pytest.mark.parametrize(("limit", "size"), [("ENTRY_LIMIT", 3), ("TEXT_LIMIT", 5)])
def test_a_tree_without_end(monkeypatch: pytest.MonkeyPatch, limit: str, size: int) -> None:
    """size: of the tree; the paths are a, d and d/a"""
    monkeypatch.setattr(module, limit, size)
    assert len(scanned(told_lane({}, TREE, MLST))[0]) == 3
    monkeypatch.setattr(module, limit, size - 1)
    with pytest.raises(ProtocolViolation):
        scanned(told_lane({}, TREE, MLST))


def test_many_directories_are_worth_more_sessions() -> None:
    names = [b"%d" % number for number in range(24)]
    lane = told_lane(
        {}, {b"MLSD /t": [fact(name, b"dir") for name in names], **{b"MLSD /t/" + n: [] for n in names}}, MLST
    )
    pool = Pool(lane)
    assert len(list(module.Scan(pool, lane.server, read_links=False).pages(None))) == 25
    assert pool.widths == [1, 3]
