# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH session over which this program was started: the only proof that its owner gets in."""

from __future__ import annotations

import os
import pwd
import time
from typing import Iterator, Optional

from ..errors import NotOverSsh
from ..system import process_tree
from .daemon import Client


def owner() -> Client:
    """Return the account that logged in, even after a change of user, and its address."""
    session, address = _session()
    return Client(pwd.getpwuid(os.stat(f"/proc/{session}").st_uid).pw_name, address)


def began() -> float:
    """Return the time of the login, in seconds since the boot."""
    return process_tree.began(_session()[0])


def now() -> float:
    """Return the seconds since the boot, as `began` counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _session() -> tuple[int, str]:
    """Return sshd's process with the rights of the account, the nearest above this process, and the client's
    address."""
    address: Optional[str] = None
    for pid in ancestors():
        if _stat_name(pid).startswith("sshd"):
            return pid, address or "127.0.0.1"
        address = _client_address(pid) or address
    raise NotOverSsh(
        "this host was not reached over SSH, so no login can prove a change of its SSH server",
        cure="Connect to the host over SSH; without SSH there is nothing to confirm.",
    )


def ancestors() -> Iterator[int]:
    """Yield this process and its ancestors, the nearest first."""
    pid = os.getpid()
    while pid > 1:
        yield pid
        pid = int(process_tree.stat_of(pid)[1])


def _client_address(pid: int) -> Optional[str]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as stream:
            words = stream.read().split(b"\0")
    except OSError:
        return None
    found = [word.partition(b"=")[2] for word in words if word.startswith(b"SSH_CONNECTION=")]
    return found[0].split()[0].decode("ascii", "replace") if found and found[0] else None


def _stat_name(pid: int) -> str:
    with open(f"/proc/{pid}/comm") as stream:
        return stream.read().strip()
