# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates of the programs of both ends that are not installed, by apt, and the age of its package lists."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterator

from ...model.utc import utc
from ...system.program import ask_program
from .observed import Unobservable

_PERIODIC = "/var/lib/apt/periodic"
_STAMPS = ("%s/update-success-stamp" % _PERIODIC, "%s/update-stamp" % _PERIODIC, "/var/lib/apt/lists")
"""Paths that change when lists were updated. A failed update changes lists/partial, and each list has the time of its
server."""
_COMMAND = ("apt-get", "--simulate", "--quiet", "--ignore-hold", "-o", "Debug::NoLocking=1", "dist-upgrade")
_UPDATE = re.compile(r"^Inst (\S+) \[([^\]\n]+)\] \((\S+) ([^)\n]*)\)", re.M)
_OURS = re.compile(r"(?:openssh-\S+|ssh|vsftpd|openssl|libssl\S+)\Z")


def packages() -> Dict[str, Any]:
    """Return the updates of sshd, vsftpd and OpenSSL that are not installed. Raises Unobservable."""
    try:
        completed = ask_program(*_COMMAND)
    except FileNotFoundError:
        raise Unobservable("apt-get is missing: pending updates are only known on Debian and Ubuntu") from None
    if completed.status:
        raise Unobservable("apt-get reports: %s" % " ".join((completed.err or completed.out).split())[:300])
    return {"lists": utc(_listed()), "pending": list(parse_updates(completed.out))}


def _listed() -> float:
    """Return the time of the last update of the package lists."""
    times = [os.stat(path).st_mtime for path in _STAMPS if os.path.exists(path)]
    if not times:
        raise Unobservable("the host has no package lists")
    return max(times)


def parse_updates(text: str) -> Iterator[Dict[str, Any]]:
    """Yield the updates in the output of `apt-get --simulate dist-upgrade`."""
    for name, installed, fixed, origin in _UPDATE.findall(text):
        if _OURS.match(name):
            security = "security" in origin.lower()
            yield {"package": name, "installed": installed, "fixed": fixed, "security": security}
