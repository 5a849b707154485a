# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retrying: a peer whose session may be lost; a new one takes up the work where it is known to stand.

What an operation yielded is done. What it did not yield is unknown and is settled by looking before it is done
again: a stage that is gone was renamed; what shall go and is gone was removed; a transfer starts anew under a fresh
name, because the server may still hold the old stage open.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Hashable, Iterable, Iterator, List, Optional, Sequence, Tuple, TypeVar

from ..errors import AlreadyExists, NotFound, SyncError
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, Attributes, Entry
from ..transport.base import Digested, Done, LocalSide, Page, PeerTransport, Rename, Staged, Transfer, Transport
from .backoff import Backoff
from .present import present

__all__ = ["Retrying"]

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[List[Item], bool], Iterator[T]]
"""Does what is asked for the given items; the flag says that a lost session may have done part of it already."""


class Retrying(PeerTransport):
    """`peer`, with every operation carried over lost sessions. `scan` alone is not: whoever lists calls `recover` and
    begins again.

    fresh_stage: gives a new stage for a final path; after_reconnect: called with the new session's transport.
    reconnections: how many sessions were made anew.
    """

    def __init__(self, peer: PeerTransport, backoff: Backoff) -> None:
        self._peer = peer
        self._backoff = backoff
        self._touching: Optional[Tuple[RelPath, float]] = None
        self.fresh_stage: Optional[Callable[[RelPath], RelPath]] = None
        self.after_reconnect: Callable[[Transport], None] = lambda peer: None
        self.reconnections = 0

    def __getattr__(self, name: str) -> Any:
        # capabilities, identity, notes: whatever the transport itself says of them at that moment.
        return getattr(self._peer, name)

    def ready(self) -> bool:
        return self._peer.ready()

    def recover(self, error: SyncError) -> None:
        """Make a new session after `error`; raises it where it is final."""
        while True:
            self._backoff.pause(error)
            try:
                self._peer.reconnect()
                if self._touching is not None:
                    self._peer.touch_every(*self._touching)
                self.after_reconnect(self._peer)
            except SyncError as again:
                error = again
                continue
            self.reconnections += 1
            return

    def reconnect(self) -> None:
        self._peer.reconnect()

    def _once(self, act: Callable[[bool], T]) -> T:
        again = False
        while True:
            try:
                result = act(again)
            except SyncError as error:
                if not error.retryable:
                    raise
                self.recover(error)
                again = True
            else:
                self._backoff.progress()
                return result

    def _bulk(
        self, items: Iterable[Item], work: Work, *, key: Callable[[Item], Hashable], key_of: Callable[[T], Hashable]
    ) -> Iterator[T]:
        pending: Dict[Hashable, Item] = {key(item): item for item in items}
        again = False
        while pending:
            try:
                for result in work(list(pending.values()), again):
                    if pending.pop(key_of(result), None) is not None:
                        self._backoff.progress()
                    yield result
                return
            except SyncError as error:
                self.recover(error)
                again = True

    def _by_path(self, paths: Iterable[RelPath], work: Callable[[List[RelPath]], Iterator[T]]) -> Iterator[T]:
        return self._bulk(paths, lambda left, again: work(left), key=_same, key_of=_first)

    # what can simply be done again

    def root_entry(self) -> Optional[Entry]:
        return self._once(lambda again: self._peer.root_entry())

    def real_root(self) -> bytes:
        return self._once(lambda again: self._peer.real_root())

    def foresee_server_hash(self) -> None:
        self._once(lambda again: self._peer.foresee_server_hash())

    def server_hash(self) -> Optional[str]:
        return self._once(lambda again: self._peer.server_hash())

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        return self._once(lambda again: self._peer.read_file(path, limit=limit))

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        return self._peer.scan(enter=enter, read_links=read_links)

    def advance(self) -> bool:
        return self._peer.advance()

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        return self._by_path(paths, self._peer.look)

    def digest(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return self._by_path(paths, self._peer.digest)

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return self._by_path(paths, self._peer.digest_by_server)

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.make_directories)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        return self._bulk(changes, lambda left, again: self._peer.set_attributes(left), key=_first, key_of=_first)

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.remove_files)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.remove_directories)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.sync_directories)

    def touch_every(self, path: RelPath, seconds: float) -> None:
        self._touching = (path, seconds) if seconds else None
        self._peer.touch_every(path, seconds)

    def close(self) -> None:
        self._peer.close()

    # what must be settled first

    def create_root(self) -> None:
        self._once(self._create_root)

    def _create_root(self, again: bool) -> None:
        try:
            self._peer.create_root()
        except AlreadyExists:
            there = self._peer.root_entry() if again else None
            if there is None or there.kind != DIRECTORY:
                raise

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._once(lambda again: self._create_file(path, content, again))

    def _create_file(self, path: RelPath, content: bytes, again: bool) -> None:
        try:
            self._peer.create_file(path, content)
        except AlreadyExists:
            if not again or self._peer.read_file(path) != content:
                raise

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._once(lambda again: self._rename_new(old, new, again))

    def _rename_new(self, old: RelPath, new: RelPath, again: bool) -> None:
        # Asked for with names that no one else gives: if the old one is gone and the new one there, it was done.
        if again and present(self._peer, old) is None and present(self._peer, new) is not None:
            return
        self._peer.rename_new(old, new)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        return self._bulk(links, self._make_links, key=_first, key_of=_first)

    def _make_links(self, links: List[Tuple[RelPath, bytes]], again: bool) -> Iterator[Done]:
        # Links are made under names of this run alone: what stands there is the one the lost session made.
        for done in self._peer.make_links(links):
            yield Done(done.path) if again and isinstance(done.error, AlreadyExists) else done

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        return self._bulk(moves, self._rename, key=lambda move: move.path, key_of=_first)

    def _rename(self, moves: List[Rename], again: bool) -> Iterator[Done]:
        if again:
            gone = {
                path for path, entry, error in self._peer.look([move.stage for move in moves]) if not (entry or error)
            }
            left = [move for move in moves if move.stage not in gone]
            for path, entry, error in self._peer.look([move.path for move in moves if move.stage in gone]):
                yield Done(
                    path, error if entry else error or NotFound("it vanished while the session was lost", path=path)
                )
            moves = left
        yield from self._peer.rename(moves)

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        return self._by_path(paths, lambda left: self._peer.keep_in(trash, left, remove=remove))

    def upload(self, transfers: Iterable[Transfer], source: LocalSide) -> Iterator[Staged]:
        return self._transfer(transfers, lambda left: self._peer.upload(left, source), self._peer)

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        return self._transfer(transfers, lambda left: self._peer.download(left, sink), sink)

    def _transfer(
        self, transfers: Iterable[Transfer], move: Callable[[List[Transfer]], Iterator[Staged]], stage_side: Transport
    ) -> Iterator[Staged]:
        stages: Dict[RelPath, RelPath] = {}

        def work(left: List[Transfer], again: bool) -> Iterator[Staged]:
            if again:
                for _removed in stage_side.remove_files([stages.get(one.path, one.stage) for one in left]):
                    pass
                stages.update((one.path, self._fresh(one)) for one in left)
                left = [one._replace(stage=stages[one.path]) for one in left]
            return move(left)

        return self._bulk(transfers, work, key=lambda one: one.path, key_of=lambda staged: staged.transfer.path)

    def _fresh(self, transfer: Transfer) -> RelPath:
        return self.fresh_stage(transfer.path) if self.fresh_stage else transfer.stage


def _same(item: T) -> T:
    return item


def _first(item: Any) -> Any:
    return item[0]
