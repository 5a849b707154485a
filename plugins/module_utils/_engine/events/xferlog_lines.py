# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a transfer log in the format of wu-ftpd: ProFTPD's TransferLog, and vsftpd with xferlog_std_format.

Times are local and have no zone. The server writes `_` for blanks and control characters, so that no name can imitate
the fields behind it.
"""

from __future__ import annotations

import re
import time
from typing import NamedTuple, Optional

UPLOAD, DOWNLOAD, DELETE = "upload", "download", "delete"
_SSH = (b"sftp", b"scp")
_KINDS = {"i": UPLOAD, "o": DOWNLOAD, "d": DELETE}


class Line(NamedTuple):
    """One line. complete: False for a transfer that broke off. size: bytes of a transfer. ssh: SFTP or scp."""

    moment: float
    kind: str
    complete: bool
    account: str
    address: str
    path: bytes
    size: int
    ssh: bool = False


_LINE = re.compile(
    rb"(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) \d+"
    rb" (?:::ffff:)?(?P<address>[0-9a-fA-F.:]+) (?P<count>\d+) (?P<path>[^ ]+) [ab] [CUT_]"
    rb" (?P<way>[iod]) [argn] (?P<account>[^ ]+) (?P<service>\w+) [01] [^ ]+ (?P<end>[ci])"
)


def parse_xferlog(line: bytes) -> Optional[Line]:
    """Return the meaning of a line without its line feed, or None if it is not a line of such a log."""
    found = _LINE.fullmatch(line)
    moment = _moment(found["time"].decode("ascii")) if found else None
    if found is None or moment is None:
        return None
    kind = _KINDS[found["way"].decode("ascii")]
    return Line(
        moment,
        kind,
        complete=found["end"] == b"c",
        account=found["account"].decode("latin-1"),
        address=found["address"].decode("ascii"),
        path=found["path"],
        size=0 if kind == DELETE else int(found["count"]),
        ssh=found["service"] in _SSH,
    )


def _moment(text: str) -> Optional[float]:
    try:
        fields = time.strptime(text, "%a %b %d %H:%M:%S %Y")
    except ValueError:
        return None
    return time.mktime((*fields[:8], -1))
