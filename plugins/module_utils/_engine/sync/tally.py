# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tally: how the content of each file of the source is known to be at the destination, counted by kind of proof."""

from __future__ import annotations

from typing import Dict

from ..model import plan
from ..model.report import PROOFS, PROVEN_BY_RECORD, PROVEN_BY_SIGNATURE, UNPROVEN
from ..model.request import SIZE_MTIME
from ..model.tree import FILE
from .outcomes import Outcomes
from .prepare import Prepared

__all__ = ["count_proofs"]


def count_proofs(prepared: Prepared, outcomes: Outcomes, *, compare: str) -> Dict[str, int]:
    """Count files that were equal before by the way of comparison, stored files by their proof; files that failed or
    were left alone are not counted. With `verify`, equal files have the signed content."""
    counts = dict.fromkeys(PROOFS, 0)
    otherwise = UNPROVEN if compare == SIZE_MTIME else PROVEN_BY_RECORD
    if prepared.source.listed is not None:
        otherwise = PROVEN_BY_SIGNATURE
        counts[otherwise] = 0
    contents, present = prepared.contents, prepared.destination.tree
    differing = {action.path for action in prepared.plan.actions if action.action == plan.STORE} | contents.unreadable
    equal = 0
    for path, entry in prepared.source.tree.items():
        if entry[0] == FILE and path not in differing and path in present and present[path][0] == FILE:
            equal += 1
    for path, proof in contents.proofs.items():
        if path not in differing:
            counts[proof] += 1
            equal -= 1
    counts[otherwise] += equal
    for proven in outcomes.stored.values():
        counts[proven.proof] += 1
    return counts
