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


def transfer_key(login: Given, partner: str, role: Given, *, managed: bool) -> dict[str, Any] | None:
    """Return the rotation of the key of a transfer; None if it logs in without a key that lasts. Raises InvalidRequest.

    login: of exchange_logins. role: options of client_key_rotation. managed: whether tasks are delegated to the partner

    rotation: an element of client_key_rotation_jobs. owner, passphrase: of its keys; None if they are not known
    check: the transfer with this key alone, as a job for sync_job or as options for secure_sync
    """
    options, job = login["options"], login["job"]
    sources = options.get("secrets_from") or {}
    if options.get("protocol") == "ftps" or not _has_key({**options, **sources}):
        return None
    path = f"{role['directory'].rstrip('/')}/{login['name']}/to/{partner}"
    if options.get("private_key_file") != path:
        raise InvalidRequest(
            f"{login['transfer']}: {_other_key(options, sources)}",
            cure=f"Set private_key_file of the transfer to {path}.",
        )
    for name in ("certificate", "certificate_file"):
        if options.get(name) or (job or {}).get(name):
            raise InvalidRequest(
                f"{login['transfer']}: {name}: is for a key that is never replaced",
                cure=f"Remove {name}, or private_key_file.",
            )
    if not options.get("username"):
        raise InvalidRequest(f"{login['transfer']}: username: is not set", cure="Set it to the account on the server.")
    if not (options.get("passphrase") or role["passphrase"]):
        cure = "Set it in the transfer, or set client_key_rotation_passphrase."
        raise InvalidRequest(f"{login['transfer']}: passphrase: is not set", cure=cure)
    server = {"host": partner, "address": options["host"], "port": options.get("port") or 22, "managed": managed}
    alone = {part: _by_key_alone((job or login)[part]) for part in ("options", "secrets") if part in (job or login)}
    return {
        "rotation": {"name": login["name"], "username": options["username"], "servers": [server]},
        "owner": f"sync-{login['name']}" if job else None,
        "passphrase": options.get("passphrase"),
        "check": {**job, "state": "tried", **alone} if job else alone["options"],
    }


def _has_key(given: Given) -> bool:
    return any(given.get(name) for name in ("private_key", "private_key_file"))


def _other_key(options: Given, sources: Given) -> str:
    if options.get("private_key"):
        return "private_key: comes from the inventory or a look-up, where no rotation can replace it"
    if "private_key" in sources:
        return f"secrets_from.private_key: no rotation can replace the key of {next(iter(sources['private_key']))}"
    return f"private_key_file: {plain(str(options['private_key_file'])[:80])} is not a key of client_key_rotation"


def _by_key_alone(given: Given) -> dict[str, Any]:
    """Return options or secrets without a password, with which a login would succeed without the key."""
    kept = {name: value for name, value in given.items() if name != "password"}
    return {**kept, "secrets_from": _by_key_alone(kept["secrets_from"])} if kept.get("secrets_from") else kept


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
