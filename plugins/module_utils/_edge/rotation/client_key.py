# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module client_key: the key of a sync job on its client, one step of a rotation at a time."""

from __future__ import annotations

import pwd
import time
from typing import Any, Dict, FrozenSet, List, Sequence, Union

from ..._engine.errors import AccountMissing, InvalidRequest
from ..._engine.rotation.client_keys import job
from ..._engine.rotation.client_keys.plan import ED25519, KEY_TYPES, Leg, Policy, ServerState
from ..._engine.rotation.client_keys.store import Place
from ..._engine.system.accounts import Owner
from ..._engine.system.changes import Change
from ..._engine.trust.fingerprint import is_fingerprint
from ..changes import worded_result
from ..contract import Params, Result, Task
from ..names import job_name, plain_path, server_name

PREPARED, PROMOTED, SETTLED = "prepared", "promoted", "settled"
REQUIRED = (("state", PREPARED, ("servers", "passphrase")), ("state", PROMOTED, ("proven",)))
Step = Union[job.Preparation, job.Settlement, Sequence[str]]
"""The request: a preparation, a settlement, or the servers at which the new key is proven."""


def spec() -> Dict[str, Any]:
    server = {"name": {"type": "str", "required": True}, "managed": {"type": "bool", "default": True}}
    behind = {
        "server": {"type": "str", "required": True},
        "phase": {"type": "str", "required": True},
        "reason": {"type": "str", "required": True},
    }
    options = {
        "state": {"type": "str", "choices": [PREPARED, PROMOTED, SETTLED], "required": True},
        "job": {"type": "str", "required": True},
        "path": {"type": "str", "default": "/etc/secure_ftp_synchronize/keys"},
        "servers": {"type": "list", "elements": "dict", "options": server},
        "owner": {"type": "str", "default": "root"},
        "type": {"type": "str", "choices": list(KEY_TYPES), "default": ED25519},
        "max_age": {"type": "float", "default": 90.0},
        "passphrase": {"type": "str", "no_log": True},
        "compromised": {"type": "list", "elements": "str", "default": []},
        "proven": {"type": "list", "elements": "str"},
        "cleared": {"type": "list", "elements": "str", "default": []},
        "behind": {"type": "list", "elements": "dict", "default": [], "options": behind},
    }
    return {"argument_spec": options, "required_if": REQUIRED}


def request(task: Task) -> Step:
    if task.params["state"] == PREPARED:
        return preparation(task.params)
    if task.params["state"] == PROMOTED:
        return [server_name(each) for each in task.params["proven"]]
    return settlement(task.params)


def run(task: Task) -> Result:
    place, asked = Place(plain_path(task.params["path"])), request(task)
    if isinstance(asked, job.Preparation):
        return result(job.prepare(place, asked, check_mode=task.check_mode), task)
    if isinstance(asked, job.Settlement):
        return result(job.settle(place, asked, check_mode=task.check_mode), task)
    return result(job.promote(place, job_name(task.params["job"]), asked, check_mode=task.check_mode), task)


def result(report: job.Prepared | Sequence[Change], task: Task) -> Result:
    return _prepared(report, task.params) if isinstance(report, job.Prepared) else worded_result(report)


def blank() -> Result:
    return {"changed": False, "changes": []}


def preparation(given: Params) -> job.Preparation:
    """Return the request. Raises InvalidRequest, AccountMissing."""
    servers = tuple(ServerState(server_name(each["name"]), each["managed"]) for each in given["servers"])
    _check_unique([each.name for each in servers])
    if not given["max_age"] > 0:
        raise InvalidRequest(f"max_age: {given['max_age']} is not an age", cure="Set it to days, more than 0.")
    return job.Preparation(
        job_name(given["job"]),
        servers,
        Policy(given["type"], given["max_age"]),
        _owner(given["owner"]),
        _passphrase(given["passphrase"]),
        _fingerprints(given["compromised"]),
        time.time(),
    )


def settlement(given: Params) -> job.Settlement:
    """Return the request. Raises InvalidRequest."""
    cleared = frozenset(server_name(each) for each in given["cleared"])
    behind = {
        server_name(each["server"]): (each["phase"], " ".join(each["reason"].split())) for each in given["behind"]
    }
    for name in cleared & frozenset(behind):
        raise InvalidRequest(f"behind: {name} is also in cleared")
    return job.Settlement(job_name(given["job"]), cleared, behind, time.time())


def _check_unique(names: List[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequest(f"servers: {name} is listed twice", cure="Make two jobs of it.")


def _owner(name: str) -> Owner:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise AccountMissing(f"account: {name} does not exist", cure="Create it, or set another name.") from None
    return Owner(found.pw_uid, found.pw_gid)


def _passphrase(text: str) -> str:
    """Return the passphrase, one line for ssh-keygen. The text never shows."""
    if len(text) < 8 or any(char in text for char in "\0\r\n"):
        raise InvalidRequest(
            "passphrase: is shorter than 8 characters, or has more than one line",
            cure="Generate it with a password manager.",
        )
    return text


def _fingerprints(given: Any) -> FrozenSet[str]:
    for text in given:
        if not is_fingerprint(text):
            raise InvalidRequest(
                f"compromised: {text[:80]!r} is not a SHA-256 fingerprint",
                cure="Use the form of sshd's log and ssh-keygen -l: SHA256:...",
            )
    return frozenset(given)


def _prepared(found: job.Prepared, given: Params) -> Result:
    wanted = found.public_keys.get(found.wanted)
    fingerprints = {generation: text for text, generation in found.known.items()}
    return {
        **worded_result(found.changes),
        "generation": found.wanted.name,
        "new_because": found.why,
        "private_key_file": found.private_key_file,
        "public_key": wanted,
        "fingerprint": fingerprints.get(found.wanted),
        "public_keys": sorted({*found.public_keys.values(), *found.revoked.values()}),
        "known": {text: generation.name for text, generation in sorted(found.known.items())},
        "legs": [_leg(each, found, given["job"]) for each in found.legs],
        "behind": [{"server": name, **entry._asdict()} for name, entry in found.behind.items()],
        "strangers": list(found.strangers),
    }


def _leg(leg: Leg, found: job.Prepared, name: str) -> Result:
    """Return the data for the tasks of one server. A key that check mode did not make is missing."""
    keys = [found.public_keys[each] for each in leg.published if each in found.public_keys]
    wanted = found.public_keys.get(found.wanted)
    return {
        "job": name,
        "server": leg.server.name,
        "managed": leg.server.managed,
        "phase": leg.phase,
        "private_key_file": found.private_key_file,
        "public_key": wanted,
        "published_keys": keys if wanted is not None else [],
        "revoked_keys": [found.revoked[each] for each in leg.server.to_revoke],
    }
