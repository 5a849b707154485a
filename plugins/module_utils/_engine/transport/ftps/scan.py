# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""List a tree over FTPS: one directory a job, several at once; the mtimes that LIST does not report, in bulk."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Callable, Deque, Dict, Iterator, List, Optional, Set, Tuple

from ...errors import DuplicateName, NotFound, ProtocolViolation, SyncError, UnsafeName
from ...model.relpath import ROOT, RelPath
from ...model.tree import DIRECTORY, FILE, LINK, SPECIAL, Entry
from ..base import ENTRY_LIMIT, LONGEST_PATH, TEXT_LIMIT, Page
from .lane import Lane
from .look import Listing, entry_of, with_exact_times
from .pool import FtpsPool, Job, Run, unsendable
from .server import BLANKS_AT_THE_END, Server
from .small_files import GUARD

_PAGE = 500
_WORTH_A_SESSION = 12
"""Directories, or hundreds of mtimes, for which another login pays."""


class Scan:
    """One walk over the tree. read_links: whether targets are needed."""

    def __init__(self, pool: FtpsPool, server: Server, *, read_links: bool) -> None:
        self._pool = pool
        self._server = server
        self._read_links = read_links
        self._todo: Deque[Job] = deque([partial(self._list, ROOT)])
        self._entries = 0
        self._text = 0

    def pages(self, enter: Optional[Callable[[RelPath], bool]]) -> Iterator[Page]:
        """Yield every directory's pages. A directory that is not entered is an entry all the same."""
        while self._todo:
            for page in self._pool.run(self._jobs(), width=1 + len(self._todo) // _WORTH_A_SESSION):
                self._count(page)
                for path, entry in page.entries:
                    if entry.kind is DIRECTORY:
                        self._server.directories.add(path)
                        if enter is None or enter(path):
                            self._todo.append(partial(self._list, path))
                yield page

    def _jobs(self) -> Iterator[Job]:
        while self._todo:
            yield self._todo.popleft()

    def _count(self, page: Page) -> None:
        self._entries += len(page.entries)
        self._text += sum(len(path) for path, _entry in page.entries)
        if self._entries > ENTRY_LIMIT or self._text > TEXT_LIMIT:
            raise ProtocolViolation(
                "the server lists more entries than a tree can hold",
                cure="Check whether the server's listing is right; split a tree of this size into several tasks.",
            )

    # on a lane

    def _list(self, directory: RelPath, lane: Lane, run: Run) -> None:
        if len(directory) > LONGEST_PATH:
            endless = UnsafeName("the server lists directories without end", path=directory)
            run.emit(Page(directory, (), endless))
            return
        # ProFTPD lists a directory with blanks at the end of its name all the same.
        alterations = lane.server.alterations(lane.session if lane.server.unsettled([directory]) else None)
        altered = unsendable(directory, [each for each in alterations if each is not BLANKS_AT_THE_END])
        if altered is not None:
            run.emit(Page(directory, (), altered))
            return
        listing = lane.list(directory)
        entries, problem = self._checked(directory, listing)
        if problem is not None and not entries and not isinstance(problem, (UnsafeName, ProtocolViolation)):
            problem = self._why(lane, directory, problem)
        if lane.server.hides_kinds and any(entry.kind is FILE and not entry.size for _path, entry in entries):
            entries = self._with_kinds(lane, directory, entries)
        if self._read_links and any(entry.kind is LINK for _path, entry in entries):
            entries = self._with_targets(lane, directory, listing, entries)
        self._emit(lane, run, directory, entries, problem)

    def _checked(self, directory: RelPath, listing: Listing) -> Tuple[List[Tuple[RelPath, Entry]], Optional[SyncError]]:
        """Return the entries by path. A duplicate name is dropped: its right entry is unknown."""
        problem = listing.problem
        found: Dict[RelPath, Entry] = {}
        twice: Set[RelPath] = set()
        prefix = directory + b"/" if directory else b""
        for listed in listing.entries:
            path = RelPath(prefix + listed.name)
            if path in found:
                twice.add(path)
                problem = problem or DuplicateName("the server listed it twice", path=path)
            found[path] = entry_of(listed)
        entries = [(path, entry) for path, entry in found.items() if path not in twice]
        if any(path.name == GUARD for path in found):
            entries = [(path, entry) for path, entry in entries if path.name != GUARD]
        return entries, problem

    def _why(self, lane: Lane, directory: RelPath, problem: SyncError) -> SyncError:
        """Return the reason: a directory that cannot be listed is often missing."""
        if not directory:
            gone = not lane.session.call(b"CWD", lane.server.root).good
            return NotFound("the directory is missing", path=directory) if gone else problem
        return lane.explain([(directory, problem)])[directory]

    def _with_kinds(
        self, lane: Lane, directory: RelPath, entries: List[Tuple[RelPath, Entry]]
    ) -> List[Tuple[RelPath, Entry]]:
        again = lane.list(directory, by_list=True)
        special = {listed.name for listed in again.entries if listed.kind is SPECIAL}
        return [(path, entry._replace(kind=SPECIAL) if path.name in special else entry) for path, entry in entries]

    def _with_targets(
        self, lane: Lane, directory: RelPath, listing: Listing, entries: List[Tuple[RelPath, Entry]]
    ) -> List[Tuple[RelPath, Entry]]:
        targets = {listed.name: listed.target for listed in listing.entries if listed.kind is LINK}
        if None in targets.values():
            # MLSD has no fact for it.
            again = lane.list(directory, by_list=True)
            targets = {listed.name: listed.target for listed in again.entries if listed.kind is LINK}
        return [
            (path, entry._replace(target=targets.get(path.name)) if entry.kind is LINK else entry)
            for path, entry in entries
        ]

    def _emit(
        self,
        lane: Lane,
        run: Run,
        directory: RelPath,
        entries: List[Tuple[RelPath, Entry]],
        problem: Optional[SyncError],
    ) -> None:
        """Emit the directory in pages of limited length; a problem comes with the last."""
        portions = [entries[start : start + _PAGE] for start in range(0, len(entries), _PAGE)] or [[]]
        for number, portion in enumerate(portions):
            page = Page(directory, portion, problem if number == len(portions) - 1 else None)
            if lane.server.has_mlst or not any(entry.kind is FILE for _path, entry in portion):
                run.emit(page)
            elif number < len(portions) - 1:
                self._todo.append(partial(self._date, page))
            else:
                self._date(page, lane, run)

    def _date(self, page: Page, lane: Lane, run: Run) -> None:
        run.check()
        run.emit(page._replace(entries=with_exact_times(lane, page.entries)))
