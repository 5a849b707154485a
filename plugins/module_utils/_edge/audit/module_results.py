# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of other modules as observations: of jail_probe, ssh_probe, secret_scan, host_key_pin_info, tree_verify and
receipt_verify. A result that is incomplete, failed or without a time has no value. Of several results, the others keep
their values: such a result becomes an entry with its problem. The oldest time counts."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Callable, Collection, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ..._engine import errors
from ..._engine.audit.forms import NOT_ASKED, RESTORE, REVOCATION, TRANSFERS
from ..._engine.audit.report import Observation, digest
from ..._engine.drill.record import MODULE as RESTORE_DRILL
from ..._engine.incident.judgement import MODULE as REVOCATION_DRILL
from ..._engine.model.display import plain
from ..._engine.model.findings import CRITICAL, POLICY_NOT_MET
from ..._engine.model.report import PROVEN
from ..._engine.model.utc import utc
from .answers import Answer, Untimed, clean, problem, time_of, without

_MEASURED = (POLICY_NOT_MET, errors.ReceiptBroken.code, errors.DrillOverdue.code)
"""Codes of failures by findings: everything was measured."""
_NOT_SIGNED = (
    *(errors.ManifestMissing, errors.ManifestExpired, errors.ManifestNotYetValid, errors.ManifestRollback),
    *(errors.ManifestFork, errors.ManifestForeign, errors.ManifestMisnamed, errors.ManifestTooLarge),
    *(errors.SetIncomplete, errors.SignatureInvalid, errors.SignerUnknown, errors.SignerRevoked),
    errors.SignerExpired,
)
_REFUSED = tuple(each.code for each in _NOT_SIGNED)
"""Codes of a set that a reader refuses: findings, too."""
_FINDING = ("id", "severity", "observed", "wanted")
_PIN = ("hosts", "kind", "pattern", "state")
_PLACE = ("id", "severity", "file", "line", "kind")
_PASSED = "passed"
Fields = Dict[str, Any]
_BLANK: Mapping[str, Fields] = {
    "attacks": {"account": "", "findings": [], "not_checked": [], "mark": ""},
    "pins": {"pins": []},
    "sets": {"findings": [], "since": "", "sequence": 0},
    "receipts": {"findings": [], "newest": "", "drill": NOT_ASKED, "failed": "", "of": RESTORE, "revoked_in": -1},
}
"""An entry of a result without a value, by the name of the observation."""


class _Incomplete(Exception):
    """A result has no value. str() is the reason."""


def attacks(host: str, answers: Sequence[Answer]) -> Observation:
    """Return the results of jail_probe against a host, one for each account."""
    named = {f"account {number}": answer for number, answer in enumerate(answers, 1)}
    return _entries(host, "attacks", "jail_probe", named, _attack)


def _attack(name: str, answer: Answer) -> Fields:
    found = _measured(name, answer, "findings")
    return {"account": found.get("username"), **_attempts(found)}


def _attempts(found: Mapping[str, Any]) -> Fields:
    return {"findings": _listed(found), "not_checked": found.get("not_checked"), "mark": found.get("mark") or ""}


def ssh_attacks(host: str, answer: Answer) -> Observation:
    return _observation(host, "ssh_attacks", "ssh_probe", lambda: _ssh_attack(answer), [answer])


def _ssh_attack(answer: Answer) -> Fields:
    found = _measured("", answer, "tried")
    if not found.get("allowed"):
        raise _Incomplete("no attack was allowed: set audit_attacks, and audit_scan_allowed for the host")
    return {"tried": found["tried"], **_attempts(found)}


def secret_scan(host: str, answer: Answer) -> Observation:
    return _observation(host, "secret_scan", "secret_scan", lambda: _scan(answer), [answer])


def _scan(answer: Answer) -> Fields:
    found = _measured("", answer, "checked")
    return {
        "findings": _listed(found, _PLACE),
        "checked": found.get("checked"),
        "not_checked": found.get("not_checked"),
    }


def pins(host: str, answers: Mapping[str, Answer]) -> Observation:
    """Return the results of host_key_pin_info, by the names of the files."""
    return _entries(host, "pins", "host_key_pin_info", answers, _pins)


def _pins(name: str, answer: Answer) -> Fields:
    found = _measured(name, answer, "pins")
    return {"name": name, "pins": [_kept(each, _PIN) for each in found["pins"]]}


def sets(host: str, answers: Mapping[str, Answer]) -> Observation:
    """Return the results of tree_verify, by the names of the sets."""
    return _entries(host, "sets", "tree_verify", answers, _set)


def _set(name: str, answer: Answer) -> Fields:
    error = (answer or {}).get("error") or {}
    if error.get("code") in _REFUSED:
        wanted = "the set as its sender signed it"
        finding = {"id": error["code"], "severity": CRITICAL, "observed": error.get("message"), "wanted": wanted}
        return {"name": name, "findings": [finding], "since": "", "sequence": 0}
    found = _measured(name, answer, "coverage")
    since, sequence = (found["coverage"] or {}).get("since"), (found.get("set") or {}).get("sequence")
    return {"name": name, "findings": _listed(found), "since": since or "", "sequence": sequence or 0}


def receipts(host: str, answers: Mapping[str, Answer]) -> Observation:
    """Return the results of receipt_verify, by the names of the jobs."""
    return _entries(host, "receipts", "receipt_verify", answers, _chain)


def _chain(name: str, answer: Answer) -> Fields:
    found = _measured(name, answer, "chain")
    newest = (found["chain"] or {}).get("newest") or {}
    passed, last = found.get("drill") or {}, found.get("newest_drill") or newest
    drill = passed.get("ended") or "" if "drill" in found else NOT_ASKED
    revokes = REVOCATION_DRILL in (passed.get("module"), last.get("module"))
    failed = last.get("module") in (REVOCATION_DRILL, RESTORE_DRILL) and last.get("verdict") != _PASSED
    took = (passed.get("phases") or {}).get("all_hosts") if revokes else None
    return {
        "name": name,
        "findings": _listed(found),
        "newest": newest.get("ended") or "",
        "drill": drill,
        "failed": (last.get("ended") or "at an unknown time") if failed else "",
        "of": TRANSFERS if "transfers" in found and drill == NOT_ASKED else REVOCATION if revokes else RESTORE,
        "revoked_in": -1 if took is None else took,
    }


def transfers(
    host: str, flows: Mapping[str, Answer], chains: Mapping[str, Answer], jobs: Callable[[str], Collection[str]]
) -> Observation:
    """Return the transfers of the partners of an inventory.

    flows: each as role_options describes it, by the names of partner and transfer; the failed result of a partner
    chains: results of receipt_verify. jobs: returns the names of the jobs that a host has
    """
    of = dict(_named(chains))

    def made() -> List[Fields]:
        return [_transfer(name, flow, of, jobs) for name, flow in _named(flows)]

    return _observation(host, "transfers", "role_options", made, [{"time": utc(time.time())}])


def _transfer(name: str, flow: Answer, chains: Mapping[str, Answer], jobs: Callable[[str], Collection[str]]) -> Fields:
    """Return a transfer. Its own chain alone counts: another may come from a host of other partners."""
    given = flow or {}
    texts = {key: given.get(key) or "" for key in ("job", "at", "host", "protocol", "tls_mode", "proof")}
    chain = {} if texts["job"] else chains.get(plain(f"{name.partition(': ')[0]}: {given.get('receipts')}")) or {}
    runs = chain.get("transfers") or ()
    run: Fields = next((each["passed"] for each in runs if each["name"] == name and each["passed"]), {})
    proofs = run.get("proofs") or {}
    return {
        "name": name,
        "problem": problem(flow) if "protocol" not in given else "",
        **texts,
        "deployed": texts["job"] in jobs(texts["at"]),
        "late_after": given.get("late_after", 0),
        "ended": run.get("ended") or "",
        "files": sum(proofs.values()),
        "unproven": sum(number for kind, number in proofs.items() if kind not in PROVEN),
    }


def policies(host: str, declared: Sequence[Fields]) -> Observation:
    return _observation(host, "policies", "audit_report", lambda: list(declared), [{"time": utc(time.time())}])


def _entries(
    host: str, what: str, module: str, answers: Mapping[str, Answer], entry: Callable[[str, Answer], Fields]
) -> Observation:
    """Return the results by their names. A result without a value is an entry with its problem, if others have one."""
    found: List[Fields] = []
    good: List[Answer] = []
    for name, answer in _named(answers):
        seen = _observation(host, what, module, partial(entry, name, answer), [answer])
        if seen.value is not None:
            found.append({**seen.value, "problem": ""})
            good.append(answer)
            continue
        reason = seen.reason if seen.reason.startswith(f"{name}: ") else f"{name}: {seen.reason}"
        of = {"of": TRANSFERS} if what == "receipts" and "transfers" in (answer or {}) else {}
        found.append({**_BLANK[what], **of, "name": name, "problem": reason})
    if found and not good:
        return without(host, what, "; ".join(each["problem"] for each in found))
    return _observation(host, what, module, lambda: found, good)


def _observation(host: str, what: str, module: str, value: Callable[[], Any], answers: Iterable[Answer]) -> Observation:
    method = f"secure.ftp_synchronize.{module} with these options"
    try:
        found = clean(value())
        made = time_of(answers) if found else ""
    except (_Incomplete, Untimed) as reason:
        return without(host, what, str(reason))
    except (TypeError, KeyError, AttributeError):
        return without(host, what, f"the value is no result of {module}")
    if not found:
        return without(host, what, problem(None) if found is not None else "the value is too large")
    return Observation(host, what, found, module, method, made, digest(found))


def _named(answers: Mapping[str, Answer]) -> Iterator[Tuple[str, Answer]]:
    return ((plain(str(name)), answer) for name, answer in answers.items())


def _measured(name: str, answer: Answer, needed: str) -> Mapping[str, Any]:
    """Return an answer that measured something. Raises _Incomplete."""
    found = answer or {}
    code = (found.get("error") or {}).get("code")
    if needed not in found or (found.get("failed") and code not in _MEASURED):
        raise _Incomplete(f"{name}: {problem(answer)}" if name else problem(answer))
    listed, number = len(found.get("findings") or ()), sum((found.get("counts") or {}).values())
    if number > listed:
        raise _Incomplete(f"{name or 'findings'}: {listed} of {number} findings are listed: raise max_listed")
    return found


def _listed(found: Mapping[str, Any], names: Sequence[str] = _FINDING) -> List[Fields]:
    return [_kept(each, names) for each in found["findings"]]


def _kept(each: Mapping[str, Any], names: Sequence[str]) -> Fields:
    return {name: each.get(name) for name in names}
