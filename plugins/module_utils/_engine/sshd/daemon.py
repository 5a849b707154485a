# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed sshd: its version, its algorithms, its view of a configuration, and the unit that has it listen.

Where systemd holds the sockets for sshd (Ubuntu from 22.10 on), sshd does not open the configured ports: a generator
makes them a part of the socket's unit, which uses them when it is restarted, or at the next boot.
"""

from __future__ import annotations

import os
import re
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple

from ..errors import ConfigurationInvalid, SshdMissing
from ..system.program import Completed, ask_program, run_program

CONFIG = "/etc/ssh/sshd_config"
SOCKET = ".socket"
SSHD = "/usr/sbin/sshd"
_PRIVILEGE_SEPARATION = "/run/sshd"

Effective = Mapping[str, Tuple[str, ...]]
"""The output of `sshd -T`: keyword in lower case -> the values of its lines."""

Version = Tuple[int, int]


class Client(NamedTuple):
    """Whom the configuration is asked for: a login `user` from `address`. port: of the server, for Match LocalPort.
    host: name of the client, for Match Host; "" for its address. local: address of the server, for Match LocalAddress;
    "" for none of the configuration."""

    user: str
    address: str
    port: Optional[int] = None
    host: str = ""
    local: str = ""


def installed() -> bool:
    return os.path.exists(SSHD)


def version() -> Version:
    """OpenSSH's version, as (9, 2)."""
    shown_version = _ask("ssh", "-V").err
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", shown_version)
    if found is None:
        raise SshdMissing(
            f"the version of OpenSSH is unknown: {shown_version.strip()}",
            cure="Install the OpenSSH server and client.",
        )
    return int(found[1]), int(found[2])


def known_algorithms(kind: str) -> List[str]:
    """Return the names of a kind that `ssh -Q` has: kex, cipher, mac, key-sig."""
    return _ask("ssh", "-Q", kind).out.split()


def check(config: str = CONFIG) -> None:
    """Raise ConfigurationInvalid if `sshd -t` does not take the file."""
    os.makedirs(_PRIVILEGE_SEPARATION, mode=0o755, exist_ok=True)
    completed = _ask(SSHD, "-t", "-f", config)
    if completed.status:
        raise ConfigurationInvalid(
            f"sshd refuses the configuration: {' '.join(completed.err.split())}",
            cure="Correct the given settings, or the file that the message names.",
        )


def effective(client: Client, config: str = CONFIG) -> Effective:
    """Return the settings of sshd for a login. Raises ConfigurationInvalid."""
    who = f"user={client.user},host={client.host or client.address},addr={client.address}"
    who += "" if client.port is None else f",lport={client.port}"
    who += f",laddr={client.local}" if client.local else ""
    completed = _ask(SSHD, "-T", "-f", config, "-C", who)
    if completed.status:
        raise ConfigurationInvalid(
            f"sshd -T reports: {' '.join(completed.err.split())}", cure="Correct the file that the message names."
        )
    return _parse(completed.out)


def _parse(text: str) -> Effective:
    found: Dict[str, List[str]] = {}
    for line in text.splitlines():
        keyword, _blank, value = line.partition(" ")
        found.setdefault(keyword.lower(), []).append(value.strip())
    return {keyword: tuple(values) for keyword, values in found.items()}


def listening_unit(service: str) -> str:
    """Return the socket of a service, such as ssh.socket, if it is the listener; else the service."""
    socket = service + SOCKET
    return service if ask_program("systemctl", "--quiet", "is-active", socket).status else socket


def take_up(unit: str) -> None:
    """Have the unit listen and serve according to the configuration. Sessions stay: they are processes of their own."""
    if unit.endswith(SOCKET):
        run_program("systemctl", "daemon-reload")
    # A few changes in a row are no endless loop, which systemd would take the fifth start in ten seconds for and leave
    # sshd down (systemd.unit(5), StartLimitBurst=).
    ask_program("systemctl", "reset-failed", unit, unit.replace(SOCKET, ""))
    run_program("systemctl", "reload-or-restart", unit)


def _ask(*words: str) -> Completed:
    try:
        return ask_program(*words)
    except FileNotFoundError:
        raise SshdMissing(f"{words[0]} is not installed", cure="Install the OpenSSH server and client.") from None
