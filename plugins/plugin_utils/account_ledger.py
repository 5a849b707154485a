# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ledger of an account on the controller: whether it must be closed or open, which hosts came to that, and the keys
that it must never use again.

A host's answer changes nothing but its own entry and the keys that are refused. Each change of the state has a new
version, which is written before the first host is changed. Hosts keep it, and refuse an older run that opens the
account. It is the time of the change, so that a new ledger in place of a lost ledger is newer as well. A host has that
version once it answered so in the latest run that it was in: a host that failed, or was not reached, may have been
changed by others meanwhile.
"""

from __future__ import annotations

__all__ = [
    "CLOSED",
    "JOBS",
    "OPEN",
    "Ledger",
    "LedgerChanged",
    "begun",
    "format_ledger",
    "missed",
    "overtaken",
    "parse_ledger",
    "recorded",
    "require_version",
    "servers",
]

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ..module_utils._engine.access.record import CLOSED, OPEN
from ..module_utils._engine.errors import InvalidRequest, KeyCompromised, LedgerChanged, Refused
from ..module_utils._engine.trust.fingerprint import is_fingerprint
from .revocation_spread import Spread, format_spread, parse_spread, spread_after

JOBS = " (jobs)"
"""Suffix of a client, whose jobs have an entry of their own."""
_MOST_KEYS = 1000


class Ledger(NamedTuple):
    """state: closed, open or, for an account that was never closed, ""

    version: of the state, which rises with each change
    fingerprints: of the keys that the account had on each host whenever it was closed
    hosts: version to which each host came
    """

    state: str = ""
    version: int = 0
    fingerprints: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    hosts: Mapping[str, Spread] = MappingProxyType({})


def parse_ledger(text: str) -> Ledger:
    """Return the ledger; a new ledger for an empty text. Raises InvalidRequest."""
    if not text:
        return Ledger()
    try:
        found = json.loads(text)
        hosts = parse_spread(json.dumps(found["hosts"]))
        prints = {str(name): tuple(map(str, each)) for name, each in found["fingerprints"].items()}
        return Ledger(str(found["state"]), int(found["version"]), prints, hosts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidRequest(
            f"directory: the ledger of the account is damaged: {error}",
            cure="Restore it: it has the hosts that were missed.",
        ) from None


def format_ledger(ledger: Ledger) -> str:
    return json.dumps({**ledger._asdict(), "hosts": json.loads(format_spread(ledger.hosts))}, indent=2) + "\n"


def begun(
    ledger: Ledger,
    state: str,
    keys: Iterable[str],
    retired: Iterable[str],
    needed: Iterable[str] = (),
    *,
    jobs: bool,
    now: float = 0,
) -> Ledger:
    """Return the ledger at the begin of a run that closes or opens the account.

    keys: fingerprints of the keys that will open it
    needed: all servers with the account, also those that the run leaves out
    jobs: whether the run is for jobs, which open after all servers
    Raises KeyCompromised, and Refused while a server is missed or was never closed.
    """
    gone = {name + suffix for name in retired for suffix in ("", JOBS)}
    kept = ledger._replace(hosts={name: each for name, each in ledger.hosts.items() if name not in gone})
    if state == OPEN:
        _refuse_former(kept, keys)
        _refuse_never_closed(kept, (name for name in needed if name not in gone))
        if kept.state == CLOSED:
            _refuse_missed(kept)
    moved = kept if kept.state == state else kept._replace(state=state, version=max(kept.version + 1, int(now)))
    if state == OPEN and jobs:
        _refuse_missed(moved)
    return moved


def recorded(
    ledger: Ledger,
    results: Iterable[tuple[str, Any]],
    now: float,
    needed: Iterable[str] = (),
    retired: Iterable[str] = (),
) -> Ledger:
    """Return the ledger after the answers of account_access, by the names of the hosts; None for a host without.

    needed: all hosts that must come to the state, also those that the run leaves out
    """
    prints, judged = dict(ledger.fingerprints), []
    for name, result in results:
        found = tuple(dict.fromkeys([*prints.get(name, ()), *_fingerprints(result)]))
        judged.append((name, _judged(ledger, result, len(found))))
        if judged[-1][1].get("list") and found and ledger.state == CLOSED:
            prints[name] = found
    new = [name for name in needed if name not in retired] if ledger.state == CLOSED else []
    return ledger._replace(hosts=spread_after(ledger.hosts, ledger.version, judged, now, new), fingerprints=prints)


def require_version(ledger: Ledger, state: str, version: int) -> None:
    """Raise LedgerChanged if another run has changed the state. version: at the begin of this run"""
    if (ledger.state, ledger.version) != (state, version):
        raise LedgerChanged(
            f"account: another run changed its state while this run brought it to the state {state}: the ledger has the"
            f" state {ledger.state or 'none'} and the version {ledger.version}, and this run began with the version"
            f" {version}",
            cure="Decide which state the account must have, and run that alone.",
        )


def overtaken(ledger: Ledger, results: Iterable[tuple[str, Any]], now: float) -> Ledger:
    """Return the ledger after a run that another run overtook: all hosts are missed.

    results: answers of the hosts of the run. The keys of accounts that it closed are kept.
    With the new version, the other run finds at its end that it was overtaken as well.
    """
    version, pairs = ledger.version + 1, list(results)
    prints = recorded(ledger._replace(state=CLOSED), pairs, now).fingerprints
    judged = [(name, {"failed": True, "error": {"code": LedgerChanged.code}}) for name, _result in pairs]
    return ledger._replace(version=version, hosts=spread_after(ledger.hosts, version, judged, now), fingerprints=prints)


def missed(ledger: Ledger) -> dict[str, Spread]:
    """Return the hosts that have not come to the state."""
    return {name: each for name, each in sorted(ledger.hosts.items()) if each.version < ledger.version}


def servers(ledger: Ledger) -> list[str]:
    return sorted(name for name in ledger.hosts if not name.endswith(JOBS))


def _judged(ledger: Ledger, result: Any, keys: int) -> dict[str, Any]:
    """Return the answer of a host as `spread_after` reads it. keys: number of its former keys"""
    if not isinstance(result, Mapping):
        return {"failed": True}
    if result.get("failed") or result.get("unreachable"):
        error = {"code": "unreachable"} if result.get("unreachable") else result.get("error")
        return {"failed": True, "error": error, "timedout": result.get("timedout")}
    if keys > _MOST_KEYS:
        return {"failed": True, "error": {"code": "too_many_keys"}}
    return {"list": {"version": ledger.version}} if result.get("state") == ledger.state else {"failed": True}


def _fingerprints(result: Any) -> Iterable[str]:
    found = result.get("fingerprints") if isinstance(result, Mapping) else None
    return [each for each in found if isinstance(each, str) and is_fingerprint(each)] if isinstance(found, list) else []


def _refuse_former(ledger: Ledger, keys: Iterable[str]) -> None:
    for each in keys:
        named = [host for host, former in sorted(ledger.fingerprints.items()) if each in former]
        if named:
            raise KeyCompromised(
                f"keys: {each} was in the account when it was closed, by the answer of {', '.join(named)}",
                cure="Make a new key.",
            )


def _refuse_never_closed(ledger: Ledger, needed: Iterable[str]) -> None:
    unknown = [name for name in needed if name not in ledger.hosts]
    if unknown or not ledger.state:
        named = f" on {', '.join(unknown)}" if unknown else ""
        raise Refused(f"account: was never closed{named}", cure="Close it first, also on servers that are new.")


def _refuse_missed(ledger: Ledger) -> None:
    lacking = {name: each for name, each in missed(ledger).items() if not name.endswith(JOBS)}
    if lacking:
        named = ", ".join(f"{name} ({each.reason or 'not in the run'})" for name, each in lacking.items())
        raise Refused(
            f"account: is not {ledger.state} on {named}",
            cure=f"Bring it to the state {ledger.state} there first, or name servers that no longer exist as retired.",
        )
