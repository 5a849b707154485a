# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module receipt_verify: a chain of receipts, checked and, by the decision of a person, closed."""

from __future__ import annotations

import posixpath
import re
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from .._engine.errors import DrillOverdue, InvalidRequest, ReceiptBroken
from .._engine.model.display import plain
from .._engine.model.findings import HIGH, SEVERITIES, at_least
from .._engine.model.utc import utc
from .._engine.signing.purpose import RECEIPTS
from .._engine.signing.receipt_chain import CLOCKS_APART, Chain, ReceiptCheck, ReceiptFinding, check_receipts
from .._engine.signing.receipt_directory import Head, Receipt, ReceiptDirectory
from .._engine.signing.receipt_reset import NO_GOOD, Reset, close_chain
from . import argspec, paths, quantities
from .contract import Params, Result, Task
from .findings import FAIL_ON_SETS, counts, summary
from .login_words import signing_key
from .receipting import VERSION, require_words
from .verifying import signature_policy
from .words import failure, path_words

_NO_RECEIPT = "no_receipt"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_PASSED = "passed"
_TRANSFER = ("direction", "host", "local_root", "remote_root")
"""Fields of a receipt by which it belongs to a transfer."""


class _Drills(NamedTuple):
    """The demand on drills. max_age: seconds; coverage: percent of the files"""

    max_age: float
    coverage: int

    def newest(self, drills: Sequence[Receipt]) -> Optional[Receipt]:
        """Return the newest passed drill with the demanded coverage."""
        passed = (each for each in drills if each.fields.get("verdict") == _PASSED)
        enough = [each for each in passed if (each.fields.get("coverage") or {}).get("percent", 0) >= self.coverage]
        return enough[-1] if enough else None


class _Asked(NamedTuple):
    """The check, the reset that a person decided, and the demand on drills."""

    check: ReceiptCheck
    reset: Optional[Reset]
    drills: Optional[_Drills]


def spec() -> Dict[str, Any]:
    drill = {"max_age": {"type": "str", "required": True}, "min_coverage": {"type": "int", "default": 0}}
    transfer = {name: {"type": "str", "required": True} for name in ("name", *_TRANSFER)}
    reset = {
        "reason": {"type": "str", "required": True},
        "good": {"type": "str", "required": True},
        **argspec.signing_key(),
    }
    return {
        "argument_spec": {
            "path": {"type": "path", "required": True},
            **argspec.signer(required=True),
            "head": {"type": "str"},
            "drill": {"type": "dict", "options": drill},
            "transfers": {"type": "list", "elements": "dict", "options": transfer},
            "reset": {"type": "dict", "options": reset, **argspec.SIGN_RULES},
            "fail_on": {"type": "str", "choices": list(FAIL_ON_SETS), "default": "high"},
            "max_listed": {"type": "int", "default": 100},
        },
    }


def request(task: Task) -> _Asked:
    given = task.params
    quantities.count("max_listed", given["max_listed"])
    drills, head = _drills(given), _digest("head", given["head"])
    check = ReceiptCheck(paths.local("path", given["path"]), signature_policy(given["verify"], RECEIPTS), head)
    return _Asked(check, _reset(given, head), drills)


def run(task: Task) -> Result:
    check, reset, drills = request(task)
    chain = check_receipts(check)
    if reset is None or not chain.is_broken:
        return result(chain, task, drills)
    if task.check_mode:
        return {**result(chain, task, drills), "changed": True}
    written = close_chain(check.path, chain, reset)
    return {**result(check_receipts(check), task, drills), **_receipt(check.path, written), "changed": True}


def result(chain: Chain, task: Task, drills: Optional[_Drills] = None) -> Result:
    transfers = [_transfer(each, chain.syncs) for each in task.params["transfers"] or ()]
    found = [*chain.findings, *(_no_receipt(each["name"]) for each in transfers if each["newest"] is None)]
    findings = sorted(found, key=lambda each: SEVERITIES.index(each.severity))
    result: Result = {
        "changed": False,
        "time": utc(time.time()),
        "findings": [_finding(each) for each in findings[: task.params["max_listed"]]],
        "counts": counts(findings),
        "chain": _chain(chain),
        "msg": summary(findings),
        **({} if drills is None else _drill(chain, task.params, drills)),
        **({} if task.params["transfers"] is None else {"transfers": transfers}),
    }
    severe = at_least(findings, task.params["fail_on"])
    if severe:
        result.update(failure(_broken(severe, task.params)))
    return result


def _transfer(asked: Params, syncs: Sequence[Receipt]) -> Dict[str, Any]:
    """Return the newest receipt of a transfer, and the newest of a successful run."""
    own = [dict(each.fields) for each in syncs if _place(each.fields) == _place(asked)]
    passed = [each for each in own if each.get("verdict") == _PASSED]
    newest, success = (each[-1] if each else None for each in (own, passed))
    return {"name": plain(asked["name"]), "newest": newest, "passed": success}


def _place(fields: Params) -> List[str]:
    endpoint = fields.get("endpoint")
    texts = {**fields, **(endpoint if isinstance(endpoint, dict) else {})}
    return [posixpath.normpath(str(texts.get(name))) for name in _TRANSFER]


def _no_receipt(name: str) -> ReceiptFinding:
    return ReceiptFinding(_NO_RECEIPT, HIGH, None, f"no run of the transfer {name} left a receipt", "its receipt")


def _drill(chain: Chain, given: Params, wanted: _Drills) -> Result:
    """Return the newest passed drill that is good enough, and the newest of any verdict; a failure if the first is
    too old."""
    newest, now = wanted.newest(chain.drills), time.time()
    last = chain.drills[-1] if chain.drills else None
    found: Result = {
        "drill": None if newest is None else dict(newest.fields),
        "newest_drill": None if last is None else dict(last.fields),
    }
    if newest is not None and now - wanted.max_age <= newest.ended <= now + CLOCKS_APART:
        return found
    seen = "no passed drill" if newest is None else f"the newest passed drill, of {utc(newest.ended)}"
    fact = f"{plain(given['path'])} has {seen}, and drill.max_age is {given['drill']['max_age']}"
    cure = "Find out why no drill has passed since, then run restore_drill."
    return {**found, **failure(DrillOverdue(fact, cure=cure))}


def _drills(given: Params) -> Optional[_Drills]:
    drill = given["drill"]
    if drill is None:
        return None
    most = quantities.duration("drill.max_age", drill["max_age"])
    return _Drills(most, quantities.count("drill.min_coverage", drill["min_coverage"], most=100))


def blank() -> Result:
    return {"changed": False, "findings": [], "counts": counts(()), "chain": _chain(Chain((), None, None, ""))}


def _reset(given: Params, lost: Optional[str]) -> Optional[Reset]:
    reset = given["reset"]
    if reset is None:
        return None
    good = reset["good"] if reset["good"] == NO_GOOD else _digest("reset.good", reset["good"])
    return Reset(require_words("reset.reason", reset["reason"]), str(good), signing_key("reset", reset), VERSION, lost)


def _digest(option: str, text: Optional[str]) -> Optional[str]:
    if text is not None and not _DIGEST.match(text):
        raise InvalidRequest(
            f"{option}: {text!r} is not a SHA-256", cure="Copy the 64 hexadecimal digits of receipt.digest."
        )
    return text


def _finding(finding: ReceiptFinding) -> Result:
    return {**finding._asdict(), "observed": plain(finding.observed), "wanted": plain(finding.wanted)}


def _chain(chain: Chain) -> Result:
    return {
        "job": plain(chain.job),
        "last": None if chain.last is None else chain.last._asdict(),
        "good": None if chain.good is None else chain.good._asdict(),
        "newest": None if chain.newest is None else dict(chain.newest.fields),
    }


def _receipt(path: bytes, written: Head) -> Result:
    file = path_words(ReceiptDirectory(path).path_of(written.seq))
    return {"receipt": {"path": file, "sequence": written.seq, "digest": written.digest}}


def _broken(severe: tuple[ReceiptFinding, ...], given: Params) -> ReceiptBroken:
    first = severe[0]
    where = "" if first.sequence is None else f"receipt {first.sequence}: "
    more = "" if len(severe) == 1 else f" (and {len(severe) - 1} more)"
    cure = "Find out who changed the receipts, then close the chain with reset."
    if first.id == _NO_RECEIPT:
        cure = "Run the transfer. If it has run, find out where its option receipts leads."
    return ReceiptBroken(f"{plain(given['path'])}: {where}{first.id}: {plain(first.observed)}{more}", cure=cure)
