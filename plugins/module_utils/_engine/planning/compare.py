# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the content of a file counts as equal at both ends, and when that is not known yet."""

from __future__ import annotations

from typing import List, Optional, Protocol, Tuple

from ..model import plan
from ..model.paired_digests import known_alike
from ..model.relpath import RelPath
from ..model.tree import FILE, Digests, Entry, Tree


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
