# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the contract of every Transport share the fixtures and helpers of this file. A subclass provides

- a fixture `make`: a function from a tree (None: the root is missing, its parent exists) to a Transport of it;
- `truth(transport)`: the present tree, read by other means;
- `put(transport, tree)`: adds entries, by other means.
"""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, List, Optional

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Done,
    Transport,
)

from ..trees.tree_spec import Found, TreeSpec

__all__ = ["ODD_NAMES", "Make", "TreeScene", "entries", "errors", "paths"]

Make = Callable[[Optional[TreeSpec]], Transport]

ODD_NAMES = (
    b"new\nline",
    b"\x1b[31mred",
    b"--delete",
    b"-",
    b" leading and trailing ",
    b"quote'\"`",
    b"back\\slash",
    b"glob*?[a-z]{x,y}",
    b"$(id);&|<>",
    b"\x80\xff not UTF-8",
    "e\u0301 is not \u00e9".encode(),
    "\u202eright to left".encode(),
    b"{{ template }}",
    b"...",
    b"~",
    b"#mtree",
    b"n" * 255,
    b".secure_sync-0123456789ab-01234567-0.tmp",
)


def paths(*names: bytes) -> List[RelPath]:
    return [RelPath(name) for name in names]


def entries(transport: Transport, **options: object) -> Dict[bytes, Entry]:
    """The whole scan, which must be complete and name nothing twice."""
    found: Dict[bytes, Entry] = {}
    for page in transport.scan(**options):
        assert page.problem is None
        for path, entry in page.entries:
            assert type(path) is RelPath
            assert path not in found
            assert path.parent == page.directory
            found[path] = entry
    return found


def errors(results: Iterable[Done]) -> Dict[bytes, Optional[type]]:
    """The class of the error of each item, None where it went well; each item is answered once, and errors name it."""
    found: Dict[bytes, Optional[type]] = {}
    for done in results:
        assert done.path not in found
        assert done.error is None or done.error.path == done.path
        found[done.path] = done.error and type(done.error)
    return found


class TreeScene:
    levels = 300
    """Depth of the deepest tree in a short run; 300 in the long run, for every class."""
    small_files = 1100

    @pytest.fixture
    def depth(self, long_run: bool) -> int:
        return 300 if long_run else self.levels

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        raise NotImplementedError

    def truth(self, transport: Transport) -> Dict[bytes, Found]:
        raise NotImplementedError

    def put(self, transport: Transport, tree: TreeSpec) -> None:
        raise NotImplementedError
