# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The age of the oldest data that a host keeps: events, the log of vsftpd, and archives of jails."""

from __future__ import annotations

import glob
import os
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ...model.utc import utc

_VSFTPD = "log of vsftpd"
PLACES: Mapping[str, str] = {
    "events": "/var/log/secure_ftp_synchronize/events.jsonl*",
    _VSFTPD: "/var/log/vsftpd.log*",
    "archives of jails": "/var/backups/chroot_jail/*",
}
"""Kind of data -> pattern of its files. The settings of vsftpd may name another log."""


def retention(ftps: Optional[Mapping[str, str]], places: Mapping[str, str]) -> List[Dict[str, Any]]:
    """Return the file of each kind that was written the longest ago; nothing for a kind without files.

    ftps: the settings of vsftpd
    places: PLACES
    """
    log = (ftps or {}).get("vsftpd_log_file")
    places = {**places, _VSFTPD: glob.escape(log) + "*"} if log else places
    return [
        {"what": what, "path": path, "written": utc(written)}
        for what, pattern in places.items()
        for written, path in sorted(_files(pattern))[:1]
    ]


def _files(pattern: str) -> Iterator[Tuple[float, str]]:
    for path in glob.iglob(pattern):
        if os.path.isfile(path):
            yield os.lstat(path).st_mtime, path
