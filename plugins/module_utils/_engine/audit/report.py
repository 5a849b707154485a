# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report: the rows of one audit, and how they differ from the report before."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Tuple

from .policy import Policy
from .row import STATES, Row


class Report(NamedTuple):
    """One audit.

    made: seconds since 1970
    hosts: of the scope
    policy: the declared limits
    before: control -> state in the report before; None without one
    before_made: time of the report before
    before_problem: why the report before cannot be read
    """

    title: str
    made: float
    hosts: Tuple[str, ...]
    policy: Policy
    rows: Tuple[Row, ...]
    version: str
    before: Optional[Mapping[str, str]] = None
    before_made: str = ""
    before_problem: str = ""

    def changes(self) -> Tuple[Tuple[Row, str], ...]:
        """Return the rows whose state differs, with the state before."""
        before = self.before or {}
        return tuple((row, before[row.control]) for row in self.rows if before.get(row.control, row.state) != row.state)

    def in_state(self, state: str) -> Tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == state)


def counts(report: Report) -> Mapping[str, int]:
    """Return the number of rows in each state."""
    return {state: len(report.in_state(state)) for state in STATES}
