# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resolvers on this machine, and whether the administrator trusts them to validate DNSSEC.

The AD bit of an answer is a claim without a signature, as safe as the way to the resolver: so only loopback counts. A
resolver that merely forwards would pass on the claim of a stranger.
"""

from __future__ import annotations

import ipaddress
from typing import Iterable, Iterator, NamedTuple, Tuple

from ..errors import InvalidRequest

_CONFIGURATION = "/etc/resolv.conf"
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_FORWARDERS = (ipaddress.ip_address("127.0.0.11"),)
"""Of containers (Docker): on loopback, and it validates nothing."""


class LocalResolvers(NamedTuple):
    """The resolvers in resolv.conf.

    addresses: of resolvers on this machine
    are_trusted: whether resolv.conf has `options trust-ad`
    """

    addresses: Tuple[str, ...]
    are_trusted: bool


def local_resolvers(path: str = _CONFIGURATION) -> LocalResolvers:
    """Read resolv.conf(5). Raises InvalidRequest if it names no resolver on this machine."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file]
    except OSError:
        lines = []
    addresses = tuple(_local(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"))
    if not addresses:
        raise InvalidRequest(
            "sshfp: %s names no resolver on this machine (127.0.0.0/8 or ::1)" % path,
            cure="Run a resolver on this machine that validates DNSSEC, such as unbound, or pin by fingerprints.",
        )
    options = {word for words in lines if words and words[0] == "options" for word in words[1:]}
    return LocalResolvers(addresses, "trust-ad" in options)


def _local(addresses: Iterable[str]) -> Iterator[str]:
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address not in _FORWARDERS and any(address in network for network in _LOOPBACK):
            yield text
