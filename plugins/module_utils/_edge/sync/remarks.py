# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remarks: warnings about entries that a run left alone and about lost functions. Ansible shows equal warnings once."""

from __future__ import annotations

from typing import Dict, List

from ..._engine.model.display import plain
from ..._engine.model.plan import VANISHED
from ..._engine.model.report import Fallback, SyncReport
from ..words import path_words


def remarks(report: SyncReport) -> List[str]:
    """Return a warning for each reason why entries were skipped, and for each note about a lost function."""
    return _skipped(report) + [plain(note) for note in report.notes if not isinstance(note, Fallback)]


def _skipped(report: SyncReport) -> List[str]:
    """Leave out the reasons that have a note."""
    paths: Dict[str, List[bytes]] = {}
    for item in report.plan.skipped:
        if item.reason != VANISHED and item.reason not in report.notes:
            paths.setdefault(item.reason, []).append(item.path)
    return [f"skipped {_few(found)}: {plain(reason)}" for reason, found in sorted(paths.items())]


def _few(paths: List[bytes]) -> str:
    first = f"'{path_words(paths[0])}'"
    return first if len(paths) == 1 else "%s and %s more" % (first, f"{len(paths) - 1:,}")
