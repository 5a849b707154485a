# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing a tree over SFTP: many directories at once, two READDIRs under way in each."""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING, Callable, Deque, Iterator, List, Optional, Set, Tuple

from ...errors import DuplicateName, ItemError, NotFound, OperationFailed, ProtocolViolation, SyncError, UnsafeName
from ...model.relpath import ROOT, RelPath, check_name
from ...model.tree import DIRECTORY, LINK, Entry
from ...sftp.client import Opened, Reply, SftpClient, entry_in
from ...sftp.packets import (
    ATTRS,
    FX_EOF,
    HANDLE,
    LSTAT,
    NAME,
    OPENDIR,
    READDIR,
    READLINK,
    Listed,
    listed,
    string,
)
from ...sftp.pool import Operation, SftpPool
from ..base import ENTRY_LIMIT, LONGEST_PATH, TEXT_LIMIT, Page

if TYPE_CHECKING:
    from ...model.blocks import Buffer

_DIRECTORIES_AT_ONCE = 64
_READDIRS_AT_ONCE = 2
_EMPTY_REPLIES = 1000
_PAGE = 500
_THEMSELVES = (b".", b"..")
NO_TARGET = "the server does not report where the link points"
_NO_TARGET_CURE = "Some servers hide targets outside the account's root. Exclude the link, or set links to skip."
_UNREAD = "Check the server's disk; read its kernel log."
_CURE = "Check whether the server's listing is right; split a tree of this size into several tasks, or exclude parts."


class Scan:
    """One walk over the tree below `prefix` (the root's full path with a slash at its end).

    entry_limit, text_limit: entries of the whole tree, and bytes of their paths and link targets, after which a listing
    counts as endless: both are kept in memory.
    """

    def __init__(
        self,
        pool: SftpPool,
        prefix: bytes,
        *,
        read_links: bool,
        entry_limit: int = ENTRY_LIMIT,
        text_limit: int = TEXT_LIMIT,
    ) -> None:
        self.pool = pool
        self.prefix = prefix
        self.read_links = read_links
        self._entry_limit = entry_limit
        self._text_limit = text_limit
        self._entries = 0
        self._text = 0
        self._todo: Deque[RelPath] = deque([ROOT])
        self.names_itself = False
        """Whether the root's listing held ".", as every directory's does on such servers."""

    def pages(self, enter: Optional[Callable[[RelPath], bool]]) -> Iterator[Page]:
        """Yield every directory's pages. A directory that is not entered is an entry all the same."""
        for page in self.pool.run(_Found(self, self._todo), at_once=_DIRECTORIES_AT_ONCE):
            for path, entry in page.entries:
                if entry.kind is DIRECTORY and (enter is None or enter(path)):
                    self._todo.append(path)
            yield from _portions(page)

    def count(self, entries: int, text: int) -> None:
        """Raise ProtocolViolation once the listing is longer than any tree."""
        self._entries += entries
        self._text += text
        if self._entries > self._entry_limit:
            raise ProtocolViolation(f"the server lists more than {self._entry_limit} entries", cure=_CURE)
        if self._text > self._text_limit:
            raise ProtocolViolation(
                f"the paths and link targets in the listing are longer than {self._text_limit} bytes", cure=_CURE
            )


class _Found(Iterator[Operation]):
    """Lists the directories that were found and not listed yet. It can come to its end and go on later."""

    def __init__(self, scan: Scan, todo: Deque[RelPath]) -> None:
        self._scan, self._todo = scan, todo

    def __next__(self) -> Operation:
        if not self._todo:
            raise StopIteration
        return _ListDirectory(self._scan, self._todo.popleft())


def _portions(page: Page) -> Iterator[Page]:
    """Yield the same in pages that are not too long; a problem comes with the last."""
    entries = page.entries
    start = 0
    while len(entries) - start > _PAGE:
        yield Page(page.directory, entries[start : start + _PAGE])
        start += _PAGE
    yield Page(page.directory, entries[start:] if start else entries, page.problem)


class _ListDirectory(Operation):
    """One directory; its result is one Page with all its entries."""

    __slots__ = ("_awaited", "_client", "_doubles", "_empty", "_ended", "_entries", "_finished", "_handle",
                 "_is_open", "_names_itself", "_path", "_prefix", "_problem", "_scan", "_seen")  # fmt: skip

    def __init__(self, scan: Scan, path: RelPath) -> None:
        self._scan = scan
        self._path = path
        self._prefix = path + b"/" if path else b""
        self._entries: List[Tuple[RelPath, Entry]] = []
        self._seen: Set[bytes] = set()
        self._doubles: Set[RelPath] = set()
        self._problem: Optional[SyncError] = None
        self._handle = b""
        self._is_open = False
        self._ended = False
        self._names_itself = False
        self._empty = 0
        self._awaited = 0

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        self._awaited = 1
        full = self._scan.prefix + self._path
        client.request(OPENDIR, HANDLE, string(full), self._opened)

    def _opened(self, reply: Opened) -> None:
        self._awaited -= 1
        if isinstance(reply, int):
            self._problem = self._client.error(reply, self._path)
            self._settle()
            return
        self._handle, self._is_open = reply, True
        for _unused in range(_READDIRS_AT_ONCE):
            self._read_more()

    def _read_more(self) -> None:
        self._awaited += 1
        self._client.request(READDIR, NAME, string(self._handle), self._got)

    def _got(self, reply: Reply) -> None:
        self._awaited -= 1
        if not isinstance(reply, int):
            try:
                self._take(reply)
            except ItemError as error:
                self._fail(error)
        elif reply == FX_EOF:
            self._end()
        else:
            self._fail(self._client.error(reply, self._path))
        if not self._ended:
            self._read_more()
        self._settle()

    def _end(self) -> None:
        """OpenSSH's server treats a directory that it cannot read like the end of a listing. This shows at least if it
        returned
        no name at all: the directory itself is missing."""
        self._ended = True
        scan = self._scan
        scan.names_itself = scan.names_itself or (not self._path and self._names_itself)
        if scan.names_itself and not (self._names_itself or self._seen):
            self._fail(OperationFailed("the server's listing ends before it begins", path=self._path, cure=_UNREAD))

    def _fail(self, error: SyncError) -> None:
        self._ended = True
        self._problem = self._problem or error

    def _take(self, body: Buffer) -> None:
        """Take the names of one reply. Each check of a name is first made for all names at once."""
        prefix, seen = self._prefix, self._seen
        if len(prefix) > LONGEST_PATH:
            raise UnsafeName("the server lists directories without end", path=self._path)
        rows = list(listed(body))
        if any(name in _THEMSELVES for name, _entry in rows):
            self._names_itself = True
            rows = [row for row in rows if row[0] not in _THEMSELVES]
        names = [name for name, _entry in rows]
        fresh = set(names)
        if len(fresh) < len(names) or not seen.isdisjoint(fresh):
            rows = self._without_doubles(rows)
        before, text = len(seen), b"".join(fresh)
        seen |= fresh
        if b"/" in text or b"\0" in text or b"" in fresh:
            rows = [row for row in rows if self._is_name(row[0])]
        self._add(rows)
        found = len(seen) - before
        self._scan.count(found, len(text) + found * len(prefix))
        self._empty = 0 if found else self._empty + 1
        if self._empty > _EMPTY_REPLIES:
            raise ProtocolViolation("the server's listing does not end", path=self._path)

    def _add(self, rows: List[Listed]) -> None:
        add, prefix, read_links = self._entries.append, self._prefix, self._scan.read_links
        for name, entry in rows:
            path = RelPath(prefix + name)
            if entry is None or (entry[0] is LINK and read_links):
                self._look_closer(path, entry)
            else:
                add((path, entry))

    def _without_doubles(self, rows: List[Listed]) -> List[Listed]:
        """Drop all entries of a duplicate name, the entries of earlier replies at the end: the right entry is unknown,
        and the listing is incomplete."""
        count = Counter(name for name, _entry in rows)
        doubles = {name for name in count if count[name] > 1 or name in self._seen}
        first = RelPath(self._prefix + next(name for name, _entry in rows if name in doubles))
        self._problem = self._problem or DuplicateName("the server listed it twice", path=first)
        self._doubles.update(RelPath(self._prefix + name) for name in doubles)
        return [row for row in rows if row[0] not in doubles]

    def _is_name(self, name: bytes) -> bool:
        """Not so for a name that could leave the tree: the rest of the listing is read, but it is not whole."""
        try:
            check_name(name)
        except UnsafeName as error:
            self._problem = self._problem or error
            return False
        return True

    def _look_closer(self, path: RelPath, entry: Optional[Entry]) -> None:
        """Look up the facts that the listing lacks: the type, the target of a link."""
        self._awaited += 1
        look = partial(self._look, path, entry)
        if self._scan.pool.may_move(self._client, look):
            look()

    def _look(self, path: RelPath, entry: Optional[Entry]) -> None:
        full = string(self._scan.prefix + path)
        if entry is None:
            self._client.request(LSTAT, ATTRS, full, partial(self._looked, path))
        else:
            self._client.request(READLINK, NAME, full, partial(self._link_read, path, entry))

    def _looked(self, path: RelPath, reply: Reply) -> None:
        self._awaited -= 1
        entry = entry_in(reply)
        if entry is None:
            self._not_there(path, reply)
        elif entry.kind is LINK and self._scan.read_links:
            self._look_closer(path, entry)
        else:
            self._entries.append((path, entry))
        self._settle()

    def _not_there(self, path: RelPath, reply: Reply) -> None:
        """Drop a name that was removed after it was listed; the listing is complete."""
        error = self._client.error(reply, path)
        if not isinstance(error, NotFound):
            self._problem = self._problem or error

    def _link_read(self, path: RelPath, entry: Entry, reply: Reply) -> None:
        self._awaited -= 1
        names = [] if isinstance(reply, int) else list(listed(reply))
        if len(names) == 1:
            target = names[0][0]
            self._scan.count(0, len(target))
            self._entries.append((path, entry._replace(target=target)))
        else:
            self._awaited += 1
            self._client.request(LSTAT, ATTRS, string(self._scan.prefix + path), partial(self._link_unread, path))
        self._settle()

    def _link_unread(self, path: RelPath, reply: Reply) -> None:
        """Handle a link that was removed or replaced, or whose target the server hides."""
        self._awaited -= 1
        entry = entry_in(reply)
        if entry is None:
            self._not_there(path, reply)
        elif entry.kind is LINK:
            self._problem = self._problem or OperationFailed(NO_TARGET, path=path, cure=_NO_TARGET_CURE)
        else:
            self._entries.append((path, entry))
        self._settle()

    def _settle(self) -> None:
        if self._awaited:
            return
        if self._is_open:
            self._is_open = False
            self._awaited += 1
            self._client.close_handle(self._handle, self._closed)
            return
        if self._doubles:
            self._entries = [each for each in self._entries if each[0] not in self._doubles]
        self._finished(Page(self._path, self._entries, self._problem))

    def _closed(self, _reply: Reply) -> None:
        self._awaited -= 1
        self._settle()
