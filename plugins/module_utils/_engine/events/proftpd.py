# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of ProFTPD's SystemLog: sessions and logins. Files are in its TransferLog (xferlog.py).

The address is in the head of each line, which no client writes; the name of an unknown account can be any text, and the
end of each line is fixed.
"""

from __future__ import annotations

import re
import time
from typing import NamedTuple, Optional

__all__ = ["CLOSED", "FAILED", "LOGIN", "OPENED", "REFUSED", "STEP", "Line", "parse_proftpd"]

OPENED, LOGIN, FAILED, REFUSED, CLOSED, STEP = "opened", "login", "failed", "refused", "closed", ""


class Line(NamedTuple):
    """One line. pid: of the process that serves the session."""

    moment: float
    kind: str
    pid: int = 0
    account: str = ""
    address: str = ""
    reason: str = ""


_HEAD = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:,(?P<fraction>\d{3}))? \S+ proftpd\[(?P<pid>\d+)\] [^ (]+"
    r"(?: \([^ []*\[(?P<address>[0-9a-fA-F.:]+)\]\))?: (?P<text>.*)",
    re.DOTALL,
)
_MAPPED = "::ffff:"
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        (OPENED, r"(?:FTP|SSH2) session opened\."),
        (CLOSED, r"(?:FTP|SSH2) session closed\."),
        (LOGIN, r"USER (?P<account>\S+): Login successful\."),
        (FAILED, r"USER (?P<account>.*): (?P<reason>no such user) found from \S+ \[\S+\] to \S+"),
        (FAILED, r"USER (?P<account>.*) \(Login failed\): (?P<reason>[^:]*)"),
        (REFUSED, r"(?P<reason>Maximum login attempts \(\d+\) exceeded), connection refused"),
        (REFUSED, r"Connection from \S+ \[\S+\] (?P<reason>denied).*"),
    )
)


def parse_proftpd(line: bytes) -> Optional[Line]:
    """Return the meaning of a line without its line feed, or None if it is not a line of this log."""
    head = _HEAD.fullmatch(line.decode("latin-1"))
    if head is None:
        return None
    moment = _moment(head["time"], head["fraction"])
    if moment is None:
        return None
    address = (head["address"] or "").replace(_MAPPED, "", 1)
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(head["text"])
        if found:
            fields = found.groupdict()
            account, reason = fields.get("account") or "", fields.get("reason") or ""
            return Line(moment, kind, int(head["pid"]), account, address, reason)
    return Line(moment, STEP, int(head["pid"]), "", address)


def _moment(text: str, fraction: Optional[str]) -> Optional[float]:
    try:
        fields = time.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return time.mktime((*fields[:8], -1)) + int(fraction or 0) / 1000
