# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a compromised key that the controller names is revoked: on the managed servers of all clients of the play.

A compromised client can return a key for one of its jobs and conceal it for another, or leave it to another client to
return it. So the answers do not decide where a key is revoked. Each client has its servers refuse the keys that any
client returned, and has the servers of all clients refuse the keys that it returned itself. So no server is left out,
in any order of the clients, and if some of them fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils._engine.rotation.client_keys.plan import DONE
from .rotation_jobs import Job

Leg = dict[str, Any]
Place = Mapping[str, Any]
_PLACE = ("server", "username", "revoked_keys_file")


def places_of(jobs: Iterable[Job], revoked_keys_file: str) -> list[dict[str, str]]:
    """Return the managed servers of the jobs of a client, as places where keys can be revoked."""
    return [
        {
            "job": job.name,
            "server": server.name,
            "username": job.username,
            "revoked_keys_file": revoked_keys_file,
        }
        for job in jobs
        for server in job.servers
        if server.managed
    ]


def everywhere(
    client: str,
    legs: Iterable[Leg],
    keys: Mapping[str, Sequence[str]],
    places: Mapping[str, Sequence[Place]],
) -> list[Leg]:
    """Return the legs of a client with all compromised keys, and further legs for servers of other clients.

    client: its name in the inventory
    keys: compromised keys that each client returned
    places: of each client
    """
    every = [key for each in keys.values() for key in each]
    own = [
        {**leg, "revoked_keys": _each_once([*leg["revoked_keys"], *every])} if leg["managed"] else leg for leg in legs
    ]
    returned = _each_once(keys.get(client, ()))
    done = {_place(leg) for leg in own}
    further = []
    for name, place in [(name, place) for name, each in places.items() for place in each] if returned else []:
        if _place(place) not in done:
            done.add(_place(place))
            further.append(_leg_of_another(name, place, returned))
    return own + further


def _leg_of_another(client: str, place: Place, keys: list[str]) -> Leg:
    """Return a leg that only revokes. Its job is no name of a job, so that no ledger takes it for one of the client."""
    return {
        **{name: place[name] for name in _PLACE},
        "job": f"{client}/{place['job']}",
        "managed": True,
        "phase": DONE,
        "public_key": None,
        "private_key_file": "",
        "published_keys": [],
        "revoked_keys": keys,
        "left_to_revoke": [],
    }


def _place(of: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(of[name] for name in _PLACE)


def _each_once(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(keys))
