# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation on the client: prepare, promote, settle. Between them other tasks change the servers.

1. `prepare` marks compromised keys, makes a key if a new key is due (`plan`), and returns the work for each server:
   publish the new key next to the old key, or retire the old key.
2. The caller publishes the key at the servers, and tries a login with it at each.
3. `promote` lets the job use the new key with the servers where that login succeeded: a link for each server
   (`store`). The mark "may hold other keys" is set first.
4. The caller removes the old keys at those servers.
5. `settle` clears the marks of these servers, writes the reason for each server that is behind into the ledger, and
   removes keys that no server uses.

Every change on disk is one rename, so a run may end anywhere: each link names a key that its server accepts.

ssh-keygen makes the keys, and gets the passphrase like ssh: never in argv, environment or a file.
"""

from __future__ import annotations

import base64
import binascii
import os
import select
import shutil
import subprocess
import time
from typing import Callable, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ...errors import ClientMissing, InvalidRequest, OperationFailed
from ...ssh.openssh_messages import Askpass
from ...system.accounts import Owner
from ...system.changes import Change, Changes
from ...system.child_processes import ChildProcesses, pipe
from ...trust.fingerprint import parse_plain_key
from .plan import DONE, Generation, Leg, Policy, ServerState, leg_of, next_generation, unused, why_new
from .store import NOT_TRIED, Entry, JobStore, Place, noted

_SECONDS = 300.0
_TICK = 0.2
_OPTIONS = {"ed25519": ["-t", "ed25519"], "rsa": ["-t", "rsa", "-b", "4096"]}
_MAGIC = b"openssh-key-v1\0"
KeyMaker = Callable[[str, str, str, str], None]
"""path, type, passphrase, comment; as key_making.make_key."""


def make_key(path: str, key_type: str, passphrase: str, comment: str) -> None:
    """Make `path`, which must not be there, and `path`.pub. Raises ClientMissing, OperationFailed."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise ClientMissing("ssh-keygen is not on PATH", cure="Install the OpenSSH client on this host.")
    guard = ChildProcesses()
    askpass = Askpass(guard)
    try:
        _run(guard, askpass, [program, "-q", *_OPTIONS[key_type], "-C", comment, "-f", path], passphrase)
    finally:
        guard.close()
        askpass.close()
    with open(path, encoding="ascii") as file:
        if not is_encrypted(file.read()):
            raise OperationFailed("ssh-keygen made a key without a passphrase", path=path.encode())


def is_encrypted(text: str) -> bool:
    """Return whether a private key in OpenSSH's form (PROTOCOL.key) is closed by a passphrase."""
    try:
        blob = base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-----")))
    except (binascii.Error, ValueError):
        return False
    start = len(_MAGIC) + 4
    cipher = blob[start : start + int.from_bytes(blob[len(_MAGIC) : start], "big")]
    return blob.startswith(_MAGIC) and cipher not in (b"", b"none")


def _run(guard: ChildProcesses, askpass: Askpass, command: List[str], passphrase: str) -> None:
    child = guard.start(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(os.environ, LC_ALL="C", **askpass.environment),
    )
    deadline = time.monotonic() + _SECONDS
    while not guard.has_ended(child):
        if time.monotonic() > deadline:
            raise OperationFailed("ssh-keygen did not end", cure="Check the load of this host.")
        if select.select([askpass.fd], [], [], _TICK)[0]:
            for prompt in askpass.questions():
                askpass.answer(prompt, passphrase)
    with pipe(child.stderr) as messages:
        output = messages.read().decode("utf-8", "replace")
    if child.wait():
        raise OperationFailed(f"ssh-keygen failed: {' '.join(output.split())}")


class Preparation(NamedTuple):
    """The request of state prepared.

    owner: of private keys
    compromised: fingerprints
    """

    job: str
    servers: Tuple[ServerState, ...]
    policy: Policy
    owner: Owner
    passphrase: str
    compromised: FrozenSet[str]
    now: float


class Prepared(NamedTuple):
    """The result of `prepare`.

    wanted: the key that all servers must accept in the end
    why: why it was made in this run, else ""
    legs: the work for each server
    known: fingerprint -> generation, of all keys that the client knows
    revoked: the public keys of compromised generations
    behind: the ledger at the start of the run
    strangers: servers with a link that are no longer servers of the job
    """

    wanted: Generation
    why: str
    legs: Tuple[Leg, ...]
    public_keys: Mapping[Generation, str]
    private_key_file: str
    known: Mapping[str, Generation]
    revoked: Mapping[Generation, str]
    behind: Mapping[str, Entry]
    strangers: Tuple[str, ...]
    changes: Tuple[Change, ...]


class Settlement(NamedTuple):
    """The request of state settled.

    cleared: servers that hold the new key alone
    behind: server -> phase and reason
    """

    job: str
    cleared: FrozenSet[str]
    behind: Mapping[str, Tuple[str, str]]
    now: float


def prepare(place: Place, asked: Preparation, *, check_mode: bool, maker: KeyMaker = make_key) -> Prepared:
    """Mark compromised keys, make a key if it is due, and record in the ledger which servers are behind.

    Raises UnsafePath, ClientMissing, OperationFailed.
    """
    changes = Changes(check_mode=check_mode)
    with JobStore(place, asked.job, changes) as store:
        behind = store.entries()
        _keep_owner(store, asked)
        _mark_compromised(store, asked)
        state = store.state(asked.servers)
        marked = state.compromised | _compromised_now(store, asked)
        why = why_new(state._replace(compromised=marked), asked.policy, asked.now)
        wanted = _made(store, asked, state.newest, maker) if why or state.newest is None else state.newest
        legs = tuple(leg_of(each, wanted, marked) for each in state.servers)
        _note(store, legs, behind, asked.now)
        known = {_fingerprint(text): each for each, text in {**store.revoked(), **_public_keys(store)}.items()}
        return Prepared(
            wanted,
            why,
            legs,
            _public_keys(store),
            store.private_key_file(wanted),
            known,
            store.revoked(),
            behind,
            tuple(sorted(frozenset(store.linked()) - {each.name for each in asked.servers})),
            changes.report().changes,
        )


def promote(place: Place, job: str, proven: Iterable[str], *, check_mode: bool) -> Tuple[Change, ...]:
    """Let the job use the newest key with the servers that took it. Raises InvalidRequest if there is none."""
    changes = Changes(check_mode=check_mode)
    with JobStore(place, job, changes) as store:
        newest = max(store.generations(), default=None)
        for server in proven:
            if newest is None:
                raise InvalidRequest(f"job: {job} has no key", cure="Run state prepared first.")
            store.point(server, newest)
    return changes.report().changes


def settle(place: Place, asked: Settlement, *, check_mode: bool) -> Tuple[Change, ...]:
    """Write down how far each server came, and remove the keys that no server is on any more."""
    changes = Changes(check_mode=check_mode)
    with JobStore(place, asked.job, changes) as store:
        for server in sorted(asked.cleared):
            store.clear(server)
        entries = {name: entry for name, entry in store.entries().items() if name not in asked.cleared}
        for server, (phase, reason) in asked.behind.items():
            entries[server] = noted(entries, server, phase, reason, asked.now)
        store.write_entries(entries)
        state = store.state(())
        for generation in unused(state, frozenset(store.linked().values())):
            store.remove(generation)
        store.sweep()
    return changes.report().changes


def _mark_compromised(store: JobStore, asked: Preparation) -> None:
    """Mark all servers first: the note means that they are marked."""
    for generation in sorted(_compromised_now(store, asked) - frozenset(store.revoked())):
        for server in asked.servers:
            store.mark(server.name, generation)
        store.revoke(generation)


def _compromised_now(store: JobStore, asked: Preparation) -> FrozenSet[Generation]:
    found = _public_keys(store).items()
    return frozenset(generation for generation, text in found if _fingerprint(text) in asked.compromised)


def _made(store: JobStore, asked: Preparation, newest: Optional[Generation], maker: KeyMaker) -> Generation:
    made = next_generation(newest, asked.policy.key_type, asked.now)
    comment = f"{asked.job}/{made.name}"
    store.make(made, asked.owner, lambda path: maker(path, made.key_type, asked.passphrase, comment))
    return made


def _keep_owner(store: JobStore, asked: Preparation) -> None:
    for generation in store.generations():
        store.keep_owner(generation, asked.owner)


def _note(store: JobStore, legs: Tuple[Leg, ...], behind: Mapping[str, Entry], now: float) -> None:
    """Before any server is asked, so that a run that is killed leaves a ledger that is true."""
    entries: Dict[str, Entry] = {}
    for leg in legs:
        if leg.phase != DONE:
            name = leg.server.name
            reason = behind[name].reason if name in behind else NOT_TRIED
            entries[name] = noted(behind, name, leg.phase, reason, now)
    store.write_entries(entries)


def _public_keys(store: JobStore) -> Dict[Generation, str]:
    return {generation: store.public_key(generation) for generation in store.generations()}


def _fingerprint(text: str) -> str:
    words: List[str] = text.split()
    return parse_plain_key(words[0], words[1]).fingerprint
