# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network of the test hosts: one bridge of this machine, and addresses of 198.51.100.0/24, for documentation.

Parallel runs, also of other work trees, share the bridge. Each host has a place of its own there, held by a lock that
the kernel releases when its process ends.
"""

from __future__ import annotations

__all__ = ["BRIDGE", "GATEWAY", "Place", "another_address", "claim", "is_open"]

import fcntl
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

BRIDGE = "sftphosts"
GATEWAY = "198.51.100.1"
_LOCKS = Path("/run/secure_ftp_synchronize_hosts")
_NUMBERS = range(10, 250)


class Place(NamedTuple):
    """A place on the bridge; it is free again when `lock` is closed in every process that has it."""

    number: int
    lock: int

    @property
    def address(self) -> str:
        """The address of the host."""
        return f"198.51.100.{self.number}"

    @property
    def link(self) -> str:
        """The name of this machine's end of the link to the host."""
        return f"{BRIDGE}{self.number}"

    @property
    def mac(self) -> str:
        """One for each address: a host that is made again is reached at once."""
        return f"02:00:c6:33:64:{self.number:02x}"


def claim() -> Place:
    """Take a free place, and see to it that the bridge is there. Root only."""
    _LOCKS.mkdir(mode=0o755, exist_ok=True)
    with open(_LOCKS / "bridge", "w") as all_runs:
        fcntl.flock(all_runs, fcntl.LOCK_EX)
        if not Path("/sys/class/net", BRIDGE).exists():
            # Else a bridge takes the lowest address of its links, and loses packets when that link goes.
            _ip("link", "add", BRIDGE, "address", "02:00:c6:33:64:01", "type", "bridge")
            _ip("address", "add", f"{GATEWAY}/24", "dev", BRIDGE)
            _ip("link", "set", BRIDGE, "up")
        return next(place for place in map(_try, _NUMBERS) if place is not None)


@contextmanager
def another_address() -> Iterator[str]:
    """Give this machine a second address on the bridge inside the context, so that it can act as another client."""
    place = claim()
    try:
        _ip("address", "replace", f"{place.address}/32", "dev", BRIDGE)
        yield place.address
    finally:
        _ip("address", "delete", f"{place.address}/32", "dev", BRIDGE)
        os.close(place.lock)


def is_open(connection: socket.socket) -> bool:
    """Return whether the server has not ended this connection."""
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def _try(number: int) -> Place | None:
    lock = os.open(_LOCKS / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    place = Place(number, lock)
    # A run that was killed may have left it to the bridge.
    leftover = ["ip", "address", "delete", f"{place.address}/32", "dev", BRIDGE]
    subprocess.run(leftover, capture_output=True, check=False)
    return place


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
