# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that an account never used before: sources, keys.

In the first days after the first login of an account every value is new: these days have no baseline, which is reported
once for each account. An IPv6 source counts by its /64, because hosts change the rest of it themselves.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

MOST_VALUES = 1000
"""Values of an account; the value that was unused for the longest time is removed first."""
REMEMBERED_DAYS = 180
DAYS = 28
_DAY = 86400.0

NEW, NO_HISTORY = "new", "no_history"


class Seen(NamedTuple):
    """verdict: NEW, or NO_HISTORY for the first login of an account
    known: number of values before
    history_days: days since the first login of the account
    would_have_fired: new values in the last 28 days
    """

    verdict: str
    known: int
    history_days: int
    would_have_fired: int


class FirstSeen:
    """The values of all accounts: for each the days of its first and its last use."""

    def __init__(self) -> None:
        self._began: Dict[str, int] = {}
        self._values: Dict[str, Dict[str, List[int]]] = {}

    def add(self, account: str, value: str, moment: float, learn_days: int) -> Optional[Seen]:
        """Record a login; return a verdict if the value is new and the account is not, or the reverse."""
        today = int(moment // _DAY)
        is_first = account not in self._began
        began, values = self._began.setdefault(account, today), self._values.setdefault(account, {})
        if value in values:
            values[value][1] = max(today, values[value][1])
            return None
        seen = Seen(
            NO_HISTORY if is_first else NEW,
            len(values),
            min(DAYS, today - began),
            self._fired(account, today, learn_days),
        )
        values[value] = [today, today]
        self._forget(values, today)
        return seen if is_first or today - began >= learn_days else None

    def _fired(self, account: str, today: int, learn_days: int) -> int:
        oldest = max(self._began[account] + learn_days, today - DAYS)
        return sum(first >= oldest for first, _last in self._values[account].values())

    @staticmethod
    def _forget(values: Dict[str, List[int]], today: int) -> None:
        for value in [each for each, (_first, last) in values.items() if last < today - REMEMBERED_DAYS]:
            del values[value]
        while len(values) > MOST_VALUES:
            del values[min(values, key=lambda each: values[each][1])]

    def written(self) -> Dict[str, Any]:
        """Return the values as plain data for JSON."""
        return {account: {"began": began, "values": self._values[account]} for account, began in self._began.items()}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> FirstSeen:
        """Return the values of `written`. Raises ValueError."""
        seen = cls()
        for account, fields in data.items():
            seen._began[account] = fields["began"]
            seen._values[account] = {value: list(days) for value, days in fields["values"].items()}
        return seen


def network_of(address: str) -> str:
    """Return the source of a login: an IPv4 address, or the /64 of an IPv6 address; other text as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return address if parsed.version == 4 else str(ipaddress.ip_network("%s/64" % parsed, strict=False))
