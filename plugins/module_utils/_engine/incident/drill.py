# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill of a revocation, step by step. The steps run on the controller, between the tasks that change the servers.

1. `begin`: the key and the directory of the records are tried; two keys are made. If a drill was killed before, its
   record is written first, and its first key will be revoked too.
2. The first key is put into the account, and every server is watched (`login_watch`).
3. `mark`: every server lets the account in; from here on the first key is compromised. The role revokes it.
4. `wait`: until every server was seen to refuse the key and to end the session, or the limit is over. Later moments
   do not count, because then the key leaves the account.
5. `note`: all servers have an event about the key, or let the account in with the second key.
6. `finish`: both keys have left the account, and every server refuses them. The record is written, and the private
   keys are removed.
"""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..drill.record import Records
from ..errors import AuthenticationFailed, Refused, RunEnded
from ..model.findings import POLICY_NOT_MET
from ..model.report import WrittenReceipt
from ..model.request import Receipting
from ..model.utc import utc
from ..signing.receipt_directory import DRILL, ReceiptDirectory
from ..signing.signer import Signer
from ..sync.receipts import verdict
from ..trust.fingerprint import PublicKey
from .directory import COMPROMISED, RESTORED, DrillDirectory
from .judgement import DETECTED, MODULE, Cause, Facts, Limits, Note, Seen, causes, parse, phases, seen, servers_of

ABORTED = "aborted"
_TICK = 0.1
_AFTER_THE_LIMIT = 5.0
"""Seconds for a server that refuses the key just at the limit."""

Answers = Mapping[str, Any]


class Plan(NamedTuple):
    """account: of the drill, on each of the servers"""

    account: str
    servers: Tuple[str, ...]
    limits: Limits


class Begun(NamedTuple):
    """compromised, restored: the public keys. former: fingerprint of the first key of a drill that was killed before,
    which may not be revoked; aborted: the record of that drill."""

    compromised: PublicKey
    restored: PublicKey
    former: str = ""
    aborted: Optional[WrittenReceipt] = None


class Finished(NamedTuple):
    """The end of a drill: the values of its record, its receipt, and why it failed."""

    fields: Mapping[str, Any]
    receipt: WrittenReceipt
    causes: Sequence[Cause]


def begin(directory: DrillDirectory, plan: Plan, receipts: Receipting) -> Begun:
    """Begin a drill. Raises the errors of the record, of the directory and of ssh-keygen."""
    with closing(Signer(receipts.key, option="receipts")) as signer:
        signer.open()
        chain = ReceiptDirectory(receipts.path)
        chain.prepare(receipts.job)
        directory.make()
        killed = directory.read()
        aborted = _settle(directory, killed, Records(chain, signer))
    directory.empty()
    state = {
        "run_id": secrets.token_hex(8),
        "job": receipts.job,
        "version": receipts.version,
        "started": utc(time.time()),
        "account": plan.account,
        "servers": list(plan.servers),
        "limits": plan.limits._asdict(),
        "key": "",
        "marked": None,
        "until": None,
        "notes": {},
    }
    directory.write(state)
    compromised, restored = directory.make_key(COMPROMISED), directory.make_key(RESTORED)
    directory.write({**state, "key": compromised.fingerprint})
    return Begun(compromised, restored, str((killed or {}).get("key", "")), aborted)


def _settle(directory: DrillDirectory, state: Optional[Dict[str, Any]], records: Records) -> Optional[WrittenReceipt]:
    """Write the record of a drill that was killed."""
    if state is None or records.has(state.get("run_id")):
        return None
    fields = {**_fields(state, _facts(directory, state, state["servers"])), **verdict(RunEnded.code)}
    return records.write({**fields, "verdict": ABORTED, "causes": []})


def mark(directory: DrillDirectory, patience: float) -> str:
    """Wait until every server lets the account in. Return the time from which the key is compromised. Raises
    Refused."""
    state, deadline = _state(directory), time.monotonic() + patience
    while True:
        found = _seen(directory, state, None)
        lacking = [name for name, each in found.items() if not each.is_open]
        if not lacking:
            break
        if time.monotonic() > deadline or any(found[name].refused is not None for name in lacking):
            raise _closed(state, {name: found[name] for name in lacking})
        time.sleep(_TICK)
    directory.write({**state, "marked": time.monotonic()})
    return utc(time.time())


def wait(directory: DrillDirectory) -> bool:
    """Wait until every server refuses the key and has ended the session, or until the limit is over; return whether
    they do."""
    state = _state(directory)
    if state["marked"] is not None and state["until"] is None:
        deadline = state["marked"] + state["limits"]["all_hosts"] + _AFTER_THE_LIMIT
        while not _is_over(directory, state) and time.monotonic() < deadline:
            time.sleep(_TICK)
    if state["until"] is None:
        state = {**state, "until": time.monotonic()}
        directory.write(state)
    return _is_over(directory, state)


def note(directory: DrillDirectory, event: str, answers: Answers) -> List[str]:
    """Note the time of an event; return the servers that did not answer well. answers: results by servers"""
    state = _state(directory)
    missed = [name for name in state["servers"] if not _is_good(answers.get(name))]
    notes = {**state["notes"], event: {"at": time.monotonic(), "missed": missed}}
    directory.write({**state, "notes": notes})
    return missed


def finish(directory: DrillDirectory, receipts: Receipting, refusals: Sequence[Answers]) -> Finished:
    """Judge the drill and write its record; then remove the keys and the state.

    refusals: results of logins with each key of the drill, by servers
    """
    state = _state(directory)
    if state["until"] is None:
        # Without a wait the keys have left the account, so that no refusal since the mark counts.
        state = {**state, "until": state["marked"] or 0.0}
    with closing(Signer(receipts.key, option="receipts")) as signer:
        signer.open()
        facts = _facts(directory, state, _open(state["servers"], refusals))
        found = causes(facts, Limits(**state["limits"]))
        fields = {
            **_fields(state, facts),
            "causes": [each.id for each in found],
            **verdict(POLICY_NOT_MET if found else None),
        }
        receipt = Records(ReceiptDirectory(receipts.path), signer).write(fields)
    directory.empty()
    return Finished(fields, receipt, found)


def _state(directory: DrillDirectory) -> Dict[str, Any]:
    state = directory.read()
    if state is None:
        raise Refused("directory: no drill is under way", cure="Run the playbook incident_drill from its begin.")
    return state


def _facts(directory: DrillDirectory, state: Mapping[str, Any], open_: Sequence[str]) -> Facts:
    notes = {name: Note(each["at"], tuple(each["missed"])) for name, each in state["notes"].items()}
    return Facts(_seen(directory, state, state["until"]), state["marked"], notes, tuple(open_))


def _fields(state: Mapping[str, Any], facts: Facts) -> Dict[str, Any]:
    kept = ("run_id", "job", "version", "started", "account", "key", "limits")
    return {
        "type": DRILL,
        "module": MODULE,
        **{name: state[name] for name in kept},
        "ended": utc(time.time()),
        "changed": False,
        "detection": DETECTED in facts.notes,
        "phases": phases(facts),
        "servers": servers_of(facts),
    }


def _seen(directory: DrillDirectory, state: Mapping[str, Any], until: Optional[float]) -> Dict[str, Seen]:
    return {name: seen(parse(directory.timeline(name)), until) for name in state["servers"]}


def _is_over(directory: DrillDirectory, state: Mapping[str, Any]) -> bool:
    return all(each.is_over for each in _seen(directory, state, state["until"]).values())


def _is_good(answer: Any) -> bool:
    """Return whether a task did its work on a host. A host may answer with anything."""
    return isinstance(answer, Mapping) and not any(answer.get(key) for key in ("failed", "unreachable", "skipped"))


def _open(servers: Sequence[str], refusals: Sequence[Answers]) -> List[str]:
    """Return the servers of which it is not proven that they refuse every key of the drill."""
    return [name for name in servers if not refusals or not all(_is_refused(each.get(name)) for each in refusals)]


def _is_refused(answer: Any) -> bool:
    error = answer.get("error") if isinstance(answer, Mapping) else None
    return isinstance(error, Mapping) and error.get("code") == AuthenticationFailed.code


def _closed(state: Mapping[str, Any], lacking: Mapping[str, Seen]) -> Refused:
    named = ", ".join(f"{name} ({each.code or _why(each)})" for name, each in sorted(lacking.items()))
    return Refused(
        f"servers: the account {state['account']} cannot log in with its new key and hold a session: {named}",
        cure="Make the account on each server with a jail, and let sshd read its file of authorized keys.",
    )


def _why(found: Seen) -> str:
    if found.refused is not None:
        return AuthenticationFailed.code
    return "the session ended" if found.ended is not None else "no answer in time"
