# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retrying: a peer whose session may be lost; a new one takes up the work where it is known to stand.

Items that an operation yielded are done. The state of other items is unknown and is checked before they are repeated: a
missing stage was renamed; a missing item of a removal is removed; a file that is left halfway continues where it
stopped, in the same stage; another transfer starts again under a new name, because the server may still have the old
stage open.

An item that loses every session fails by name, and the others continue (narrowing.py). A session that brought a file
further was useful, and counts as no failure of the file. A run ends early only if no session can be opened, or if none
is useful.

A change that was sent may have been made until an answer shows that it was refused: see `uncertain`.
"""

from __future__ import annotations

from itertools import count
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
    TypeVar,
)

from ..errors import AlreadyExists, ItemError, NotFound, SyncError
from ..model.endpoint import PeerIdentity
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, Attributes, Entry
from ..transport.base import (
    Capabilities,
    Digested,
    Done,
    LocalSide,
    Page,
    PeerTransport,
    Rename,
    Sources,
    Staged,
    Transfer,
    Transport,
)
from .backoff import Backoff
from .stage_names import OURS

if TYPE_CHECKING:
    from .narrowing import Narrowing

CURE = "Look for the cause in the server's log, a firewall and a virus scanner; exclude the item meanwhile."

WORTH = 256 << 10
"""Bytes by which a session must bring a file further, to be useful: a server that ends every session is given up."""

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[List[Item], bool], Iterator[T]]
"""Does the operation for the given items; the flag means that a lost session may have done a part of it."""


class Recovery(NamedTuple):
    """How changes continue in a new session.

    fresh_stage: returns a new stage for a final path
    confirm: called with the new session's transport; raises unless the destination still belongs to this run
    """

    fresh_stage: Callable[[RelPath], RelPath]
    confirm: Callable[[Transport], None]


def _read_only(path: RelPath) -> RelPath:
    raise AssertionError(f"a transfer of {path!r} before changes began")


_BEFORE_CHANGES = Recovery(_read_only, lambda peer: None)


class Retrying(PeerTransport):
    """`peer`, with every operation continued over lost sessions. Only `scan` is not: its callers call `recover` and
    start again. Call `begin_changes` before the first transfer.

    reconnections: number of sessions opened again
    touched: whether a name that is not of the engine was changed
    """

    def __init__(self, peer: PeerTransport, backoff: Backoff) -> None:
        self._peer = peer
        self._backoff = backoff
        self._touching: Optional[Tuple[RelPath, float]] = None
        self._failed_in_a_row = 0
        self._wasted = 0
        self._useful = False
        """Whether the last session that was lost brought a file further."""
        self._recovery = _BEFORE_CHANGES
        self._unanswered: List[Dict[RelPath, Any]] = []
        self.reconnections = 0
        self.touched = False

    # the present values of the transport

    @property
    def capabilities(self) -> Capabilities:  # type: ignore[override]
        return self._peer.capabilities

    @property
    def identity(self) -> PeerIdentity:  # type: ignore[override]
        return self._peer.identity

    @property
    def notes(self) -> Sequence[str]:  # type: ignore[override]
        return self._peer.notes

    @property
    def carried(self) -> int:  # type: ignore[override]
        """Return the content bytes that need not move again."""
        return self._peer.carried - self._wasted

    def halfway(self) -> Mapping[RelPath, int]:
        return self._peer.halfway()

    def forget_halfway(self) -> None:
        self._peer.forget_halfway()

    @property
    def uncertain(self) -> bool:
        """Return whether the peer may have made a change that no result reports as made."""
        return any(self._unanswered)

    def ready(self) -> bool:
        return self._peer.ready()

    def begin_changes(self, recovery: Recovery) -> None:
        """Continue over lost sessions by `recovery` from now on."""
        self._recovery = recovery

    def recover(self, error: SyncError) -> None:
        """Open a new session after `error`; raise it if it is final, or raise the error of the new session."""
        for attempts in count():
            self._backoff.pause(error, left=self._backoff.for_a_loss - attempts)
            try:
                self._peer.reconnect()
                if self._touching is not None:
                    self._peer.touch_every(*self._touching)
                self._recovery.confirm(self._peer)
            except SyncError as again:
                error = again
                continue
            self.reconnections += 1
            return

    def reconnect(self) -> None:
        self._peer.reconnect()

    def _progress(self) -> None:
        self._backoff.progress()
        self._failed_in_a_row = 0

    def _once(self, act: Callable[[bool], T]) -> T:
        for losses in count():
            try:
                result = act(losses > 0)
            except SyncError as error:
                if not error.retryable or losses >= self._backoff.retries:
                    raise
                self.recover(error)
            else:
                self._progress()
                return result
        raise AssertionError  # count() has no end

    def _change(self, path: RelPath, act: Callable[[bool], None]) -> None:
        unanswered, before = {path: None}, self.reconnections
        self._watch(unanswered)
        try:
            self._once(act)
        except ItemError:
            if self.reconnections == before:
                unanswered.clear()
            raise
        unanswered.clear()

    def _watch(self, *unanswered: Dict[RelPath, Any]) -> None:
        """Count the items in `unanswered`, now and later, as changes that the peer may have made."""
        self._unanswered = [*filter(None, self._unanswered), *unanswered]

    def _bulk(
        self,
        items: Iterable[Item],
        work: Work[Item, T],
        *,
        key: Callable[[Item], RelPath],
        key_of: Callable[[T], RelPath],
        failed: Callable[[Item, SyncError], T],
        place: Optional[Callable[[Item], RelPath]] = None,
        ordered: bool = False,
        changes: bool = True,
    ) -> Iterator[T]:
        """place: under which path the peer leaves an item halfway; `key` where it is None"""
        pending: Dict[RelPath, Item] = {key(item): item for item in items}
        doubtful: Dict[RelPath, Item] = {}
        if changes:
            self._watch(pending, doubtful)
        narrowing: Optional[Narrowing[RelPath]] = None
        again, moved = False, self.carried
        reached: Dict[RelPath, int] = {}
        try:
            while pending:
                share = pending if narrowing is None else narrowing.share()
                try:
                    for result in work([pending[each] for each in share], again):
                        path = key_of(result)
                        item = pending.pop(path, None)
                        if item is not None:
                            self._progress()
                            moved += getattr(result, "size", 0)
                        if changes:
                            self._settle(doubtful, path, item, getattr(result, "error", None))
                        yield result
                except SyncError as error:
                    doubtful.update(pending)
                    again, useful = True, self._came_further(pending, reached, place or key)
                    self._useful = useful
                    self._wasted = max(self._wasted, self._peer.carried - moved - sum(self._peer.halfway().values()))
                    self.recover(error)
                    narrowing = narrowing or self._narrowing(pending, ordered=ordered)
                    for each in narrowing.lost(error, failed_before=self._failed_in_a_row, useful=useful):
                        self._failed_in_a_row += 1
                        item = pending.pop(each)
                        yield failed(item, self.blamed(error, each))
                else:
                    if narrowing is None or not narrowing.share_done():
                        return
        finally:
            self._peer.forget_halfway()

    def _came_further(
        self, pending: Mapping[RelPath, Item], reached: Dict[RelPath, int], place: Callable[[Item], RelPath]
    ) -> bool:
        """Return whether the lost session brought a file further. reached: where files stood after useful sessions,
        also in another stage."""
        halfway = self._peer.halfway()
        sizes = {path: halfway.get(place(item), 0) for path, item in pending.items()} if halfway else {}
        further = {path: size for path, size in sizes.items() if size - reached.get(path, 0) >= WORTH}
        reached.update(further)
        if further:
            self._progress()
        return bool(further)

    def _settle(
        self, doubtful: Dict[RelPath, Item], path: RelPath, item: Optional[Item], error: Optional[SyncError]
    ) -> None:
        if error is None:
            changed = item.stage if isinstance(item, Transfer) else path
            # The search for overlapping roots sets a time that was there before.
            is_time = isinstance(item, tuple) and isinstance(item[1], Attributes) and item[1].mode is None
            self.touched = self.touched or not (is_time or changed.rpartition(b"/")[2].startswith(OURS))
            doubtful.pop(path, None)
        # In place, an upload that failed has written to its file.
        elif item is not None and (getattr(item, "in_place", False) or not isinstance(error, ItemError)):
            doubtful[path] = item

    def _narrowing(self, pending: Mapping[RelPath, object], *, ordered: bool) -> Narrowing[RelPath]:
        """Loaded after the first lost session."""
        from .narrowing import Narrowing  # pylint: disable=import-outside-toplevel

        return Narrowing(pending, attempts=self.item_attempts, ordered=ordered)

    @property
    def item_attempts(self) -> int:
        """Return how many sessions one item may lose on its own."""
        return self._backoff.for_a_loss

    def blamed(self, error: SyncError, path: RelPath) -> SyncError:
        """Return `error`, which ended the sessions, as the error of the item at `path`."""
        text = f"the session was lost at each attempt for this item: {error.message}"
        return error.at(path, message=text, cure=CURE)

    def _by_path(
        self,
        paths: Iterable[RelPath],
        work: Callable[[List[RelPath]], Iterator[T]],
        failed: Callable[[RelPath, SyncError], T],
        *,
        ordered: bool = False,
        changes: bool = True,
    ) -> Iterator[T]:
        return self._bulk(
            paths,
            lambda left, again: work(left),
            key=_same,
            key_of=_first,
            failed=failed,
            ordered=ordered,
            changes=changes,
        )

    # operations that can simply be repeated

    def root_entry(self) -> Optional[Entry]:
        return self._once(lambda again: self._peer.root_entry())

    def real_root(self) -> bytes:
        return self._once(lambda again: self._peer.real_root())

    def foresee_setting(self) -> None:
        self._once(lambda again: self._peer.foresee_setting())

    def foresee_server_hash(self) -> None:
        self._once(lambda again: self._peer.foresee_server_hash())

    def sends_blocks(self) -> bool:
        return self._once(lambda again: self._peer.sends_blocks())

    def hashes_blocks(self) -> bool:
        return self._once(lambda again: self._peer.hashes_blocks())

    def server_hash(self) -> Optional[str]:
        return self._once(lambda again: self._peer.server_hash())

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        return self._once(lambda again: self._peer.read_file(path, limit=limit))

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        for page in self._peer.scan(enter=enter, read_links=read_links):
            self._progress()
            yield page

    def advance(self) -> bool:
        return self._peer.advance()

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        return self._by_path(paths, self._peer.look, lambda path, error: (path, None, error), changes=False)

    def digest(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        def work(left: List[RelPath]) -> Iterator[Digested]:
            return self._peer.digest({path: sizes[path] for path in left})

        return self._by_path(sizes, work, _unknown, changes=False)

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return self._by_path(paths, self._peer.digest_by_server, _unknown, changes=False)

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.make_directories, Done, ordered=True)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        def work(left: List[Tuple[RelPath, Attributes]], again: bool) -> Iterator[Done]:
            return self._peer.set_attributes(left)

        return self._bulk(changes, work, key=_first, key_of=_first, failed=_undone, ordered=True)

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.remove_files, Done)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.remove_directories, Done, ordered=True)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._by_path(paths, self._peer.sync_directories, Done, changes=False)

    def touch_every(self, path: RelPath, seconds: float) -> None:
        self._touching = (path, seconds) if seconds else None
        self._peer.touch_every(path, seconds)

    def beat(self) -> None:
        self._peer.beat()

    def close(self) -> None:
        self._peer.close()

    # operations that must be checked first

    def create_root(self) -> None:
        self._change(ROOT, self._create_root)

    def _create_root(self, again: bool) -> None:
        try:
            self._peer.create_root()
        except AlreadyExists:
            there = self._peer.root_entry() if again else None
            if there is None or there.kind != DIRECTORY:
                raise

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._change(path, lambda again: self._create_file(path, content, again))

    def _create_file(self, path: RelPath, content: bytes, again: bool) -> None:
        try:
            self._peer.create_file(path, content)
        except AlreadyExists:
            if not again or self._peer.read_file(path) != content:
                raise

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._change(new, lambda again: self._rename_new(old, new, again))

    def _rename_new(self, old: RelPath, new: RelPath, again: bool) -> None:
        # The names belong to this run: if the old name is gone and the new name exists, it was done.
        if again and self._peer.entry_at(old) is None and self._peer.entry_at(new) is not None:
            return
        self._peer.rename_new(old, new)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        return self._bulk(links, self._make_links, key=_first, key_of=_first, failed=_undone)

    def _make_links(self, links: List[Tuple[RelPath, bytes]], again: bool) -> Iterator[Done]:
        # The names of links belong to this run: an existing link was made by the lost session.
        for done in self._peer.make_links(links):
            yield Done(done.path) if again and isinstance(done.error, AlreadyExists) else done

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        return self._bulk(moves, self._rename, key=_path_of, key_of=_first, failed=_not_renamed)

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
        return self._by_path(paths, lambda left: self._peer.keep_in(trash, left, remove=remove), Done)

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        return self._transfer(transfers, lambda left: self._peer.upload(left, source), self._peer)

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        return self._transfer(transfers, lambda left: self._peer.download(left, sink), sink)

    def copy(self, transfers: Iterable[Transfer]) -> Iterator[Staged]:
        return self._transfer(transfers, self._peer.copy, self._peer)

    def _transfer(
        self, transfers: Iterable[Transfer], move: Callable[[List[Transfer]], Iterator[Staged]], stage_side: Transport
    ) -> Iterator[Staged]:
        stages: Dict[RelPath, RelPath] = {}
        tried: Set[RelPath] = set()

        def place(one: Transfer) -> RelPath:
            return stages.get(one.path, one.stage)

        def afresh(lost: List[Transfer]) -> List[Transfer]:
            for _removed in stage_side.remove_files([one.stage for one in lost if not one.in_place]):
                pass
            for one in lost:
                fresh = self._recovery.fresh_stage(one.path)
                stages[one.path] = one.kept.moved(fresh)
            return [one._replace(stage=place(one)) for one in lost]

        def work(left: List[Transfer], again: bool) -> Iterator[Staged]:
            left = [one._replace(stage=place(one)) for one in left]
            halfway = self._peer.halfway() if again else {}
            held: List[Transfer] = []
            lost: List[Transfer] = []
            kept: List[Transfer] = []
            for one in left:
                # A session may have been lost before it came to the part that an earlier run left.
                spared = one.begun and (self._useful or one.path not in tried)
                (kept if not again or spared or one.stage in halfway else lost).append(one)
            tried.update(one.path for one in left if again and not self._useful)
            for staged in move(kept + afresh(lost)):
                one = staged.transfer
                if (one.begun or one.stage in halfway) and isinstance(staged.error, AlreadyExists):
                    held.append(staged.transfer)
                else:
                    yield staged
            if held:
                yield from move(afresh(held))

        def failed(one: Transfer, error: SyncError) -> Staged:
            return Staged(one._replace(stage=place(one)), error=error)

        return self._bulk(
            transfers,
            work,
            key=_path_of,
            key_of=lambda staged: staged.transfer.path,
            failed=failed,
            place=place,
            changes=stage_side is self._peer,
        )


def _same(item: T) -> T:
    return item


def _first(item: Any) -> Any:
    return item[0]


def _path_of(item: Rename | Transfer) -> RelPath:
    return item.path


def _unknown(path: RelPath, error: SyncError) -> Digested:
    return Digested(path, None, 0, error)


def _undone(item: Tuple[RelPath, object], error: SyncError) -> Done:
    return Done(item[0], error)


def _not_renamed(move: Rename, error: SyncError) -> Done:
    return Done(move.path, error)
