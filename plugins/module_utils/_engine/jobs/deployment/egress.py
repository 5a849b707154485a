# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that a job may reach: rules of nftables for its account, and a proof that they hold.

The unit loads the rules before each start, as root; if they cannot be loaded, the job does not start. The limit of the
unit itself (IPAddressDeny=) needs BPF, which is missing in some containers.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import closing, suppress
from typing import Dict, List, Optional, Sequence

from ...errors import OperationFailed
from ...system.program import ask_program, run_program
from ..names import ACCOUNT
from .places import egress_file

ENFORCED, NOT_MEASURED = "enforced", "not_measured"
_TABLE = "inet " + ACCOUNT
_RULES = """\
# Managed by Ansible (secure.ftp_synchronize.sync_job): changes are overwritten.
table %(table)s
delete table %(table)s
table %(table)s {
\tchain output {
\t\ttype filter hook output priority filter; policy accept;
\t\tmeta skuid != "%(account)s" accept
%(allowed)s\t\tmeta l4proto tcp counter reject with tcp reset
\t\tcounter reject
\t}
}
"""
_PYTHON = ("/usr/bin/python3", "-I", "-c")
_CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"
_SECONDS = 30


def rules_text(name: str, egress: Sequence[str]) -> str:
    networks = [ipaddress.ip_network(each, strict=False) for each in egress]
    allowed = "".join(
        f"\t\t{family} daddr {{ {', '.join(str(each) for each in networks if each.version == version)} }} accept\n"
        for version, family in ((4, "ip"), (6, "ip6"))
        if any(each.version == version for each in networks)
    )
    return _RULES % {"table": _TABLE % name, "account": ACCOUNT % name, "allowed": allowed}


def forget_rules(name: str) -> None:
    """Remove the rules from the kernel, if they are there."""
    with suppress(FileNotFoundError):
        ask_program("nft", "delete", "table", "inet", ACCOUNT % name)


def restore_rules(name: str) -> None:
    """Let the rules of the job in service hold again, if it has any. They replace others in one step."""
    if os.path.exists(egress_file(name)):
        run_program("nft", "-f", egress_file(name))
    else:
        forget_rules(name)


def limits(name: str, egress: Sequence[str]) -> Dict[str, str]:
    """Return the limits that hold, of the account and of the unit; none without egress. Raises OperationFailed."""
    return {"account": account_limit(name, egress), "unit": unit_limit(egress)} if egress else {}


def account_limit(name: str, egress: Sequence[str]) -> str:
    """Let the account of the job try an address that is not allowed. Raises OperationFailed if it gets through."""
    return _tried(egress, ("runuser", "-u", ACCOUNT % name, "--", *_PYTHON, _CONNECT), required=True)


def unit_limit(egress: Sequence[str]) -> str:
    """Let a unit with the limit of the job try an address that is not allowed."""
    allowed = [f"IPAddressAllow={each}" for each in egress]
    limits = [word for each in ("IPAddressDeny=any", *allowed) for word in ("-p", each)]
    return _tried(
        egress, ("systemd-run", "--quiet", "--wait", "--collect", *limits, *_PYTHON, _CONNECT), required=False
    )


def _tried(egress: Sequence[str], words: Sequence[str], *, required: bool) -> str:
    """Return ENFORCED if a program cannot reach a port of this host, which can be reached otherwise."""
    address = _refused_address(egress)
    if address is None:
        return NOT_MEASURED
    with closing(socket.create_server((address, 0))) as listener:
        target = [address, str(listener.getsockname()[1])]
        if ask_program(*_PYTHON, _CONNECT, *target, seconds=_SECONDS).status:
            return NOT_MEASURED
        if ask_program(*words, *target, seconds=_SECONDS).status:
            return ENFORCED
    if required:
        raise OperationFailed(
            f"egress: the account can reach {address}, which is not allowed",
            cure="Look for other rules of nftables that accept it first, or remove egress.",
        )
    return NOT_MEASURED


def _refused_address(egress: Sequence[str]) -> Optional[str]:
    networks: List[ipaddress.IPv4Network] = [
        network for network in (ipaddress.ip_network(each, strict=False) for each in egress) if network.version == 4
    ]
    for last in range(2, 255):
        address = ipaddress.IPv4Address(f"127.0.0.{last}")
        if not any(address in each for each in networks):
            return str(address)
    return None
