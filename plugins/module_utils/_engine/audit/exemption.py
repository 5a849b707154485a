# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exemption: a decision of a person to accept a gap until a day."""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Exemption(NamedTuple):
    """One decision.

    hosts: that it covers; empty for all
    until: its last day, such as 2026-12-31, in UTC
    ends: end of that day, in seconds since 1970
    """

    control: str
    who: str
    why: str
    until: str
    ends: float
    hosts: Tuple[str, ...] = ()

    def words(self) -> str:
        """Return the decision for people."""
        hosts = " on %s" % ", ".join(self.hosts) if self.hosts else ""
        return "%s, until %s%s: %s" % (self.who, self.until, hosts, self.why)

    def covers(self, control: str, host: str, now: float) -> bool:
        """Return whether it applies to a control on a host now."""
        return control == self.control and now < self.ends and (not self.hosts or host in self.hosts)
