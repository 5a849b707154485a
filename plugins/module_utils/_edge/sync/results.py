# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a SyncReport to the result that a playbook sees: printable, bounded, without secrets."""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..._engine.errors import SyncError
from ..._engine.model.endpoint import PeerIdentity
from ..._engine.model.plan import ACTIONS, CREATE_DIRECTORY, LINK, REMOVE, SET_ATTRIBUTES, STORE, Action, Plan, Write
from ..._engine.model.report import SignedSet, SyncReport
from ..._engine.model.utc import utc
from ..quantities import human_size
from ..words import path_words, plain, sentence
from .diff import prepared

__all__ = ["blank_result", "failure", "peer_result", "set_result", "sync_result"]

_OF_SSH = ("host_key_type", "host_key_fingerprint", "key_exchange")

Result = Dict[str, Any]

_PHRASES = (
    (STORE, "file", "files", "stored"),
    (CREATE_DIRECTORY, "directory", "directories", "created"),
    (LINK, "link", "links", "made"),
    (SET_ATTRIBUTES, "attribute", "attributes", "set"),
    (REMOVE, "entry", "entries", "removed"),
)


class _Change(NamedTuple):
    """An action that was done or, in check mode, would be."""

    action: Action
    proof: Optional[str] = None


def sync_result(report: SyncReport, *, check_mode: bool, max_listed: int, diff: bool) -> Result:
    """Return the result of one run. If it failed, `failed` is true, and `error` and `msg` are for the first cause."""
    changes = _changes(report, check_mode=check_mode)
    failures = _failures(report)
    cause = report.error or (failures[0] if failures else None)
    result: Result = {
        "changed": bool(changes),
        "changes": [_action(change) for change in changes[:max_listed]],
        "failed_items": [_error(error) for error in failures[:max_listed]],
        "skipped_items": [
            {"path": path_words(item.path), "reason": plain(item.reason)} for item in report.plan.skipped[:max_listed]
        ],
        "totals": _totals(report, changes, failures),
        "stats": dict(report.stats),
        "proofs": dict(report.proofs),
        "planned": _planned(report.plan),
        "elapsed": round(report.seconds, 3),
        "rates": _rates(report, changes),
        "notes": [plain(note) for note in report.notes],
        "msg": _summary(report, changes, check_mode=check_mode),
    }
    if report.peer is not None:
        result["peer"] = peer_result(report.peer)
    if report.signed_set is not None:
        result["set"] = set_result(report.signed_set)
    if diff:
        result["diff"] = prepared([change.action for change in changes], max_listed)
    if cause is not None:
        result.update(failure(cause, others=len(failures) - (cause in failures)))
    return result


def peer_result(peer: PeerIdentity) -> Result:
    """Return the server's identity. Parts that the protocol does not have are left out."""
    over_tls = peer.certificate_fingerprint is not None
    parts = {
        name: value
        for name, value in peer._asdict().items()
        if value is not None and not (over_tls and name in _OF_SSH)
    }
    return {name: plain(value) if isinstance(value, str) else value for name, value in parts.items()}


def set_result(found: SignedSet) -> Result:
    """Return the signed set. The principal is known only where a signature was verified."""
    times = {"issued": utc(found.issued), "expires": utc(found.expires)}
    parts = {**found._asdict(), **times, "path": path_words(found.path)}
    return {name: value for name, value in parts.items() if value is not None}


def blank_result() -> Result:
    """Return the result of a run that ended before there was anything to report."""
    return sync_result(SyncReport(plan=Plan()), check_mode=False, max_listed=0, diff=False)


def failure(error: SyncError, *, others: int = 0) -> Result:
    """Return the part of a result with the cause of the failure. others: number of other failed items."""
    more = "" if not others else " (%d more %s failed)" % (others, "item" if others == 1 else "items")
    return {"failed": True, "msg": sentence(error) + more, "error": _error(error)}


def _changes(report: SyncReport, *, check_mode: bool) -> List[_Change]:
    if check_mode:
        return [_Change(action) for action in report.plan.actions]
    return [_Change(done.action, done.proof) for done in report.outcomes if done.error is None]


def _failures(report: SyncReport) -> List[SyncError]:
    errors = [done.error for done in report.outcomes if done.error is not None]
    return errors + list(report.problems)


def _action(change: _Change) -> Result:
    action = change.action
    return {"path": path_words(action.path), "action": action.action, "reason": action.reason, "proof": change.proof}


def _error(error: SyncError) -> Result:
    return {
        "code": error.code,
        "path": None if error.path is None else path_words(error.path),
        "message": plain(error.message),
        "cure": plain(error.cure),
    }


def _totals(report: SyncReport, changes: Sequence[_Change], failures: Sequence[SyncError]) -> Dict[str, int]:
    """Return how many of each there are, whether listed or not."""
    done = Counter(change.action.action for change in changes)
    totals = {name: done[name] for name in ACTIONS}
    totals.update(failed_items=len(failures), skipped_items=len(report.plan.skipped))
    return totals


def _planned(plan: Plan) -> Dict[str, int]:
    """Return number and bytes of the files to store, also of files that failed."""
    stores = [action for action in plan.actions if action.action == STORE]
    return {"files": len(stores), "bytes": sum(_stored_size(action) for action in stores)}


def _rates(report: SyncReport, changes: Sequence[_Change]) -> Dict[str, float]:
    """Return the rates of the time in which files were transferred; 0 if that was not measured."""
    stored = [change.action for change in changes if change.action.action == STORE]
    per_second = 1 / report.transfer_seconds if report.transfer_seconds > 0 else 0.0
    return {
        "files_per_second": round(len(stored) * per_second, 1),
        "bytes_per_second": int(sum(_stored_size(action) for action in stored) * per_second),
    }


def _summary(report: SyncReport, changes: Sequence[_Change], *, check_mode: bool) -> str:
    """Return one line for people: "3 files stored (12.4 MiB), 1 attribute set"."""
    done = Counter(change.action.action for change in changes)
    parts = [_phrase(phrase, done[phrase[0]], changes, check_mode=check_mode) for phrase in _PHRASES if done[phrase[0]]]
    if report.plan.skipped:
        parts.append("%d skipped" % len(report.plan.skipped))
    if not changes:
        parts.insert(0, "nothing to do")
    return ", ".join(parts)


def _phrase(phrase: Tuple[str, str, str, str], number: int, changes: Sequence[_Change], *, check_mode: bool) -> str:
    action, one, many, verb = phrase
    text = "%d %s %s%s" % (number, one if number == 1 else many, "to be " if check_mode else "", verb)
    if action != STORE:
        return text
    return "%s (%s)" % (text, human_size(sum(_stored_size(change.action) for change in changes)))


def _stored_size(action: Action) -> int:
    return action.wanted.size if isinstance(action, Write) and action.action == STORE else 0
