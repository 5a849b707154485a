# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When two entries count as equal: their content, or when that is not known yet; their modes and times, and those that
an end cannot keep; and the targets of symbolic links, judged by their text alone."""

from __future__ import annotations

import posixpath
from typing import List, NamedTuple, Optional, Protocol, Tuple

from ..model import plan
from ..model.endpoint import PeerIdentity
from ..model.plan import PlanPolicy
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, PERMISSION_BITS, Attributes, Digests, Entry, Tree, known_alike

NEW_FILE_MODE = 0o644
NEW_DIRECTORY_MODE = 0o755
"""The modes of new entries if the source's modes are not preserved."""


class MtimeRange(Protocol):
    """The mtimes that a transport can store, a part of its Capabilities; all in nanoseconds."""

    @property
    def mtime_precision(self) -> int: ...

    @property
    def mtime_limits(self) -> Tuple[int, int]: ...


def representable(mtime: int, capabilities: MtimeRange) -> int:
    """Return the stored mtime for a requested `mtime` (nanoseconds): within the limits, rounded down.

    Applying it twice changes nothing.
    """
    first, last = capabilities.mtime_limits
    rest = mtime % capabilities.mtime_precision
    if not rest and first <= mtime <= last:
        return mtime
    mtime = min(max(mtime, first), last)
    return max(mtime - mtime % capabilities.mtime_precision, first)


def undecided(source: Tree, destination: Tree, source_digests: Digests, destination_digests: Digests) -> List[RelPath]:
    """Return the files at both ends whose sizes are equal and whose digest is lacking at one end at least."""
    alike = known_alike(source_digests, destination_digests)
    unsure = [path for path in source if path not in alike]
    lacking = [path for path in unsure if path not in source_digests or path not in destination_digests]
    result = []
    for path in lacking:
        wanted, present = source[path], destination.get(path)
        if present is not None and wanted[1] == present[1] and wanted[0] == present[0] == FILE:
            result.append(path)
    return result


def content_reason(
    wanted: Entry,
    present: Optional[Entry],
    *,
    capabilities: MtimeRange,
    digests: Optional[Tuple[Optional[bytes], Optional[bytes]]] = None,
    mtime_preserved: bool = True,
) -> Optional[str]:
    """Return why the content of the file `wanted` must be stored over `present`; None if it counts as equal.

    digests: the known digests of source and destination, if content decides (`compare` recorded or checksum): files are
    equal only if both are known and equal; None if size and mtime decide (`compare` size_mtime)
    mtime_preserved: False if the destination's mtime is the time of writing: then only a source that changed later
    differs
    """
    if present is None:
        return plan.MISSING
    if wanted.kind != present.kind:
        return plan.KIND
    if wanted.size != present.size:
        return plan.SIZE
    if digests is not None:
        return _digest_reason(*digests)
    asked, stored = representable(wanted.mtime, capabilities), representable(present.mtime, capabilities)
    if asked > stored or (mtime_preserved and asked != stored):
        return plan.MTIME
    return None


def _digest_reason(wanted: Optional[bytes], present: Optional[bytes]) -> Optional[str]:
    if wanted is None or present is None:
        return plan.FORCED
    return None if wanted == present else plan.DIGEST


class AttributeRules(NamedTuple):
    """The policy of a run and the mtimes that its destination can store."""

    policy: PlanPolicy
    capabilities: MtimeRange

    def of_file(self, wanted: Entry, replaced: Optional[Entry]) -> Attributes:
        """Return the attributes of stored content, with or without a `replaced` file: always a mode, since a stage has
        0600."""
        otherwise = NEW_FILE_MODE if replaced is None else replaced.mode & PERMISSION_BITS
        return Attributes(self._mode(wanted, otherwise), self.mtime(wanted))

    def of_directory(self, wanted: Entry) -> Attributes:
        return Attributes(self._mode(wanted, NEW_DIRECTORY_MODE), self.mtime(wanted))

    def mending(self, wanted: Entry, present: Entry) -> Optional[Tuple[str, Attributes]]:
        """Return the attributes to change on the existing entry, and the reason; None if nothing differs.

        Both are set on a directory, since other changes in it update its mtime.
        """
        mode, mtime, policy = self._mode(wanted, None), self.mtime(wanted), self.policy
        whole = wanted.kind == DIRECTORY
        mode_differs = mode is not None and policy.modes_kept and mode != present.mode & PERMISSION_BITS
        mtime_differs = mtime is not None and mtime != representable(present.mtime, self.capabilities)
        if whole:
            mode_differs = mode_differs and policy.directory_modes_kept
            mtime_differs = mtime_differs and policy.directory_mtimes_kept
        if not mode_differs and not mtime_differs:
            return None
        attributes = Attributes(mode if mode_differs or whole else None, mtime if mtime_differs or whole else None)
        return plan.MODE if mode_differs else plan.MTIME, attributes

    def mtime(self, wanted: Entry) -> Optional[int]:
        """Return the mtime to set, as the destination can store it; None if mtimes are not preserved."""
        return representable(wanted.mtime, self.capabilities) if self.policy.preserve_mtime else None

    def _mode(self, wanted: Entry, otherwise: Optional[int]) -> Optional[int]:
        return wanted.mode & PERMISSION_BITS if self.policy.preserve_mode else otherwise


def compares_directory_times(reported: Optional[bool], *, push: bool) -> bool:
    """Return whether the mtimes of directories count. A peer that announces them and was not tried reports them on a
    pull; on a push they may be refused."""
    return bool(reported) if push else reported is not False


def even_directory_times(unknowing: Tree, knowing: Tree) -> None:
    """Let directories that both trees have show the `knowing` tree's mtime in both."""
    for path, entry in unknowing.items():
        if entry.kind == DIRECTORY:
            known = knowing.get(path)
            if known is not None and known.kind == DIRECTORY:
                unknowing[path] = entry._replace(mtime=known.mtime)


def stays_inside(link: RelPath, target: bytes) -> bool:
    """Return whether a link at `link` (relative to the root) with this target can only lead to places below the root.

    ".." is accepted at the head of the target only, where it climbs real directories of the tree. Behind a name it
    could climb from wherever that name, itself a link, leads to: "up/../.." with up -> ".." leaves a root that its
    text stays in.
    """
    if not target or target.startswith(b"/"):
        return False
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == b"..":
        climbs += 1
    return climbs < link.depth and b".." not in parts[climbs:]


def states_resolved_links(identity: PeerIdentity) -> bool:
    """Return whether the server resolves targets, by its name: a read-only run cannot try it out."""
    return "mod_sftp" in identity.software


def restate_links(peer: Tree, local: Tree, root: bytes) -> None:
    """Replace the targets in `peer`, whose canonical root is `root`, by comparable targets: the target of the local
    link if both lead to the same place, else the relative path if it is below the root."""
    for path, entry in peer.items():
        target = entry.target
        if entry.kind != LINK or target is None or not target.startswith(b"/"):
            continue
        place = posixpath.join(root, path.parent)
        twin = local.get(path)
        if (
            twin is not None
            and twin.target is not None
            and posixpath.normpath(posixpath.join(place, twin.target)) == target
        ):
            peer[path] = entry._replace(target=twin.target)
        elif target == root or target.startswith(root.rstrip(b"/") + b"/"):
            peer[path] = entry._replace(target=posixpath.relpath(target, place))
