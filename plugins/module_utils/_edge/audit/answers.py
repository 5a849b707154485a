# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of hosts and of tls_policy as observations. Every text becomes printable, and every size has a limit."""

from __future__ import annotations

import time
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional

from ..._engine.audit.forms import FORMS
from ..._engine.audit.observing.observe import descriptions
from ..._engine.audit.report import Observation, digest
from ..._engine.audit.values import CLOCKS_APART
from ..._engine.model.display import plain
from ..._engine.model.findings import POLICY_NOT_MET
from ..._engine.model.utc import parse_utc, utc

_DEEPEST = 8
_LONGEST = 4000
_MOST_CHARACTERS = 4 << 20
"""Of a whole value; an entry counts as a character."""
_LARGEST_NUMBER = 1 << 63
_TLS = "tls"
_FROM_OUTSIDE = (_TLS, "attacks", "ssh_attacks", "secret_scan", "pins", "sets", "receipts", "transfers", "policies")
_OF_HOSTS = [what for what in FORMS if what not in _FROM_OUTSIDE]
"""A list, because a host may send a name that has no hash."""
_KEPT = ("changed", "failed", "msg", "error", "ansible_facts")
"""Keys of an answer, with the interpreter that Ansible found."""
_DESCRIPTIONS = descriptions("ADDRESS")
_UNKNOWN = "it was not observed"
Answer = Optional[Mapping[str, Any]]


class Untimed(Exception):
    """Nothing shows when a result was measured. str() is the reason."""


class _TooLarge(Exception):
    """A value is larger than any that a host reports."""


def clean(value: Any) -> Any:
    """Return plain data with printable texts; None if it is too deep, too large or holds no finite number."""
    try:
        return _Cleaning().of(value, 0)
    except _TooLarge:
        return None


class _Cleaning:
    """One value. left: characters and entries that it may still have."""

    def __init__(self) -> None:
        self._left = _MOST_CHARACTERS

    def of(self, value: Any, depth: int) -> Any:
        self._count(value, depth)
        if isinstance(value, Mapping):
            return {self.of(str(name), depth + 1): self.of(each, depth + 1) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(each, depth + 1) for each in value]
        return value if value is None or isinstance(value, (bool, int, float)) else plain(str(value))

    def _count(self, value: Any, depth: int) -> None:
        size = len(value) if isinstance(value, (str, list, tuple, Mapping)) else 1
        self._left -= size
        number = isinstance(value, (int, float)) and not abs(value) < _LARGEST_NUMBER
        if depth > _DEEPEST or size > _LONGEST or self._left < 0 or number:
            raise _TooLarge


def bounded(answer: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the parts of an answer of audit_observe that mean something, each with a limit of size."""
    kept = {name: clean(answer[name]) for name in _KEPT if name in answer}
    observations = answer.get("observations")
    if not isinstance(observations, list):
        return kept
    return {**kept, "observations": [_fields(each) for each in observations[: len(FORMS)]]}


def _fields(each: Any) -> Dict[str, Any]:
    """Return the fields of one observation; a value that is too large becomes None."""
    return {name: clean(each[name]) for name in Observation._fields if name in each} if isinstance(each, dict) else {}


def host_observations(host: str, answer: Answer) -> Dict[str, Observation]:
    """Return an observation for everything that audit_observe reports, with a reason where it reported nothing."""
    found = {each.what: each for each in _reported(host, answer)}
    missing = problem(answer)
    return {what: found.get(what) or without(host, what, missing) for what in _OF_HOSTS}


def _reported(host: str, answer: Answer) -> Iterator[Observation]:
    observations = (answer or {}).get("observations")
    for each in observations if isinstance(observations, list) else ():
        if isinstance(each, Mapping) and each.get("what") in _OF_HOSTS:
            what, value, moment = str(each["what"]), clean(each.get("value")), _text(each, "time")
            # People run the method: it is the controller's, not the text of the host.
            source, method = _DESCRIPTIONS[what]
            reason = "" if value is not None else _text(each, "reason") or "the value is missing or too large"
            yield Observation(host, what, value, source, method, moment, digest(value), reason)


def _text(each: Mapping[str, Any], name: str) -> str:
    return plain(str(each.get(name) or ""))[:_LONGEST]


def problem(answer: Answer) -> str:
    """Return why an answer has no value."""
    if not answer:
        return _UNKNOWN
    if answer.get("unreachable"):
        return f"the host was unreachable: {_text(answer, 'msg')}"
    return f"the observation failed: {_text(answer, 'msg')}" if answer.get("failed") else _UNKNOWN


def without(host: str, what: str, reason: str) -> Observation:
    return Observation(host, what, None, "", "", utc(time.time()), digest(None), reason)


def time_of(answers: Iterable[Answer]) -> str:
    """Return the oldest time of results. Raises Untimed."""
    return utc(min(map(_moment, answers)))


def _moment(answer: Answer) -> int:
    text = _text(answer or {}, "time")[:40]
    try:
        made = parse_utc(text)
    except ValueError:
        raise Untimed("the result has no time: measure again" if not text else f"its time {text} is no time") from None
    if made > time.time() + CLOCKS_APART:
        raise Untimed(f"its time {text} is in the future")
    return made


def tls_observation(host: str, answer: Answer) -> Observation:
    """Return the findings, the certificates and the mark of a result of tls_policy."""
    code = ((answer or {}).get("error") or {}).get("code")
    if not answer or "profile" not in answer or (answer.get("failed") and code != POLICY_NOT_MET):
        return without(host, _TLS, problem(answer))
    try:
        made = time_of([answer])
    except Untimed as reason:
        return without(host, _TLS, str(reason))
    observed = answer.get("observed") or {}
    clear_login = observed.get("clear_login")
    value = clean(
        {
            "findings": answer.get("findings"),
            "certificates": [_leaf(each) for each in observed.get("certificates") or []],
            "not_checked": answer.get("not_checked"),
            "mark": answer.get("mark") or "",
            "cleartext_login": "unknown" if clear_login is None else "accepted" if clear_login else "refused",
        }
    )
    method = "secure.ftp_synchronize.tls_policy with this endpoint"
    return Observation(host, _TLS, value, "tls_policy from the controller", method, made, digest(value))


def _leaf(certificate: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: certificate.get(name) for name in ("subject", "fingerprint", "not_before", "not_after")}
