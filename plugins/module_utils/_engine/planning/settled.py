# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries need a closer look: the one loop that runs over everything."""

from __future__ import annotations

from typing import Iterator, Optional, Tuple

from ..model.paired_digests import known_alike
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, PERMISSION_BITS, Digests, Entry, Tree
from .attributes import AttributeRules

Unsettled = Tuple[RelPath, Entry, Optional[Entry]]
"""A path of the source, its entry, and the destination's entry of that name."""


def unsettled(
    source: Tree, destination: Tree, rules: AttributeRules, digests: Optional[Tuple[Digests, Digests]]
) -> Iterator[Unsettled]:
    """Return everything that may need an action: all entries but files and directories that are clearly equal.

    This is the loop of a run without changes: it makes no object for an equal entry. mtimes within one step of the
    destination's clock are equal regardless of its limits.
    """
    find = destination.get
    step = rules.capabilities.mtime_precision
    any_mtime = not rules.policy.preserve_mtime and digests is not None
    bits = PERMISSION_BITS if rules.policy.preserve_mode and rules.policy.modes_kept else 0
    find_wanted, find_present = (None, None) if digests is None else (digests[0].get, digests[1].get)
    alike = frozenset() if digests is None else known_alike(*digests)
    for path, wanted in source.items():
        present = find(path)
        if present is not None:
            kind, size, mtime, mode, _digest = wanted
            old_kind, old_size, old_mtime, old_mode, _old_digest = present
            if (
                kind == old_kind
                and size == old_size
                and (mtime == old_mtime or any_mtime or mtime // step == old_mtime // step)
                and not (mode ^ old_mode) & bits
            ):
                if kind == DIRECTORY:
                    continue
                if kind == FILE:
                    if find_wanted is None or find_present is None or path in alike:
                        continue
                    digest = find_wanted(path)
                    if digest is not None and digest == find_present(path):
                        continue
        yield path, wanted, present
