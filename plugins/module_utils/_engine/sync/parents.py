# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missing directories above the root of the destination, with `create_parents`: found when both sides are opened,
created by Claim before the root."""

from __future__ import annotations

import os
from typing import List, NamedTuple, Tuple

from ..errors import AlreadyExists, KindConflict
from ..model.display import display
from ..model.request import spelled
from ..model.tree import DIRECTORY
from ..transport.base import Transport
from .root_words import RootWords
from .sessions import Sessions


class Parents(NamedTuple):
    """The missing directories above a root.

    missing: their paths, topmost first
    root: path of the root, as the task has it
    real_root: canonical path of the root
    """

    missing: Tuple[bytes, ...]
    root: bytes
    real_root: bytes


def missing_parents(sessions: Sessions, root: bytes, words: RootWords) -> Tuple[Transport, Parents]:
    """Return the destination at its missing root, and the missing directories above. Raises KindConflict, NotFound."""
    names: List[bytes] = []
    missing: List[bytes] = []
    above = spelled(root)
    while True:
        above, name = os.path.split(above)
        names.insert(0, name)
        side = sessions.open_destination(above or b".")
        with words.in_errors("cannot be made"):
            entry = side.root_entry()
            if entry is not None:
                break
        if above in (b"", b"/"):
            raise words.no_parent()
        missing.insert(0, above)
    if entry.kind != DIRECTORY:
        raise KindConflict(
            words.says(f"cannot be made: '{display(above)}' is not a directory"),
            cure=f"Move it away, or correct {words.option}.",
        )
    parents = Parents(tuple(missing), root, os.path.join(side.real_root(), *names))
    return sessions.open_destination(root), parents


def create(sessions: Sessions, path: bytes) -> bool:
    """Create a missing directory above the root; return whether this run did. Raises ItemError."""
    side = sessions.open_destination(path)
    try:
        side.create_root()
    except AlreadyExists:
        entry = side.root_entry()
        if entry is None or entry.kind != DIRECTORY:
            raise
        return False
    return True
