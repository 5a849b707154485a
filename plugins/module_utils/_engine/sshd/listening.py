# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether sshd listens again after a reload, without connecting: a probe would count against its source."""

from __future__ import annotations

import time
from typing import Iterable, Mapping, Set

from .daemon import Effective

_LISTEN = "0A"
_RENEWED_SECONDS = 10.0
_SECONDS = 20.0


def sockets() -> Mapping[str, int]:
    """Return the listening TCP sockets of this host: inode -> port."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as stream:
                rows = [line.split() for line in stream.readlines()[1:]]
        except FileNotFoundError:
            continue
        found.update({row[9]: int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _LISTEN})
    return found


def ports_of(found: Effective) -> Set[int]:
    """Return the ports on which sshd must listen."""
    return {int(each.rpartition(":")[2]) for each in found.get("listenaddress", ())}


def wait(before: Iterable[str], ports: Set[int]) -> Set[int]:
    """Return when sockets whose inodes are not among `before` listen on all ports; return the ports without a listener
    if that does not happen.

    Another process may hold the sockets, which then stay: after a while, old sockets are accepted. That while is long:
    on a busy host sshd may take seconds to restart itself, and refuses connections in the meantime.
    """
    known, start = set(before), time.monotonic()
    while True:
        present, waited = sockets(), time.monotonic() - start
        renewed = {port for inode, port in present.items() if inode not in known}
        missing = ports - set(present.values())
        if ports <= renewed or waited > _SECONDS or (not missing and waited > _RENEWED_SECONDS):
            return missing
        time.sleep(0.02)
