# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SingleFile: one file of a directory, shown as a tree of its own, so that a run on one file is a run like any
other."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Sequence, Tuple

from ..errors import SourceChanged, SyncError
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, Entry, Stamps
from ..transport.base import Digested, Done, LocalSide, Page, SourceFile, Staged, Transfer


class SingleFile:
    """A view of a transport whose root is the parent directory: only the file `real` is seen, under the name `shown`.

    For the source, `shown` is the name of the file at the destination. For the destination both are the same, and
    `litter` selects the leftovers of killed runs in the directory, and `manifests` is the directory of the manifests of
    a signed set. All other methods call the transport itself.
    """

    def __init__(
        self,
        inner: Any,
        *,
        shown: RelPath,
        real: RelPath,
        litter: Optional[Callable[[RelPath], bool]] = None,
        manifests: Optional[bytes] = None,
    ) -> None:
        self._inner = inner
        self._shown = shown
        self._real = real
        self._litter = litter
        self._manifests = manifests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _to_real(self, path: RelPath) -> RelPath:
        return self._real if path == self._shown else path

    def _to_shown(self, path: RelPath) -> RelPath:
        return self._shown if path == self._real else path

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        """Yield the single file, and at the destination the leftovers of killed runs."""
        for path, entry, error in self.look([self._shown]):
            if self._litter is None and entry is not None and entry.kind == DIRECTORY:
                entry, error = None, SourceChanged("it was a file and is a directory now", path=path, cure="Run again.")
            yield Page(ROOT, () if entry is None else ((path, entry),), error, self.stamps([path]))
        if self._litter is not None:
            yield from self._left_behind(self._litter)
        if self._manifests is not None:
            yield from self._published(RelPath(self._manifests))

    def _published(self, manifests: RelPath) -> Iterator[Page]:
        for page in self._inner.scan(enter=lambda path: path == manifests):
            entries = [item for item in page.entries if manifests in (item[0], item[0].parent)]
            yield Page(page.directory, entries, page.problem if page.directory == manifests else None)

    def _left_behind(self, is_litter: Callable[[RelPath], bool]) -> Iterator[Page]:
        # The listing of the directory may be forbidden: the file can still be stored.
        for page in self._inner.scan(enter=lambda path: False):
            yield Page(ROOT, [item for item in page.entries if is_litter(item[0]) and item[0] != self._real])

    def stamps(self, paths: Iterable[RelPath]) -> Stamps:
        """Implement LocalSide.stamps; a peer has none."""
        if not hasattr(self._inner, "stamps"):
            return {}
        found = self._inner.stamps([self._to_real(path) for path in paths])
        return {self._to_shown(RelPath(path)): stamp for path, stamp in found.items()}

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        for path, entry, error in self._inner.look([self._to_real(path) for path in paths]):
            yield self._to_shown(path), entry, error

    def digest(self, sizes: Iterable[RelPath]) -> Iterator[Digested]:
        if isinstance(sizes, Mapping):
            return self._shown_digests(self._inner.digest({self._to_real(path): size for path, size in sizes.items()}))
        return self._shown_digests(self._inner.digest([self._to_real(path) for path in sizes]))

    def digest_by_server(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return self._shown_digests(self._inner.digest_by_server([self._to_real(path) for path in paths]))

    def _shown_digests(self, results: Iterable[Digested]) -> Iterator[Digested]:
        for digested in results:
            yield digested._replace(path=self._to_shown(digested.path))

    def open_source(self, path: RelPath) -> SourceFile:
        opened: SourceFile = self._inner.open_source(self._to_real(path))
        return opened

    def remove_files(self, paths: Iterable[RelPath]) -> Iterator[Done]:
        return self._shown_of(self._inner.remove_files([self._to_real(path) for path in paths]))

    def keep_in(self, trash: RelPath, paths: Iterable[RelPath], *, remove: bool) -> Iterator[Done]:
        return self._shown_of(self._inner.keep_in(trash, [self._to_real(path) for path in paths], remove=remove))

    def _shown_of(self, results: Iterable[Done]) -> Iterator[Done]:
        for done in results:
            yield done._replace(path=self._to_shown(done.path))

    def download(self, transfers: Sequence[Transfer], sink: LocalSide) -> Iterator[Staged]:
        asked = {transfer.path: transfer for transfer in transfers}
        real = [transfer._replace(source=self._to_real(transfer.source)) for transfer in transfers]
        for staged in self._inner.download(real, sink):
            shown = staged.transfer._replace(source=asked[staged.transfer.path].source)
            yield staged._replace(transfer=shown)
