# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Free TCP ports on loopback for servers that need a port as an option."""

from __future__ import annotations

__all__ = ["LOOPBACK", "free_port", "listens"]

import os
import random
import socket
from pathlib import Path
from typing import Iterable, Iterator

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections, so that a client's socket cannot take a port in between.
_RANGE = range(20_000, 32_000)


def free_port(address: str = LOOPBACK) -> int:
    """Return a port without a listener. Another process may still win the race, so callers try again."""
    for port in random.sample(_RANGE, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port found")


def listens(pids: Iterable[int], port: int) -> bool:
    """Return whether one of `pids` listens on the TCP port in its own network namespace, without connecting."""
    return any(not _listeners(pid, port).isdisjoint(_open_sockets(pid)) for pid in pids)


def _listeners(pid: int, port: int) -> set[str]:
    """Return the inodes of the listening sockets: state 0A, local address in hexadecimal (proc_net_tcp)."""
    try:
        rows = [
            line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net", name).read_text().splitlines()
        ]
    except OSError:
        return set()
    return {row[9] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}


def _open_sockets(pid: int) -> Iterator[str]:
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            target = os.readlink(f"/proc/{pid}/fd/{name}")
            if target.startswith("socket:["):
                yield target[8:-1]
    except OSError:
        return
