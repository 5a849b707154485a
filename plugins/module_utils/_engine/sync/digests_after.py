# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DigestsAfter: the digests of one side after a run, of stored files and of files that were known before. None is
copied."""

from __future__ import annotations

from typing import Any, Iterator, MutableMapping, Optional, Set, cast

from ..model.tree import Digests
from .proven_files import ProvenFiles


class DigestsAfter(MutableMapping[bytes, bytes]):
    """before: stays as it is. A stored file whose digest at this side is not known has none."""

    def __init__(self, before: Digests, stored: ProvenFiles, *, source: bool) -> None:
        self._before = before
        self._stored = stored
        self._source = source
        self._gone: Set[bytes] = set()

    def get(self, key: bytes, default: Any = None) -> Any:
        """Return the digest of a file; `default` if it is not known."""
        if key in self._gone:
            return default
        if key in self._stored:
            digest = self._stored.digest(key, source=self._source)  # type: ignore[arg-type]
            return default if digest is None else digest
        return self._before.get(key, default)

    def __getitem__(self, path: bytes) -> bytes:
        digest: Optional[bytes] = self.get(path)
        if digest is None:
            raise KeyError(path)
        return digest

    def __contains__(self, path: object) -> bool:
        return self.get(cast("bytes", path)) is not None

    def __setitem__(self, path: bytes, digest: bytes) -> None:
        raise NotImplementedError("digests are learned during a run")

    def __delitem__(self, path: bytes) -> None:
        if path not in self:
            raise KeyError(path)
        self._gone.add(path)

    def __iter__(self) -> Iterator[bytes]:
        yield from (path for path in self._stored if path in self)
        yield from (path for path in self._before if path not in self._stored and path not in self._gone)

    def __len__(self) -> int:
        return sum(1 for _path in self)
