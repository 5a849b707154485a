# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removal: taking entries away at the destination, into the trash if it is set; and LinkMoves: whether a rename there
moves a symbolic link itself, or its target.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, Dict, Iterable, List, Optional, Sequence

from ..errors import NotFound, OperationFailed
from ..model.plan import Remove
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Entry
from ..transport.base import Done, Rename, Transport
from .outcomes import Outcomes
from .roots import Sides
from .stage_names import StageNames

ELSEWHERE = "Check that the trash is on the file system of the file: exclude other mounts, or leave trash out."
NOTE = (
    "the server's renames follow symbolic links: links are replaced by removing and making them, not atomically, "
    "and are not kept in the trash"
)


class Removal:
    """trash: path below the destination that takes removed and replaced files and links, or None.
    place: returns the directory of the trash that takes them now; without it, the trash itself
    """

    def __init__(
        self,
        destination: Transport,
        trash: Optional[RelPath],
        outcomes: Outcomes,
        link_moves: LinkMoves,
        *,
        place: Optional[Callable[[], RelPath]] = None,
    ) -> None:
        self._destination = destination
        self._trash = trash
        self._outcomes = outcomes
        self._link_moves = link_moves
        self._place = place

    def remove(self, actions: Sequence[Remove]) -> bool:
        """Carry out REMOVE actions: files and links first, then directories, deepest first. Whether all went well."""
        files = [action for action in actions if action.present.kind != DIRECTORY]
        kept = [action for action in files if self.keeps(action.present)]
        gone = [action for action in files if not self.keeps(action.present)]
        directories = [action for action in actions if action.present.kind == DIRECTORY]
        directories.sort(key=lambda action: action.path.depth, reverse=True)
        well = self._trash is None or self._settle(kept, partial(self._keep, self._trash, remove=True))
        well &= self._settle(gone, self._destination.remove_files)
        return self._settle(directories, self._destination.remove_directories) and well

    def keeps(self, entry: Entry) -> bool:
        """Return whether the trash takes it."""
        return self._trash is not None and (entry.kind == FILE or (entry.kind == LINK and self._link_moves.safe))

    def keep_replaced(self, paths: Sequence[RelPath]) -> Dict[RelPath, Done]:
        """Keep files in the trash that a rename is about to replace; return failures by path. Without a trash do
        nothing."""
        if self._trash is None or not paths:
            return {}
        return {done.path: done for done in self._keep(self._trash, paths, remove=False) if done.error is not None}

    def _keep(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterable[Done]:
        place = trash if self._place is None else self._place()
        results = list(self._destination.keep_in(place, paths, remove=remove))
        lost = [done.path for done in results if isinstance(done.error, NotFound)]
        # Gone by itself, or kept already by a session that was lost since: nothing to keep. Else the trash is missing.
        gone = {path for path, entry, error in self._destination.look(lost) if not (entry or error)} if lost else ()
        kept = [Done(done.path) if done.path in gone else done for done in results]
        return [
            Done(path, error.at(path, cure=ELSEWHERE)) if isinstance(error, OperationFailed) else Done(path, error)
            for path, error in kept
        ]

    def _settle(self, actions: List[Remove], remove: Callable[[Sequence[RelPath]], Iterable[Done]]) -> bool:
        if not actions:
            return True
        of = {action.path: action for action in actions}
        well = True
        for done in remove(list(of)):
            if done.error is None:
                self._outcomes.succeed(of[done.path])
            else:
                self._outcomes.fail(of[done.path], done.error)
                well = False
        return well


class LinkMoves:
    """Tried once, on a file and a link of our own, when it is first asked: only runs that touch links pay for it."""

    def __init__(self, sides: Sides, names: StageNames, outcomes: Outcomes) -> None:
        self._sides = sides
        self._names = names
        self._outcomes = outcomes
        self._safe: Optional[bool] = None if sides.push else True

    @property
    def safe(self) -> bool:
        """Return whether links can be renamed and renamed over."""
        if self._safe is None:
            self._safe = self._try()
            if not self._safe:
                self._outcomes.note(NOTE)
        return self._safe

    def _try(self) -> bool:
        side = self._sides.destination
        file, link, moved = (self._names.in_root() for _number in range(3))
        side.create_file(file, b"")
        list(side.make_links([(link, file)]))
        list(side.rename([Rename(link, moved)]))
        found = [entry for _path, entry, _error in side.look([moved])]
        self._names.released(side.remove_files([moved, link, file]))
        return found[0] is not None and found[0].kind == LINK
