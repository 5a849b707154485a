# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names under which the trash keeps a file, and the directories that hold them."""

from __future__ import annotations

from typing import Iterable, Iterator, List, Sequence, Tuple

from ..errors import ItemError
from ..model.display import display
from ..model.relpath import RelPath
from .base import Done

_NAME_MAX = 255
_MOST = 10_000
"""Each costs a question; and a server that calls every name taken must not keep the run for ever."""


def kept_names(path: RelPath) -> Iterator[RelPath]:
    """`path` itself, then with ".1", ".2", ... ".9999" at its end, the name cut so that it stays within 255 bytes."""
    yield path
    for number in range(1, _MOST):
        suffix = b".%d" % number
        yield path.parent.child(path.name[: _NAME_MAX - len(suffix)] + suffix)


def kept_directories(trash: RelPath, paths: Sequence[RelPath]) -> List[RelPath]:
    """Return every directory that `trash`/path needs, parents first."""
    found = set()
    for path in [RelPath(trash + b"/" + path) for path in paths]:
        parent = path.parent
        while parent and parent not in found:
            found.add(parent)
            parent = parent.parent
    return sorted(found)


def with_directory(trash: RelPath, paths: Sequence[RelPath], made: Iterable[Done]) -> Tuple[List[RelPath], List[Done]]:
    """Return the `paths` whose directory in the trash is there, and the failures of the others; made: the results of
    making these directories. A lost session is left to those who use it next."""
    failed = {done.path: done.error for done in made if isinstance(done.error, ItemError)}
    if not failed:
        return list(paths), []
    good: List[RelPath] = []
    bad: List[Done] = []
    for path in paths:
        above = [failed[parent] for parent in kept_directories(trash, [path]) if parent in failed]
        if above:
            text = f"its directory in {display(trash)} cannot be made: {above[0].message}"
            bad.append(Done(path, above[0].at(path, message=text)))
        else:
            good.append(path)
    return good, bad
