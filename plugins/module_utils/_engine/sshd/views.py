# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of sshd for a login on each of its ports, and from each address that its configuration distinguishes;
and whether sshd listens on its ports again after a reload, without connecting: a probe would count against its source.

`sshd -T` refuses a configuration with `Match LocalPort` unless it is given a port. Other configurations have the same
settings on each port, and are asked for once.

`Match Address`, `Match Host` and `Match LocalAddress` of sshd's configuration distinguish clients: there is a client
for each set of criteria. The networks of all lines cut the addresses into ranges. Each range begins with the lowest
address of all, with the first address of a network or after its last address, so these addresses are enough. `sshd -T`
then decides about each, with its own rules for lists, exclamation marks and precedence. Of a pattern that is no
network, such as 10.*.1, one address is tried.
"""

from __future__ import annotations

import glob
import ipaddress
import os
import pwd
import re
import shlex
import time
from contextlib import suppress
from typing import Iterable, Iterator, List, Mapping, NamedTuple, Pattern, Sequence, Set, Tuple

from ..errors import ConfigurationInvalid
from .daemon import CONFIG, Client, Effective, effective

_ANY_PORT = 22

_LISTEN = "0A"
_RENEWED_SECONDS = 10.0
_SECONDS = 20.0
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
_TOKEN = re.compile("%(.)")


class View(NamedTuple):
    """Settings of a login. ports: on which they apply; empty for all. client: the first address or name of a client for
    which they apply, if they are others than for the client that was asked for."""

    ports: Tuple[int, ...]
    settings: Effective
    client: str = ""


def views(client: Client, config: str = CONFIG) -> List[View]:
    """Return the settings for a login, each with its ports. Raises ConfigurationInvalid, SshdMissing."""
    try:
        return [View((), effective(client, config))]
    except ConfigurationInvalid:
        ports = sorted(ports_of(effective(client._replace(port=_ANY_PORT), config)))
    found: List[View] = []
    for port in ports:
        settings = effective(client._replace(port=port), config)
        same = next((number for number, each in enumerate(found) if each.settings == settings), None)
        if same is None:
            found.append(View((port,), settings))
        else:
            found[same] = View((*found[same].ports, port), settings)
    return found if len(found) > 1 else [each._replace(ports=()) for each in found]


def views_of_all(client: Client, config: str = CONFIG) -> List[View]:
    """Return the settings for a login from its address, and those for other clients that differ. Raises as `views`, and
    ConfigurationInvalid if a criterion of the configuration cannot be tried."""
    found = views(client, config)
    for other in clients(client, config, from_anywhere=True):
        known = [(each.ports, each.settings) for each in found]
        further = (each for each in views(other, config) if (each.ports, each.settings) not in known)
        shown = "%s%s" % (other.host or other.address, f" to {other.local}" if other.local else "")
        found += [each._replace(client=shown) for each in further]
    return found


def values(client: Client, keyword: str, config: str = CONFIG, *, from_anywhere: bool = False) -> Tuple[str, ...]:
    """Return the values of a keyword for a login from its address, or from any address, by any name, to each address
    and port of the server, each once. Raises as `views_of_all`."""
    logins = [client, *clients(client, config, from_anywhere=from_anywhere)]
    found = (view.settings for login in logins for view in views(login, config))
    return tuple(dict.fromkeys(value for settings in found for value in settings.get(keyword, ())))


def expanded(words: Iterable[str], entry: pwd.struct_passwd) -> List[str]:
    """Return the paths behind the words of AuthorizedKeysFile (sshd_config(5), TOKENS)."""
    tokens = {"%": "%", "h": entry.pw_dir, "u": entry.pw_name, "U": str(entry.pw_uid)}
    paths = [_TOKEN.sub(lambda match: tokens.get(match[1], match[0]), word) for word in words]
    return [os.path.join(entry.pw_dir, path) for path in paths]


def sockets() -> Mapping[str, int]:
    """Return the listening TCP sockets of this host: inode -> port."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as stream:
                rows = [line.split() for line in stream.readlines()[1:]]
        except FileNotFoundError:
            continue
        found.update({row[9]: int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _LISTEN})
    return found


def ports_of(found: Effective) -> Set[int]:
    """Return the ports on which sshd must listen."""
    return {int(each.rpartition(":")[2]) for each in found.get("listenaddress", ())}


def wait_for_ports(before: Iterable[str], ports: Set[int]) -> Set[int]:
    """Return when sockets whose inodes are not among `before` listen on all ports; return the ports without a listener
    if that does not happen.

    Another process may hold the sockets, which then stay: after a while, old sockets are accepted. That while is long:
    on a busy host sshd may take seconds to restart itself, and refuses connections in the meantime.
    """
    known, start = set(before), time.monotonic()
    while True:
        present, waited = sockets(), time.monotonic() - start
        renewed = {port for inode, port in present.items() if inode not in known}
        missing = ports - set(present.values())
        if ports <= renewed or waited > _SECONDS or (not missing and waited > _RENEWED_SECONDS):
            return missing
        time.sleep(0.02)


def clients(client: Client, config: str, *, from_anywhere: bool) -> Iterator[Client]:
    """Yield the login by other names and to other addresses of the server, and from other addresses. Raises
    ConfigurationInvalid."""
    criteria = tuple(dict.fromkeys(_criteria(config)))
    local = [address for kind, pattern in criteria if kind == _LOCAL for address in _addresses(kind, pattern)]
    remote = [(kind, pattern) for kind, pattern in criteria if kind == _HOST or (from_anywhere and kind != _LOCAL)]
    for own in dict.fromkeys([client.local, *local]):
        for each in dict.fromkeys([client, *_others(client, remote, from_anywhere=from_anywhere)]):
            if each._replace(local=own) != client:
                yield each._replace(local=own)


def _others(client: Client, criteria: Sequence[Tuple[str, str]], *, from_anywhere: bool) -> Iterator[Client]:
    if criteria and from_anywhere:
        addresses = [*_LOWEST, *(address for each in criteria for address in _addresses(*each))]
        yield from (client._replace(address=each) for each in addresses)
    for kind, pattern in criteria:
        if kind == _HOST:
            yield client._replace(host=re.sub(r"[*?]", "x", pattern))


def _criteria(config: str) -> Iterator[Tuple[str, str]]:
    """Yield the kind and each pattern of a criterion, without its exclamation mark."""
    for line in configured(_MATCH, config):
        for kind, patterns in _CRITERION.findall(line):
            yield from ((kind.lower(), pattern.lstrip("!")) for pattern in patterns.split(",") if pattern.lstrip("!"))


def configured(line: Pattern[str], config: str = CONFIG, depth: int = 0) -> Iterator[str]:
    """Yield the matches of a file of sshd's configuration, then those of the files that it includes."""
    with suppress(OSError), open(config, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
        yield from line.findall(text)
        found = _INCLUDE.findall(text) if depth < _DEEPEST else []
        for word in (word for value in found for word in words_of(value)):
            for included in sorted(glob.glob(os.path.join(os.path.dirname(CONFIG), word))):
                yield from configured(line, included, depth + 1)


def words_of(value: str) -> List[str]:
    """Return the words of a line of sshd's configuration."""
    try:
        return shlex.split(value, comments=True)
    except ValueError:
        return value.split()


def _addresses(kind: str, pattern: str) -> Iterator[str]:
    """Yield the first address of a network, and the address after its last. A name of a host has none. Raises
    ConfigurationInvalid for a pattern with wildcards for which no address is found."""
    try:
        network = ipaddress.ip_network(_example(pattern), strict=False)
    except ValueError:
        if kind == _HOST or not set(pattern) & set("*?"):
            return
        raise ConfigurationInvalid(
            f"Match Address {pattern}: no address is known that it matches", cure="Write a network as in 10.0.0.0/8."
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
        return f"{octets[0]}{'.'.join('0' * (4 - number))}/{8 * number}"
    for filling in _FILLINGS if set(pattern) & set("*?") else ():
        text = pattern.replace("?", "1").replace("*", filling)
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return pattern
