# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the answer of a client about the key of a job, and derive the work at each server.

An answer is data about its client only. It provides the client's own public keys and the progress of each server.
Servers, accounts, addresses, ports and paths come from the controller's list, and a key is revoked only if the
controller lists its fingerprint; `rotation_everywhere` has it revoked on all servers.

A client can claim the public key of another party as its own. It gains nothing: the key gets into the account of the
client's own job, on a line of the client, and only such lines are ever removed for the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..module_utils._engine.errors import SyncError
from ..module_utils._engine.jail.key_file import authorized_key
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.rotation.client_keys.plan import DONE, PUBLISH, RETIRE, parse_generation
from ..module_utils._engine.trust.fingerprint import PublicKey
from .answer_guard import AnswerRefused
from .rotation_jobs import Job, Target

Leg = dict[str, Any]

_BLOB_TYPES = {"ed25519": "ssh-ed25519", "rsa": "ssh-rsa"}
_MOST_PUBLISHED = 2  # the new key, and the current key until the new key is proven


@dataclass(frozen=True)
class Policy:
    """The controller's request.

    client: its name in the inventory
    directory: of all jobs on the client
    keys_directory, revoked_keys_file: on the servers
    compromised: fingerprints to revoke, empty unless the mode is compromise
    """

    client: str
    key_type: str
    directory: str
    keys_directory: str
    revoked_keys_file: str
    compromised: frozenset[str] = frozenset()


def judged(job: Job, answer: Any, policy: Policy) -> list[Leg]:
    """Return the work at each server of a job. Raise AnswerRefused."""
    answered = _Answer(job, answer)
    generation = answered.generation(policy.key_type)
    shared = {
        "job": job.name,
        "username": job.username,
        "holder": f"{policy.client}/{job.name}",
        "authorized_keys_file": f"{policy.keys_directory.rstrip('/')}/{job.username}",
        "revoked_keys_file": policy.revoked_keys_file,
        "private_key_file": f"{policy.directory.rstrip('/')}/{job.name}/keys/{generation}",
        "public_key": answered.new_key(policy.key_type),
        "revoked_keys": [key.text for key in answered.public_keys() if key.fingerprint in policy.compromised],
    }
    return [{**shared, **_server(server, answered.leg(server), shared, policy)} for server in job.servers]


def keys_of(job: Job, answer: Any) -> list[str]:
    """Return the fingerprints of the keys that a client gave in full. Raise AnswerRefused."""
    return [key.fingerprint for key in _Answer(job, answer).public_keys()]


def compromised_keys_of(job: Job, answer: Any, policy: Policy) -> list[str]:
    """Return the keys to revoke that a client gave in full. Raise AnswerRefused."""
    return [key.text for key in _Answer(job, answer).public_keys() if key.fingerprint in policy.compromised]


def _server(server: Target, leg: _Leg, shared: Leg, policy: Policy) -> Leg:
    left = {key.fingerprint for key in leg.public_keys("revoked_keys")} - policy.compromised
    return {
        "server": server.name,
        "managed": server.managed,
        "address": server.address,
        "port": server.port,
        "phase": leg.phase(),
        "published_keys": leg.published(shared["public_key"]),
        "left_to_revoke": sorted(left) if server.managed else [],
    }


class _Part:
    """A mapping of an answer. where: its place, for messages."""

    def __init__(self, where: str, value: Any) -> None:
        self.where = where
        if not isinstance(value, Mapping):
            raise self.refused("is not a dictionary")
        self._value = value

    def refused(self, fact: str) -> AnswerRefused:
        return AnswerRefused(
            f"answer about {self.where}: {fact}",
            cure="Examine the client, which may be compromised. No server was changed.",
        )

    def text(self, name: str) -> str:
        value = self._value.get(name)
        if not isinstance(value, str):
            raise self.refused(f"{name} is not a string")
        return value

    def items(self, name: str) -> list[Any]:
        value = self._value.get(name)
        if not isinstance(value, list):
            raise self.refused(f"{name} is not a list")
        return value

    def public_keys(self, name: str = "public_keys") -> list[PublicKey]:
        return [self.key(name, each) for each in self.items(name)]

    def key(self, name: str, value: Any) -> PublicKey:
        """Return type and bytes of a key; its comment is dropped."""
        try:
            if isinstance(value, str):
                return authorized_key(value).key
        except SyncError as error:
            raise self.refused(f"{name}: {plain(error.message)}") from None
        raise self.refused(f"{name}: a key is not a string")

    def holds(self, name: str) -> bool:
        return self._value.get(name) is not None


class _Leg(_Part):
    """The client's answer about one server."""

    def phase(self) -> str:
        value = self.text("phase")
        if value not in (PUBLISH, RETIRE, DONE):
            raise self.refused(f"{value[:20]!r} is not a phase")
        return {PUBLISH: PUBLISH, RETIRE: RETIRE, DONE: DONE}[value]

    def published(self, new: str | None) -> list[str]:
        """Return the keys that the server must hold until the new key is proven; none in check mode without a new
        key."""
        texts = [key.text for key in self.public_keys("published_keys")]
        if new is None:
            return []
        if len(texts) > _MOST_PUBLISHED or new not in texts:
            raise self.refused("published_keys are not the new key and at most one other")
        return texts


class _Answer(_Part):
    """The client's answer about one job."""

    def __init__(self, job: Job, value: Any) -> None:
        super().__init__(f"the job {job.name}", value)
        self._legs = {}
        for each in self.items("legs"):
            leg = _Leg(f"a server of {job.name}", each)
            self._legs[leg.text("server")] = leg
        self._require_servers(frozenset(server.name for server in job.servers))

    def leg(self, server: Target) -> _Leg:
        return self._legs[server.name]

    def generation(self, key_type: str) -> str:
        found = parse_generation(self.text("generation"))
        if found is None or found.key_type != key_type:
            raise self.refused(f"generation is not the name of a key of the type {key_type}")
        return found.name

    def new_key(self, key_type: str) -> str | None:
        """Return the new key; None if check mode did not make it."""
        if not self.holds("public_key"):
            return None
        key = self.key("public_key", self.text("public_key"))
        if key.key_type != _BLOB_TYPES[key_type]:
            raise self.refused(f"public_key is of the type {key.key_type}, not {key_type}")
        return key.text

    def _require_servers(self, expected: frozenset[str]) -> None:
        found = frozenset(self._legs)
        for name in sorted(found - expected):
            raise self.refused(f"it names the server {plain(name[:80])}, which is not a server of this job")
        for name in sorted(expected - found):
            raise self.refused(f"it lacks the server {name}")
