# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients that `Match Address`, `Match Host` and `Match LocalAddress` of sshd's configuration distinguish: one for
each set of criteria.

The networks of all lines cut the addresses into ranges. Each range begins with the lowest address of all, with the
first address of a network or after its last address, so these addresses are enough. `sshd -T` then decides about each,
with its own rules for lists, exclamation marks and precedence. Of a pattern that is no network, such as 10.*.1, one
address is tried.
"""

from __future__ import annotations

import glob
import ipaddress
import os
import re
import shlex
from typing import Iterator, Sequence, Tuple

from ..errors import ConfigurationInvalid
from .daemon import Client

_MATCH = re.compile(r"(?i)^[ \t]*match[ \t=]+(.*)$", re.MULTILINE)
_INCLUDE = re.compile(r"(?i)^[ \t]*include[ \t=]+(.*)$", re.MULTILINE)
_CRITERION = re.compile(r"(?i)(?<![a-z])(localaddress|address|host)[\s=]+\"?([^\s\"]+)")
_DEEPEST = 16
"""As in sshd."""
_LOWEST = (str(ipaddress.IPv4Address(0)), str(ipaddress.IPv6Address(0)))
_OCTETS = re.compile(r"(?:[0-9]{1,3}\.){1,3}(?=\*\Z)")
_FILLINGS = ("1", "1.1", "1.1.1", "1.1.1.1", ":1", "::1", "1::1")
"""In place of an asterisk, until an address comes out."""
_HOST, _LOCAL = "host", "localaddress"


def clients(client: Client, config: str) -> Iterator[Client]:
    """Yield the login from other addresses and names, and to other addresses of the server. Raises
    ConfigurationInvalid."""
    criteria = tuple(dict.fromkeys(_criteria(config, 0)))
    local = [address for kind, pattern in criteria if kind == _LOCAL for address in _addresses(kind, pattern)]
    for own in dict.fromkeys([client.local, *local]):
        for each in dict.fromkeys([client, *_others(client, [each for each in criteria if each[0] != _LOCAL])]):
            if each._replace(local=own) != client:
                yield each._replace(local=own)


def _others(client: Client, criteria: Sequence[Tuple[str, str]]) -> Iterator[Client]:
    if criteria:
        addresses = [*_LOWEST, *(address for each in criteria for address in _addresses(*each))]
        yield from (client._replace(address=each) for each in addresses)
    for kind, pattern in criteria:
        if kind == _HOST:
            yield client._replace(host=re.sub(r"[*?]", "x", pattern))


def _criteria(path: str, depth: int) -> Iterator[Tuple[str, str]]:
    """Yield the kind and each pattern of a criterion, without its exclamation mark."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except FileNotFoundError:
        return
    for line in _MATCH.findall(text):
        for kind, patterns in _CRITERION.findall(line):
            yield from ((kind.lower(), pattern.lstrip("!")) for pattern in patterns.split(",") if pattern.lstrip("!"))
    for line in _INCLUDE.findall(text) if depth < _DEEPEST else ():
        for name in shlex.split(line, comments=True):
            for included in sorted(glob.glob(os.path.join("/etc/ssh", name))):
                yield from _criteria(included, depth + 1)


def _addresses(kind: str, pattern: str) -> Iterator[str]:
    """Yield the first address of a network, and the address after its last. A name of a host has none. Raises
    ConfigurationInvalid for a pattern with wildcards for which no address is found."""
    try:
        network = ipaddress.ip_network(_example(pattern), strict=False)
    except ValueError:
        if kind == _HOST or not set(pattern) & set("*?"):
            return
        raise ConfigurationInvalid(
            "Match Address %s: no address is known that it matches" % pattern, cure="Write a network as in 10.0.0.0/8."
        ) from None
    yield str(network.network_address)
    if int(network.broadcast_address) + 1 < 1 << network.max_prefixlen:
        yield str(network.broadcast_address + 1)


def _example(pattern: str) -> str:
    """Return the network of a pattern such as 10.*, else an address that a pattern with wildcards matches; the pattern
    if it has none or matches no address."""
    octets = _OCTETS.match(pattern)
    if octets:
        number = octets[0].count(".")
        return "%s%s/%d" % (octets[0], ".".join("0" * (4 - number)), 8 * number)
    for filling in _FILLINGS if set(pattern) & set("*?") else ():
        text = pattern.replace("?", "1").replace("*", filling)
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return pattern
