# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guesses at logins until the server refuses the connections of this address.

Each guess has a key that no server knows, and a user name that looks like a line of a log, with a mark by which the
host's events are searched afterwards. No secret is sent, so the server need not prove itself here.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from typing import Callable, NamedTuple

from ..errors import ConnectionFailed
from ..model.endpoint import Endpoint
from ..model.human import counted
from ..model.marked_login import forged_name
from ..system.program import ask_program, run_program

_PORT = 22
_SECONDS, _LEAST = 30.0, 0.01
_TRIES, _LONGEST = 30, 256
_BUSY = b"Exceeded MaxStartups"
"""The answer of sshd while earlier connections have not ended yet. It is no penalty."""
_LOOKS = 6
"""With a pause after each: a shorter refusal is no penalty. PerSourcePenalties has min:15 by default."""
_PATIENCE, _PAUSE = 700.0, 2.0
"""Seconds: PerSourcePenalties has at most max:600 by default."""
_ALL_SECONDS = 600.0
"""For all guesses, so that a server cannot hold the probe by slow answers."""


class Guessed(NamedTuple):
    """number: guesses that were made. refused: the server refused the next connection."""

    number: int
    refused: bool


def guess(endpoint: Endpoint, mark: str, most: int, wait: Callable[[float], None] = time.sleep) -> Guessed:
    """Guess without a pause, and wait until the server answers this address again. Raises ConnectionFailed,
    OperationFailed."""
    with tempfile.TemporaryDirectory(prefix="ssh_probe-") as directory:
        key = os.path.join(directory, "key")
        run_program("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key)
        if not _answers(endpoint, wait):
            raise ConnectionFailed(
                f"{endpoint.host} does not answer a direct connection", cure="Set host and port of the server itself."
            )
        number, refused = 0, False
        end = time.monotonic() + _ALL_SECONDS
        while number < most and not refused:
            if time.monotonic() > end:
                raise ConnectionFailed(
                    f"{counted(number, 'guess', 'guesses')} took longer than {_ALL_SECONDS} seconds",
                    cure="Find out why the server answers so slowly.",
                )
            _log_in(endpoint, key, forged_name(mark))
            number += 1
            refused = _punishes(endpoint, wait)
    deadline = time.monotonic() + _PATIENCE
    while refused and not _answers(endpoint, wait):
        if time.monotonic() > deadline:
            raise ConnectionFailed(
                f"the server still refuses this host {_PATIENCE:.0f} seconds after the guesses",
                cure="End the penalty or the ban on the server, and exempt this host from bans.",
            )
        wait(_PAUSE)
    return Guessed(number, refused)


def _punishes(endpoint: Endpoint, wait: Callable[[float], None]) -> bool:
    """Return whether the server refuses this address for some time. sshd refuses a connection in the same words while
    earlier connections of the address have not ended yet (PerSourceMaxStartups)."""
    for _look in range(_LOOKS):
        if _answers(endpoint, wait):
            return False
        wait(_PAUSE)
    return True


def _log_in(endpoint: Endpoint, key: str, name: str) -> None:
    options = (
        *(
            "BatchMode=yes",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "GlobalKnownHostsFile=/dev/null",
        ),
        *("PreferredAuthentications=publickey", "IdentitiesOnly=yes", "IdentityAgent=none", "ControlPath=none"),
        f"ConnectTimeout={_SECONDS:.0f}",
    )
    words = [word for option in options for word in ("-o", option)]
    place = ["-p", f"{endpoint.port or _PORT}", "-l", name, "-i", key, endpoint.host]
    ask_program("ssh", "-F", "none", "-T", *words, *place, "true", seconds=4 * _SECONDS, output=False)


def _answers(endpoint: Endpoint, wait: Callable[[float], None]) -> bool:
    """Return whether the server greets a connection. Without a greeting it refuses this address."""
    end = time.monotonic() + _TRIES * _PAUSE
    for _try in range(_TRIES):
        if time.monotonic() > end:
            break
        line = _first_line(endpoint)
        if not line.startswith(_BUSY):
            return line.startswith(b"SSH-")
        wait(_PAUSE)
    return False


def _first_line(endpoint: Endpoint) -> bytes:
    """Return the first bytes of the server; nothing if there is no connection."""
    line, end = b"", time.monotonic() + _SECONDS
    with (
        contextlib.suppress(OSError),
        socket.create_connection((endpoint.host, endpoint.port or _PORT), timeout=_SECONDS) as connection,
    ):
        while b"\n" not in line and len(line) < _LONGEST:
            connection.settimeout(max(_LEAST, end - time.monotonic()))  # of the whole line, not of each part
            more = connection.recv(_LONGEST)
            if not more:
                break
            line += more
    return line
