# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of sshd for a login on each of its ports, and from each address that its configuration distinguishes.

`sshd -T` refuses a configuration with `Match LocalPort` unless it is given a port. Other configurations have the same
settings on each port, and are asked for once.
"""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

from ..errors import ConfigurationInvalid
from .daemon import CONFIG, Client, Effective, effective
from .listening import ports_of
from .matched_clients import clients

_ANY_PORT = 22


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
    for other in clients(client, config):
        known = [(each.ports, each.settings) for each in found]
        further = (each for each in views(other, config) if (each.ports, each.settings) not in known)
        shown = "%s%s" % (other.host or other.address, " to %s" % other.local if other.local else "")
        found += [each._replace(client=shown) for each in further]
    return found


def values(client: Client, keyword: str, config: str = CONFIG) -> Tuple[str, ...]:
    """Return the values of a keyword on all ports, each once. Raises as `views`."""
    return tuple(dict.fromkeys(value for view in views(client, config) for value in view.settings.get(keyword, ())))
