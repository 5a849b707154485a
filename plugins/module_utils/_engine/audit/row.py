# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Row: the state of one control, with everything that it was judged from."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from .exemption import Exemption
from .observation import Observation

FAIL, NOT_MEASURED, EXEMPT, PASS = "fail", "not_measured", "exempt", "pass"
STATES = (FAIL, NOT_MEASURED, EXEMPT, PASS)
"""In the order of the report."""


class Finding(NamedTuple):
    """One gap of one host."""

    host: str
    observed: str
    wanted: str
    severity: str


class Missing(NamedTuple):
    """One host that was not measured."""

    host: str
    reason: str


class Row(NamedTuple):
    """One row.

    hosts: in scope, by name
    reason: why it is not a pass; "" for a pass
    beyond: the part of the control that no check measures
    exemptions: those that cover a result of the row
    """

    control: str
    title: str
    state: str
    wanted: str
    severity: str
    hosts: Tuple[str, ...] = ()
    observations: Tuple[Observation, ...] = ()
    findings: Tuple[Finding, ...] = ()
    missing: Tuple[Missing, ...] = ()
    reason: str = ""
    cure: str = ""
    beyond: str = ""
    exemptions: Tuple[Exemption, ...] = ()
