# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide the next step of a password's rotation from its fields in the secrets manager.

    password       the current password, which the jobs read
    next           the password that replaces it once the server accepts it and a login proved it
    next_because   schedule or compromise

Other fields of the secret belong to the operator and are kept.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Dict, Mapping, NamedTuple

from ...errors import InvalidRequest

Fields = Mapping[str, str]

_NEXT = ("next", "next_because")
_COMPROMISE = "compromise"
_DAY = 86400
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


class Rules(NamedTuple):
    """compromised: the current password is known to others

    max_age, overlap: days until a new password is due, and until the former password is removed
    """

    compromised: bool
    max_age: float
    overlap: float


class Plan(NamedTuple):
    """password: for the server; empty if there is none yet

    at_once: a new password is due before the server gets any
    reason: why a new password is due afterwards; empty if none is
    pending: the password is not the current password of the jobs yet
    urgent: the server accepts the password alone from the start
    overlapped: the server no longer needs to accept the former password
    """

    password: str
    at_once: bool
    reason: str
    pending: bool
    urgent: bool
    overlapped: bool


def plan(fields: Fields, written: str, rules: Rules, now: float) -> Plan:
    """Return the next step. written: the UTC time at which the manager stored the fields. Raises InvalidRequest."""
    pending, urgent = "next" in fields, fields.get("next_because") == _COMPROMISE
    age = (now - _seconds(written)) / _DAY if "password" in fields else 0.0
    return Plan(
        password=fields.get("next") or fields.get("password") or "",
        at_once=rules.compromised and not urgent,
        reason="" if pending else _reason(fields, age, rules),
        pending=pending,
        urgent=urgent,
        overlapped=age >= rules.overlap,
    )


def _reason(fields: Fields, age: float, rules: Rules) -> str:
    if "password" not in fields:
        return "it has no password"
    return f"the old password is {age:.0f} {'day' if round(age) == 1 else 'days'} old" if age >= rules.max_age else ""


def _seconds(written: str) -> float:
    if not _TIME.match(written):
        raise InvalidRequest(
            f"password_rotation_stored.written: is not a time: '{written}'",
            cure="Have read.yml of the secrets manager set it to a UTC time as in 2026-01-31T12:00:00Z.",
        )
    return datetime.strptime(written[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()


def begun(fields: Fields, password: str, rules: Rules) -> Dict[str, str]:
    return {**fields, "next": password, "next_because": _COMPROMISE if rules.compromised else "schedule"}


def handed_over(fields: Fields) -> Dict[str, str]:
    """Return the fields with the next password as the current password."""
    kept = {name: value for name, value in fields.items() if name not in _NEXT}
    return {**kept, "password": fields["next"]} if "next" in fields else kept
