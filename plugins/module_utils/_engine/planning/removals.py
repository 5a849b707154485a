# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removals at the destination: extra entries, and entries replaced by another kind. Which entries stay."""

from __future__ import annotations

from typing import AbstractSet, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Set, Tuple

from ..errors import TooManyDeletions
from ..model import plan
from ..model.human import counted
from ..model.plan import SPECIAL_FILE, Remove, Skipped
from ..model.relpath import RelPath
from ..model.request import SKIP, DeleteLimit
from ..model.tree import DIRECTORY, LINK, SPECIAL, Tree

LEFT_LINK = "symbolic link at the destination, links are skipped"


class Removals(NamedTuple):
    """The entries to remove, and the entries without a counterpart that are kept. staying: directories that must become
    something else, and hold something that stays."""

    actions: List[Remove]
    skipped: List[Skipped]
    staying: AbstractSet[RelPath] = frozenset()


def ancestors(path: bytes) -> Iterator[bytes]:
    """Yield the directories above `path`, nearest first, without the root."""
    parent = path.rpartition(b"/")[0]
    while parent:
        yield parent
        parent = parent.rpartition(b"/")[0]


def inside(path: RelPath, tops: AbstractSet[bytes]) -> bool:
    """Return whether `path` is in `tops` or below an element of it."""
    return bool(tops) and (path in tops or any(above in tops for above in ancestors(path)))


def may_be_there(destination: Tree, unlisted: AbstractSet[RelPath], path: RelPath) -> bool:
    """Return whether the destination may have this entry, or one of the directories above it, although its tree lacks
    it.

    unlisted: directories of the destination whose listing failed or is not whole. Filters can hide them from the tree.
    """
    while path and path not in destination:
        if path in unlisted or path.parent in unlisted:
            return True
        path = path.parent
    return False


def plan_removals(
    destination: Tree,
    lacking: Iterable[RelPath],
    *,
    giving_way: AbstractSet[RelPath],
    held: AbstractSet[RelPath],
    protected: AbstractSet[RelPath],
    links: str,
) -> Removals:
    """Return the REMOVE actions, unsorted.

    lacking: the destination's entries that the source lacks
    giving_way: directories that must become something else, with all that is in them
    held: entries that stay, with all that is in them
    protected: directories that hold something the tree does not show
    """
    candidates = sorted(lacking)
    staying, skipped = _stay(destination, candidates, held, links)
    standing = _with_ancestors(staying, protected)
    blocked = {path for path in giving_way if path in standing or path in staying}
    if blocked:
        giving_way, held = giving_way - blocked, held | blocked
        found = plan_removals(
            destination, candidates, giving_way=giving_way, held=held, protected=protected, links=links
        )
        return found._replace(skipped=skipped, staying=blocked)
    actions = [Remove(path, plan.KIND, destination[path]) for path in giving_way]
    for path in candidates:
        if path not in staying and path not in standing:
            reason = plan.KIND if inside(path, giving_way) else plan.EXTRA
            actions.append(Remove(path, reason, destination[path]))
    return Removals(actions, skipped)


def _stay(
    destination: Tree, candidates: Iterable[RelPath], held: AbstractSet[RelPath], links: str
) -> Tuple[Set[RelPath], List[Skipped]]:
    reasons: Dict[str, str] = {SPECIAL: SPECIAL_FILE}
    if links == SKIP:
        reasons[LINK] = LEFT_LINK
    staying: Set[RelPath] = set()
    skipped: List[Skipped] = []
    for path in candidates:
        reason = reasons.get(destination[path].kind)
        if inside(path, held):
            staying.add(path)
        elif reason is not None:
            staying.add(path)
            skipped.append(Skipped(path, reason))
    return staying, skipped


def _with_ancestors(staying: AbstractSet[bytes], protected: AbstractSet[bytes]) -> Set[bytes]:
    standing: Set[bytes] = set(protected)
    for path in [*staying, *protected]:
        for above in ancestors(path):
            if above in standing and above not in protected:
                break
            standing.add(above)
    return standing


def check_limit(destination: Tree, removals: Sequence[Remove], limit: DeleteLimit) -> None:
    """Raise TooManyDeletions where `removals` are more than `limit` allows. Everything but directories counts."""
    deletions = sum(action.present.kind != DIRECTORY for action in removals)
    if not deletions:
        return
    total = sum(1 for entry in destination.values() if entry.kind != DIRECTORY)
    most = limit.of(total)
    if deletions > most:
        allowed = f"{limit.value:g}% ({most})" if limit.percent else f"{most}"
        refusal = TooManyDeletions(
            f"max_delete: the run would delete {deletions:,} of {counted(total, 'file')} at "
            f"the destination, and the limit is {allowed}",
            cure="Check that the source is complete and dest is right, then raise max_delete.",
        )
        refusal.refused = tuple(sorted(removals))
        raise refusal
