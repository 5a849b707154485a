# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of each host's task within a time over which the logins at one server are spread."""

from __future__ import annotations

import hashlib


def start_delay(host: str, peer: str, seconds: float) -> float:
    """Return the part of `seconds` that a host waits before it connects to a peer: by a hash, the same in each run."""
    digest = hashlib.sha256(f"{host}\0{peer}".encode(errors="surrogateescape")).digest()
    return seconds * int.from_bytes(digest[:4], "big") / 2**32
