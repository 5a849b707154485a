# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ledger of an account on the controller: whether it must be closed or open, which hosts came to that, and the keys
that it must never use again.

A host's answer changes nothing but its own entry and the keys that are refused. Each change of the state has a new
version. Hosts are judged by it as servers are by the version of a list (revocation_spread).
"""

from __future__ import annotations

__all__ = ["CLOSED", "JOBS", "OPEN", "Ledger", "begun", "format_ledger", "missed", "parse_ledger", "recorded"]

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ..module_utils._engine.access.record import CLOSED, OPEN
from ..module_utils._engine.access.refusals import KeyCompromised
from ..module_utils._engine.errors import InvalidRequest, Refused
from ..module_utils._engine.trust.fingerprint import is_fingerprint
from .revocation_spread import Spread, format_spread, parse_spread, spread_after

JOBS = " (jobs)"
"""Suffix of a client, whose jobs have an entry of their own."""


class Ledger(NamedTuple):
    """state: closed, open or, for an account that was never closed, ""

    version: number of changes of the state
    fingerprints: of keys that the account had whenever it was closed
    hosts: version to which each host came
    """

    state: str = ""
    version: int = 0
    fingerprints: tuple[str, ...] = ()
    hosts: Mapping[str, Spread] = MappingProxyType({})


def parse_ledger(text: str) -> Ledger:
    """Return the ledger; a new ledger for an empty text. Raises InvalidRequest."""
    if not text:
        return Ledger()
    try:
        found = json.loads(text)
        hosts = parse_spread(json.dumps(found["hosts"]))
        return Ledger(str(found["state"]), int(found["version"]), tuple(map(str, found["fingerprints"])), hosts)
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidRequest(
            f"directory: the ledger of the account is damaged: {error}",
            cure="Restore it: it has the hosts that were missed.",
        ) from None


def format_ledger(ledger: Ledger) -> str:
    """Return the text of a ledger."""
    return json.dumps({**ledger._asdict(), "hosts": json.loads(format_spread(ledger.hosts))}, indent=2) + "\n"


def begun(ledger: Ledger, state: str, keys: Iterable[str], retired: Iterable[str], *, jobs: bool) -> Ledger:
    """Return the ledger at the begin of a run that closes or opens the account.

    keys: fingerprints of the keys that will open it
    jobs: whether the run is for jobs, which open after all servers
    Raises KeyCompromised, and Refused while a server is missed.
    """
    gone = {name + suffix for name in retired for suffix in ("", JOBS)}
    kept = ledger._replace(hosts={name: each for name, each in ledger.hosts.items() if name not in gone})
    if state == OPEN:
        _refuse_former(kept, keys)
        if kept.state == CLOSED:
            _refuse_missed(kept)
    moved = kept if kept.state == state else kept._replace(state=state, version=kept.version + 1)
    if state == OPEN and jobs:
        _refuse_missed(moved)
    return moved


def recorded(ledger: Ledger, results: Iterable[tuple[str, Any]], now: float) -> Ledger:
    """Return the ledger after the answers of account_access, by the names of the hosts; None for a host without."""
    results = list(results)
    judged = [(name, _with_version(ledger, result)) for name, result in results]
    prints = [each for _name, result in results for each in _fingerprints(result)] if ledger.state == CLOSED else []
    return ledger._replace(
        hosts=spread_after(ledger.hosts, ledger.version, judged, now),
        fingerprints=tuple(dict.fromkeys([*ledger.fingerprints, *prints])),
    )


def missed(ledger: Ledger) -> dict[str, Spread]:
    """Return the hosts that have not come to the state."""
    return {name: each for name, each in sorted(ledger.hosts.items()) if each.version < ledger.version}


def _with_version(ledger: Ledger, result: Any) -> Any:
    """Return an answer with the version to which the host came."""
    if isinstance(result, Mapping) and result.get("state") == ledger.state:
        return {**result, "list": {"version": ledger.version}}
    return result


def _fingerprints(result: Any) -> Iterable[str]:
    found = result.get("fingerprints") if isinstance(result, Mapping) else None
    return [each for each in found if isinstance(each, str) and is_fingerprint(each)] if isinstance(found, list) else []


def _refuse_former(ledger: Ledger, keys: Iterable[str]) -> None:
    for each in keys:
        if each in ledger.fingerprints:
            raise KeyCompromised(f"keys: {each} was in the account when it was closed", cure="Make a new key.")


def _refuse_missed(ledger: Ledger) -> None:
    servers = {name: each for name, each in missed(ledger).items() if not name.endswith(JOBS)}
    if servers:
        named = ", ".join(f"{name} ({each.reason or 'not in the run'})" for name, each in servers.items())
        raise Refused(
            f"account: is not {ledger.state} on {named}",
            cure=f"Bring it to the state {ledger.state} there first, or name servers that no longer exist as retired.",
        )
