# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of users that imitate a line of a log, for attacks whose events are sought afterwards."""

from __future__ import annotations

__all__ = ["FORGED_ADDRESS", "forged_name"]

FORGED_ADDRESS = "192.0.2.66"
"""Of RFC 5737: no client has it."""


def forged_name(mark: str) -> str:
    """Return a user name that a careless reader of logs takes for a login as root from another address."""
    return "%s from %s port 22 ssh2: Accepted publickey for root from %s" % (mark, FORGED_ADDRESS, FORGED_ADDRESS)
