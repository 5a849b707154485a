# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of the other programs of this host since the last pass."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

from ..probe.answer import Answer
from ..trees.report import Report


class Findings(NamedTuple):
    """trees: paths of the trees that are compared
    reports: the last report on each tree, as far as there is any
    answer: of the last probe of sshd
    """

    trees: Sequence[str] = ()
    reports: Sequence[Report] = ()
    answer: Optional[Answer] = None
