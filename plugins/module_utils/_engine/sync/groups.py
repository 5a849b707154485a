# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups: a plan's actions in the groups in which they are carried out."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, NamedTuple, Sequence, cast

from ..model import plan
from ..model.on_demand import FileStores, PlannedActions
from ..model.plan import Plan, Remove, Write
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY

BATCH_FILES = 2000
BATCH_BYTES = 256 << 20
LARGE = 16 << 20
"""Bytes from which on a file may be sent by blocks."""


class Groups(NamedTuple):
    """The actions of a plan by group.

    clearing: entries that a new directory replaces, removed before it is made
    respelled: entries that get another spelling of their name
    relocations: files that are moved or copied at the destination
    replaced: for each new file or link that replaces another kind, the removals for it
    conversions: files and links that replace a directory: last, and only if nothing has failed, since much may be
    removed for them
    """

    clearing: List[Remove]
    replaced: Dict[RelPath, List[Remove]]
    directories: List[Write]
    relocations: List[Write]
    stores: Sequence[Write]
    links: List[Write]
    conversions: List[Write]
    attributes: List[Write]
    directory_attributes: List[Write]
    extras: List[Remove]
    respelled: List[Write]


def grouped(planned: Plan) -> Groups:
    """Return the actions of `planned` by group; each group keeps the plan's order."""
    stores: List[Write] = []
    groups = Groups([], {}, [], [], stores, [], [], [], [], [], [])
    giving_way: List[Remove] = []
    for action in planned.others:
        if isinstance(action, Write):
            _group(action, groups, stores).append(action)
        else:
            (giving_way if action.reason == plan.KIND else groups.extras).append(action)
    if giving_way:
        _give_way(giving_way, groups)
    return groups if planned.stores is None else groups._replace(stores=_merged(planned.stores, stores))


def _merged(stores: FileStores, others: List[Write]) -> Sequence[Write]:
    return cast("Sequence[Write]", PlannedActions(stores, others)) if others else stores


def sizes(stores: Sequence[Write]) -> Iterable[int]:
    """Return the sizes of files to store, without their actions where these would have to be made."""
    return stores.sizes if isinstance(stores, FileStores) else (action.wanted.size for action in stores)


def _group(action: Write, groups: Groups, stores: List[Write]) -> List[Write]:
    kind = action.action
    if action.respells:
        return groups.respelled
    if kind == plan.SET_ATTRIBUTES:
        return groups.directory_attributes if action.wanted.kind == DIRECTORY else groups.attributes
    if kind == plan.CREATE_DIRECTORY:
        return groups.directories
    if action.present is not None and action.present.kind == DIRECTORY:
        return groups.conversions
    if kind in plan.RELOCATIONS:
        return groups.relocations
    return stores if kind == plan.STORE else groups.links


def _give_way(giving_way: Sequence[Remove], groups: Groups) -> None:
    groups.replaced.update((action.path, []) for action in (*groups.stores, *groups.links, *groups.conversions))
    for action in giving_way:
        owner = action.path
        while owner and owner not in groups.replaced:
            owner = owner.parent
        (groups.replaced[owner] if owner else groups.clearing).append(action)


def batches(stores: Sequence[Write]) -> Iterator[List[Write]]:
    """Groups of files that are staged, proven and renamed together: bounded in number and bytes, a huge file
    alone."""
    batch: List[Write] = []
    size = 0
    for action in stores:
        if batch and (len(batch) >= BATCH_FILES or size + action.wanted.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(action)
        size += action.wanted.size
    if batch:
        yield batch
