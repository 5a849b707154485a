# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a client as the controller lists them: the only source of servers, accounts, addresses and ports."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..module_utils._edge.names import account_name, job_name, server_name
from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """A server of a job. managed: whether tasks are delegated to it."""

    name: str
    managed: bool
    address: str
    port: int


@dataclass(frozen=True)
class Job:
    """username: the account that the job logs in to."""

    name: str
    username: str
    servers: tuple[Target, ...]


def jobs_of(given: Iterable[Given], reach: Mapping[str, str]) -> tuple[Job, ...]:
    """Return the jobs of the option client_key_rotation_jobs. Raise InvalidRequest.

    reach: the address of each host of the inventory.
    """
    jobs = tuple(_job(each, reach) for each in given)
    _require_unique("client_key_rotation_jobs", [job.name for job in jobs], "Give each job its own name.")
    return jobs


def managed_hosts(jobs: Iterable[Job]) -> list[str]:
    """Return the hosts to which tasks are delegated, each once."""
    return list(dict.fromkeys(server.name for job in jobs for server in job.servers if server.managed))


def _job(given: Given, reach: Mapping[str, str]) -> Job:
    name = job_name(given["name"])
    servers = tuple(_target(each, reach) for each in given["servers"])
    _require_unique(f"servers of {name}", [server.name for server in servers], "Make two jobs of it.")
    return Job(name, account_name("username", given["username"]), servers)


def _target(given: Given, reach: Mapping[str, str]) -> Target:
    name = server_name(given["host"])
    if given["managed"]:
        _require_remote(name)
        _require_known(name, reach)
    address = given.get("address") or reach.get(name) or name
    return Target(name, given["managed"], address, given["port"])


def _require_remote(name: str) -> None:
    if name == "localhost" or _is_loopback(name):
        raise InvalidRequest(
            f"client_key_rotation_jobs: {name} is the controller, not a server of a job",
            cure="Set servers to hosts of the inventory with names of their own.",
        )


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _require_known(name: str, reach: Mapping[str, str]) -> None:
    if name not in reach:
        raise InvalidRequest(
            f"client_key_rotation_jobs: {plain(name)} is not in the inventory",
            cure="Add it to the inventory. For a server of a partner set managed: false.",
        )


def _require_unique(where: str, names: Sequence[str], cure: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidRequest(f"{where}: {', '.join(twice)} is listed twice", cure=cure)
