# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, accounts and ports as the operator writes them, checked before any program or server sees them."""

from __future__ import annotations

import re
from typing import Optional

from .._engine.errors import InvalidRequest
from .quantities import count

# No leading "-" (an option of ssh), nothing that a shell or ssh_config(5) would take apart.
_HOST = re.compile(r"[A-Za-z0-9_.:][A-Za-z0-9_.:-]*\Z")
_HOST_AND_PORT = re.compile(r"(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})\Z")
_ACCOUNT = re.compile(r"""[^-\s'"`;&<>|(){}$%][^\s'"`;&<>|(){}$%]*\Z""")
_JUMP = re.compile(r"(?:(?P<user>.+)@)?(?:\[(?P<address>[^\[\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?\Z")
LAST_PORT = 65535


def host(option: str, text: str) -> str:
    """Return a host name or address, without brackets and zone."""
    both = _HOST_AND_PORT.match(text)
    if both:
        raise InvalidRequest(
            f"{option}: {text!r} includes a port",
            cure=f"Set {option} to {both.group('host').strip('[]')} and port to {both.group('port')}.",
        )
    if not _HOST.match(text):
        raise InvalidRequest(
            f"{option}: {text!r} is not the name or address of a host",
            cure="Write only the name, in ASCII (xn--... for an international name), or an IP address without "
            "brackets; user and port have separate options.",
        )
    return text


def server(text: Optional[str]) -> str:
    """Return the option `host` of a task; the action plugin has set it if the inventory host is a server."""
    if text is None:
        raise InvalidRequest(
            "host: is not set",
            cure="Set host; or run the task for a host of the inventory, whose variables (ansible_host, ansible_port, "
            "ansible_user) name the server, with delegate_to: localhost.",
        )
    return host("host", text)


def account(option: str, text: Optional[str]) -> Optional[str]:
    """Return the name of an account; None stays None."""
    if text is not None and (not text.isprintable() or text.endswith("\\") or not _ACCOUNT.match(text)):
        raise InvalidRequest(
            f"{option}: {text!r} is not valid as the name of an account",
            cure="Use a name without blanks, quotes, brackets, %, $ and a leading -.",
        )
    return text


def port(option: str, value: Optional[int]) -> Optional[int]:
    """Return a TCP port; None stays None."""
    return None if value is None else count(option, value, least=1, most=LAST_PORT)


def jump(option: str, text: str) -> str:
    """Return one hop of a chain: "host", "user@host", "user@host:port"; an IPv6 address in brackets."""
    match = _JUMP.match(text)
    if match is None:
        raise InvalidRequest(
            f"{option}: {text!r} is not a jump host",
            cure="Write user@host:port, an IPv6 address in brackets, each host as a separate element.",
        )
    host(option, match.group("address") or match.group("host"))
    account(option, match.group("user"))
    port(option, int(match.group("port")) if match.group("port") else None)
    return text
