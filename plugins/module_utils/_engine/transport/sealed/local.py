# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SealedLocal: a tree of this host, shown as the tree of its sealed files.

1. Listing: each file `a` is shown as `a.age`, with the size of its sealed form, if the pair of an earlier run still
   describes it. Otherwise it has the size of its content, which no sealed form of it has.
2. Comparing: the digest of a file is the digest of its sealed form, if its content is still the content of the pair.
   Otherwise it is a digest that no file has, so the file is sealed and stored again.
3. Sending (`source`): a file is sealed while it is read. A source is never opened in another way.
4. Receiving (`opening`): a sealed file arrives under a temporary name. The rename opens it into a second
   temporary file, or if it is small into the same, which gets the final name only if it was opened to its end.
5. Changing: removals and attributes go to the file itself.

A received sealed file under its temporary name keeps mode 0600; the attributes are for its content.

Directories and links keep their names, as do files of the engine. Only one side has contents under plain names. It is
shown with the stored names, so that the rest of a run compares, transports and proves sealed files like any other
files.
"""

from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ...errors import InvalidRequest, KindConflict, OperationFailed, SyncError
from ...integrity.digest import DIGEST_SIZE
from ...model.blocks import Buffer
from ...model.relpath import RelPath
from ...model.tree import FILE, Attributes, Entry, Stamps
from ...sealing.pairs import PairBook, has_form, stored_of
from ...sealing.provider import Opener
from ..base import Digested, Done, Kept, LocalSide, Page, Rename, SourceFile, StageFile, Transport
from .opening import opened
from .source import SealedSource, Workshop

_NO_DIGEST = bytes(DIGEST_SIZE)
"""Of no content that is known."""
_NAME_LIMIT = 255
"""Bytes of a name, of the file systems that servers have. Servers do not name the cause."""


class SealedWork(NamedTuple):
    """The parts of a run with sealed files.

    workshop: on a push
    opener: on a pull
    """

    names: SealedNames
    book: PairBook
    workshop: Optional[Workshop] = None
    opener: Optional[Opener] = None


class SealedLocal(LocalSide):
    """inner: the tree with the contents.

    sizes: of the contents, by shown name
    """

    def __init__(self, inner: LocalSide, work: SealedWork) -> None:
        self.capabilities = inner.capabilities
        self._inner = inner
        self._work = work
        self._names = work.names
        self._meanwhile: Optional[Callable[[], None]] = None
        self._arrived: Dict[RelPath, Attributes] = {}
        """Received sealed files under temporary names, and the attributes of their contents."""
        self.sizes: Dict[RelPath, int] = {}
        self.unset: Dict[RelPath, SyncError] = {}

    @property
    def stamped(self) -> bool:  # type: ignore[override]
        return self._inner.stamped

    @property
    def notes(self) -> Sequence[str]:  # type: ignore[override]
        return self._inner.notes

    @property
    def whole_tree(self) -> Transport:
        return self._inner.whole_tree

    def call_meanwhile(self, action: Callable[[], None]) -> None:
        self._meanwhile = action
        self._inner.call_meanwhile(action)

    def root_entry(self) -> Optional[Entry]:
        return self._inner.root_entry()

    def create_root(self) -> None:
        self._inner.create_root()

    def real_root(self) -> bytes:
        return self._inner.real_root()

    def close(self) -> None:
        self._inner.close()

    # looking

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        for page in self._inner.scan(enter=enter, read_links=read_links):
            yield self._shown(page)

    def _shown(self, page: Page) -> Page:
        entries, problem = [], page.problem
        for path, entry in page.entries:
            if entry[0] == FILE:
                entries.append(self._shown_file(path, entry))
            else:
                entries.append((path, entry))
                if self._names.keep(path):
                    problem = problem or self._clash(path)
        stamps: Optional[Stamps] = None
        if page.stamps is not None:
            stamps = {self._names.stored(RelPath(path)): stamp for path, stamp in page.stamps.items()}
        return Page(page.directory, entries, problem, stamps)

    def _shown_file(self, path: RelPath, entry: Entry) -> Tuple[RelPath, Entry]:
        shown = self._names.stored(path)
        self.sizes[shown] = entry.size
        return shown, self._sealed_entry(path, entry)

    def _sealed_entry(self, plain: RelPath, entry: Entry) -> Entry:
        pair = self._work.book.of(plain, entry.size)
        return entry if pair is None else entry._replace(size=pair.stored_size)

    def _clash(self, path: RelPath) -> Optional[SyncError]:
        """Return the error of an entry that has the stored name of a file."""
        plain = RelPath(path[: -len(self._names.extension)])
        try:
            twin = self._inner.entry_at(plain)
        except SyncError as error:
            return error
        if twin is None or twin.kind != FILE:
            return None
        return KindConflict(
            "the sealed form of the file next to it would have this name",
            path=path,
            cure="Rename one of the two, or set another extension in encrypt or decrypt.",
        )

    def restate(self, tree: Dict[RelPath, Entry]) -> None:
        """Show the sizes by the pairs that are known by now."""
        for path, entry in tree.items():
            if entry.kind == FILE and path in self.sizes and self._names.is_stored(path):
                tree[path] = self._sealed_entry(self._names.plain(path), entry._replace(size=self.sizes[path]))

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        for path in paths:
            plain = self._names.plain(path)
            for _plain, entry, error in self._inner.look([plain]):
                if plain is path or entry is None:
                    yield path, entry, error
                else:
                    yield path, self._sealed_entry(plain, entry), error

    def stamps(self, paths: Iterable[RelPath]) -> Stamps:
        of = {self._names.plain(path): path for path in paths}
        return {of[RelPath(plain)]: stamp for plain, stamp in self._inner.stamps(of).items()}

    def digest(self, sizes: Iterable[RelPath]) -> Iterator[Digested]:
        of = {self._names.plain(path): path for path in sizes}
        for digested in self._inner.digest(list(of)):
            path = of[digested.path]
            yield digested if path == digested.path else self._sealed_digest(path, digested)

    def hash_contents(self, plains: Iterable[RelPath]) -> Iterator[Digested]:
        """Hash contents, by their own names."""
        return self._inner.digest(plains)

    def _sealed_digest(self, path: RelPath, digested: Digested) -> Digested:
        """Return the digest of the sealed form of a content that was hashed."""
        if digested.digest is None:
            return digested._replace(path=path)
        pair = self._work.book.of(digested.path, digested.size)
        if pair is None or pair.digest != digested.digest:
            return Digested(path, _NO_DIGEST)
        return Digested(path, pair.stored_digest, pair.stored_size)

    # sending

    def open_source(self, path: RelPath) -> SourceFile:
        workshop = self._work.workshop
        if workshop is None or not self._names.is_stored(path):
            raise InvalidRequest(f"{bytes(path)!r} cannot be sent: only sealed files may leave this host")
        _require_short(path)
        plain = self._names.plain(path)
        return SealedSource(self._inner.open_source(plain), plain, workshop, self._meanwhile)

    # receiving

    def create_stage(self, path: RelPath, kept: Optional[Kept] = None) -> StageFile:
        stage = self._inner.create_stage(path, kept)
        return SealedStage(stage, lambda attributes: self._arrived.update({path: attributes}))

    def reopen_stage(self, path: RelPath) -> StageFile:
        return self._inner.reopen_stage(path)

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        for move in moves:
            if move.same:
                plain = Rename(self._names.plain(move.stage), self._names.plain(move.path), same=True)
                yield from (Done(move.path, done.error) for done in self._inner.rename([plain]))
            elif move.stage in self._arrived:
                yield self._open(move)
            else:
                self._names.keep(move.path)
                yield from self._inner.rename([move])

    def _open(self, move: Rename) -> Done:
        """Open a received file under a temporary name, which then replaces the final name."""
        opener, attributes = self._work.opener, self._arrived[move.stage]
        if opener is None:
            raise AssertionError("files are received without a key that opens them")
        plain = self._names.plain(move.path)
        try:
            pair, stage, unset = opened(self._inner, move.stage, attributes, opener, self._work.book, plain)
        except SyncError as error:
            return Done(move.path, error.at(move.path))
        for done in self._inner.rename([Rename(stage, plain)]):
            if done.error is not None:
                self._remove([stage])
                return Done(move.path, done.error)
        del self._arrived[move.stage]
        if stage != move.stage:
            self._remove([move.stage])
        self._work.book.made(plain, pair)
        if unset is not None:
            self.unset[move.path] = unset
        return Done(move.path)

    def _remove(self, paths: List[RelPath]) -> None:
        for _done in self._inner.remove_files(paths):
            pass  # The next run removes leftovers.

    # changing

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            self._names.keep(path)
        return self._inner.make_directories(paths)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        for path, _target in links:
            self._names.keep(path)
        return self._inner.make_links(links)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        for path, attributes in changes:
            if path in self._arrived:
                self._arrived[path] = _over(self._arrived[path], attributes)
                yield Done(path)
            else:
                yield from self._as_shown(path, self._inner.set_attributes([(self._names.plain(path), attributes)]))

    def _as_shown(self, path: RelPath, results: Iterator[Done]) -> Iterator[Done]:
        for done in results:
            yield done._replace(path=path)

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        for path in paths:
            yield from self._as_shown(path, self._inner.keep_in(trash, [self._names.plain(path)], remove=remove))

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            self._arrived.pop(path, None)
            yield from self._as_shown(path, self._inner.remove_files([self._names.plain(path)]))
            self._names.forget(path)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for done in self._inner.remove_directories(paths):
            if done.error is None:
                self._names.forget(done.path)
            yield done

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._inner.create_file(path, content)

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        return self._inner.read_file(path, limit=limit)

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._inner.rename_new(old, new)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._inner.sync_directories(paths)


def _require_short(path: RelPath) -> None:
    length = len(path.name)
    if length > _NAME_LIMIT:
        raise OperationFailed(
            f"the name of its encrypted form has {length} bytes, and names have at most {_NAME_LIMIT}",
            path=path,
            cure="Shorten the name of the file, or exclude it.",
        )


def _over(before: Attributes, changes: Attributes) -> Attributes:
    """Return the attributes after a change: None keeps an attribute."""
    mode = before.mode if changes.mode is None else changes.mode
    return Attributes(mode, before.mtime if changes.mtime is None else changes.mtime)


class SealedStage(StageFile):
    """arrived: called with the attributes of the content, once the file is whole."""

    def __init__(self, inner: StageFile, arrived: Callable[[Attributes], None]) -> None:
        self._inner = inner
        self._arrived = arrived

    def write_at(self, data: Buffer, offset: int) -> None:
        self._inner.write_at(data, offset)

    def go_back(self) -> int:
        return self._inner.go_back()

    def digest(self, size: int) -> Optional[bytes]:
        return self._inner.digest(size)

    def followed_digest(self, size: int) -> Optional[bytes]:
        return self._inner.followed_digest(size)

    def finish(self, attributes: Attributes) -> None:
        self._inner.finish(Attributes())
        self._arrived(attributes)

    def leave(self) -> None:
        self._inner.leave()

    def abandon(self) -> None:
        self._inner.abandon()


class SealedNames:
    """extension: end of the names of sealed files. is_own: whether a file of this name belongs to the engine."""

    def __init__(self, extension: bytes, is_own: Callable[[RelPath], bool]) -> None:
        self.extension = extension
        self._is_own = is_own
        self._others: Set[bytes] = set()
        """Directories, links and special entries whose name has the extension."""

    def stored(self, plain: RelPath) -> RelPath:
        return plain if self._is_own(plain) else stored_of(plain, self.extension)

    def is_stored(self, path: RelPath) -> bool:
        """Return whether a shown name stands for a sealed file."""
        return has_form(path, self.extension) and path not in self._others

    def plain(self, path: RelPath) -> RelPath:
        """Return the name here of a shown entry."""
        return RelPath(path[: -len(self.extension)]) if self.is_stored(path) else path

    def keep(self, path: RelPath) -> bool:
        """Note an entry of another kind. Return whether a stored name could be the same."""
        if not has_form(path, self.extension):
            return False
        self._others.add(path)
        return True

    def forget(self, path: RelPath) -> None:
        """Note that an entry is gone."""
        self._others.discard(path)
