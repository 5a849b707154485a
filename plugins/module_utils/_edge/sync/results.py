# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a SyncReport to the result that a playbook sees: printable, bounded, without secrets; with a summary in one
line."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from ..._engine.errors import SyncError, TooManyDeletions
from ..._engine.model.display import plain
from ..._engine.model.endpoint import PeerIdentity
from ..._engine.model.plan import (
    ACTIONS,
    ARCHIVE_SOURCE,
    COPY,
    CREATE_DIRECTORY,
    DELETE_SOURCE,
    EXPIRE_TRASH,
    LINK,
    MARK,
    MORE_ACTIONS,
    MOVE,
    PUBLISH,
    RELOCATIONS,
    REMOVE,
    SET_ATTRIBUTES,
    STORE,
    Plan,
    Write,
)
from ..._engine.model.report import PROVEN_BY_RECORD, UNPROVEN, Headline, SignedSet, SyncReport, WrittenReceipt
from ..words import error_result, failure, path_words
from .listing import Change, Changes, Listing, Tally, listing, size_of

_OF_SSH = ("host_key_type", "host_key_fingerprint", "key_exchange")

Result = Dict[str, Any]
_PHRASES = (
    (MOVE, "moved", "move", "file", "files"),
    (COPY, "copied", "copy", "file", "files"),
    (CREATE_DIRECTORY, "created", "create", "directory", "directories"),
    (LINK, "made", "make", "link", "links"),
    (SET_ATTRIBUTES, "set attributes of", "set attributes of", "entry", "entries"),
    (REMOVE, "removed", "remove", "entry", "entries"),
    (PUBLISH, "published", "publish", "manifest", "manifests"),
    (ARCHIVE_SOURCE, "archived", "archive", "source file", "source files"),
    (DELETE_SOURCE, "deleted", "delete", "source file", "source files"),
    (MARK, "made", "make", "marker", "markers"),
    (EXPIRE_TRASH, "removed", "remove", "expired entry of the trash", "expired entries of the trash"),
)


def sync_result(report: SyncReport, *, push: bool, check_mode: bool, max_listed: int, diff: bool) -> Result:
    """Return the result of one run. If it failed, `failed` is true, and `error` and `msg` are for the first cause."""
    made, listed = _listed(report, Changes(report, check_mode=check_mode), max_listed)
    failures = report.failures
    cause = report.cause
    result: Result = {
        "changed": bool(made.actions) or report.uncertain,
        "changes": [_change(change) for change in (*listed.removals, *listed.others)],
        "failed_items": errors_result(failures, max_listed),
        "skipped_items": [
            {"path": path_words(item.path), "reason": plain(item.reason)} for item in report.plan.skipped[:max_listed]
        ],
        "totals": _totals(report, made, failures),
        "stats": dict(report.stats),
        "proofs": dict(report.proofs),
        "planned": _planned(report.plan),
        "elapsed": round(report.seconds, 3),
        "rates": _rates(report, made),
        "notes": [plain(note) for note in report.notes],
        "msg": summary(report, made, push=push, check_mode=check_mode),
    }
    if report.peer is not None:
        result["peer"] = peer_result(report.peer)
    if report.signed_set is not None:
        result["set"] = set_result(report.signed_set)
    if report.content_check is not None:
        result["content_check"] = dict(report.content_check)
    if report.receipt is not None:
        result["receipt"] = receipt_result(report.receipt)
    if diff:
        from .diff import prepared  # pylint: disable=import-outside-toplevel

        result["diff"] = prepared(listed, len(report.plan.skipped))
    if cause is not None:
        finished = result["msg"] if made.actions else ""
        result.update(failure(cause, others=len(failures) - (cause in failures), finished=finished))
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
    from ..._engine.model.utc import utc  # pylint: disable=import-outside-toplevel

    times = {"issued": utc(found.issued), "expires": utc(found.expires)}
    parts = {**found._asdict(), **times, "path": path_words(found.path)}
    return {name: value for name, value in parts.items() if value is not None}


def errors_result(errors: Sequence[SyncError], most: int) -> List[Result]:
    """Return the first errors of single items."""
    return [error_result(error) for error in errors[:most]]


def receipt_result(written: WrittenReceipt) -> Result:
    return {**written._asdict(), "path": path_words(written.path)}


def blank_result() -> Result:
    """Return the result of a run that ended before there was anything to report."""
    return sync_result(SyncReport(plan=Plan()), push=True, check_mode=False, max_listed=0, diff=False)


def _listed(report: SyncReport, changes: Changes, most: int) -> Tuple[Tally, Listing]:
    """Return the counts of the changes, and the changes to list: if there are none, the refused changes."""
    made = Tally()
    listed = listing(made.counting(changes), most)
    refused = () if made.actions else _refused(report)
    return made, listing(refused, most) if refused else listed


def _refused(report: SyncReport) -> Iterable[Change]:
    """Return the changes that max_delete refused: they were not done."""
    found = [error for error in (report.error, *report.problems) if isinstance(error, TooManyDeletions)]
    return map(Change, found[0].refused) if found else ()


def _change(change: Change) -> Result:
    action = change.action
    result = {"path": path_words(action.path), "action": action.action, "reason": action.reason, "proof": change.proof}
    if isinstance(action, Write) and action.origin is not None:
        result["from"] = path_words(action.origin)
    return result


def _totals(report: SyncReport, changes: Tally, failures: Sequence[SyncError]) -> Dict[str, int]:
    """Return how many of each there are, whether listed or not."""
    done = changes.actions
    totals = {name: done.get(name, 0) for name in (*ACTIONS, *filter(done.get, (*RELOCATIONS, *MORE_ACTIONS)))}
    totals.update(failed_items=len(failures), skipped_items=len(report.plan.skipped))
    return totals


def _planned(plan: Plan) -> Dict[str, int]:
    """Return number and bytes of the files to store, also of files that failed."""
    sizes = [size_of(action) for action in plan.others if action.action == STORE]
    if plan.stores is not None:
        sizes += plan.stores.sizes
    return {"files": len(sizes), "bytes": sum(sizes)}


def _rates(report: SyncReport, changes: Tally) -> Dict[str, float]:
    """Return the rates of the time in which files were transferred; 0 if that was not measured."""
    per_second = 1 / report.transfer_seconds if report.transfer_seconds > 0 else 0.0
    return {
        "files_per_second": round(changes.actions.get(STORE, 0) * per_second, 1),
        "bytes_per_second": int(changes.stored * per_second),
    }


def summary(report: SyncReport, changes: Tally, *, push: bool, check_mode: bool) -> str:
    """Return "pushed 1,204 files (3.1 GiB) and removed 3 entries in 81 s at 38.2 MiB/s; all proven by server_hash"."""
    if not changes.actions:
        text = _nothing(report)
    elif check_mode:
        text = "would " + _together(_parts(changes, push=push, done=False))
    else:
        text = _together(_parts(changes, push=push, done=True)) + _pace(report, changes) + _proven(changes)
    skipped = len(report.plan.skipped)
    remarks = [f"skipped {_count(skipped, 'entry', 'entries')}"] if skipped else []
    remarks += [plain(note) for note in report.notes if isinstance(note, Headline)]
    return "; ".join([text, *remarks])


def _nothing(report: SyncReport) -> str:
    same = sum(report.proofs.values())
    if not same:
        return "nothing to do"
    verb = "is" if same == 1 else "are"
    return f"nothing to do; {_count(same, 'file', 'files')} {verb} the same, {_proof_words(report.proofs)}"


def _parts(changes: Tally, *, push: bool, done: bool) -> List[str]:
    numbers = changes.actions
    parts = []
    if STORE in numbers:
        from ..._engine.model.human import human_size

        verb = ("push" if push else "pull") + ("ed" if done else "")
        files = _count(numbers[STORE], "file", "files")
        parts.append(f"{verb} {files} ({human_size(changes.stored)})")
    for action, did, do, one, many in _PHRASES:
        if action in numbers:
            parts.append("%s %s" % (did if done else do, _count(numbers[action], one, many)))
    return parts


def _together(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _pace(report: SyncReport, changes: Tally) -> str:
    """Return the time of the run, and the rate of its transfers."""
    from ..._engine.model.human import human_size, human_time

    stored, seconds = changes.stored, report.transfer_seconds
    rate = f" at {human_size(int(stored / seconds))}/s" if stored and seconds > 0 else ""
    return f" in {human_time(report.seconds)}{rate}"


def _proven(changes: Tally) -> str:
    return "; " + _proof_words(changes.proofs) if changes.proofs else ""


def _proof_words(proofs: Mapping[str, int]) -> str:
    """Return "all proven by server_hash", or the number of each kind of proof."""
    kinds = [kind for kind in proofs if proofs[kind]]
    if kinds == [UNPROVEN]:
        return "not proven"
    if len(kinds) == 1:
        return "%s%s" % ("all " if proofs[kinds[0]] > 1 else "", _kind_words(kinds[0]))
    return ", ".join(f"{proofs[kind]:,} {_kind_words(kind)}" for kind in kinds)


def _kind_words(kind: str) -> str:
    if kind == UNPROVEN:
        return "not proven"
    return "proven by an earlier run" if kind == PROVEN_BY_RECORD else "proven by " + kind
