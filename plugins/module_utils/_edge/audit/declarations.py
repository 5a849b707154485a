# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations of people: the limits of the policy, and exemptions."""

from __future__ import annotations

import calendar
import time
from typing import Any, Callable, Dict, List, Mapping, Tuple

from ..._engine.audit.control import TITLES
from ..._engine.audit.controls.policies import MEASURED_BY
from ..._engine.audit.policy import AGES, Policy
from ..._engine.audit.report import Exemption
from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.utc import utc
from .. import quantities

_DAY = 86400
_MOST_EXPOSURE = 10
_LONGEST_EXEMPTION = 366
"""Days."""


def policy_spec() -> Dict[str, Any]:
    return {
        # No secret is in them; some of their names sound so.
        **{name: {"type": "str", "default": default, "no_log": False} for name, default in AGES.items()},
        "key_types": {"type": "list", "elements": "str", "default": list(Policy().key_types), "no_log": False},
        "rsa_bits": {"type": "int", "default": Policy().rsa_bits},
        "exposure_max": {"type": "float", "default": Policy().exposure_max},
        "ftps_only": {"type": "list", "elements": "str", "default": []},
    }


def policy(given: Mapping[str, Any]) -> Policy:
    """Return the limits. Raises InvalidRequest."""
    ages = {name: quantities.duration(f"policy.{name}", given[name]) for name in AGES}
    types = tuple(given["key_types"])
    if not types:
        raise InvalidRequest("policy.key_types: must not be empty", cure="Name the allowed types in policy.key_types.")
    if not 0 <= given["exposure_max"] <= _MOST_EXPOSURE:
        raise InvalidRequest(
            f"policy.exposure_max: {given['exposure_max']} is no exposure",
            cure=f"Set policy.exposure_max to a number from 0 to {_MOST_EXPOSURE}.",
        )
    return Policy(
        **ages,
        key_types=types,
        rsa_bits=given["rsa_bits"],
        exposure_max=given["exposure_max"],
        ftps_only=_hosts(given["ftps_only"]),
    )


def documents_spec() -> Dict[str, Any]:
    """Return the suboptions of the policies that people write."""
    statement = {
        "text": {"type": "str", "required": True},
        "controls": {"type": "list", "elements": "str", "choices": list(TITLES), "default": []},
    }
    document = {
        **{name: {"type": "str", "required": True} for name in ("text", "approved_by", "approved")},
        "statements": {"type": "list", "elements": "dict", "options": statement, "default": []},
    }
    return {name: {"type": "dict", "options": document} for name in MEASURED_BY}


def documents(given: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """Return the policies that are declared. Raises InvalidRequest."""
    return [_document(name, given[name]) for name in MEASURED_BY if given[name]]


def _document(name: str, given: Mapping[str, Any]) -> Dict[str, Any]:
    option = f"policies.{name}"
    return {
        "name": name,
        "text": _words(f"{option}.text", given["text"]),
        "approved_by": _words(f"{option}.approved_by", given["approved_by"]),
        "approved": utc(_day(f"{option}.approved", given["approved"])),
        "statements": [
            {"text": _words(f"{option}.statements.text", each["text"]), "controls": list(each["controls"])}
            for each in given["statements"] or ()
        ],
    }


def exemption_spec() -> Dict[str, Any]:
    return {
        "control": {"type": "str", "required": True, "choices": list(TITLES)},
        "hosts": {"type": "list", "elements": "str", "default": []},
        **{name: {"type": "str", "required": True} for name in ("who", "why", "until")},
    }


def exemption(given: Mapping[str, Any], now: float, warn: Callable[[str], None]) -> Exemption:
    """Return one exemption; warn of one that has ended. Raises InvalidRequest."""
    who, why = (_words(f"exemptions.{name}", given[name]) for name in ("who", "why"))
    ends = _day("exemptions.until", given["until"]) + _DAY
    if ends > now + (_LONGEST_EXEMPTION + 1) * _DAY:
        raise InvalidRequest(
            f"exemptions.until: {given['until']} is more than a year from now",
            cure=f"Set exemptions.until to a day within {_LONGEST_EXEMPTION} days, and decide again then.",
        )
    if ends <= now:
        warn(f"The exemption of control {given['control']} by {who} ended on {given['until']}.")
    return Exemption(given["control"], who, why, given["until"], ends, _hosts(given["hosts"]))


def _hosts(names: Any) -> Tuple[str, ...]:
    return tuple(plain(name) for name in names)


def _words(name: str, text: str) -> str:
    if not text.strip():
        raise InvalidRequest(f"{name}: must not be empty", cure=f"Set {name} for the readers of the report.")
    return plain(text.strip())


def _day(name: str, text: str) -> float:
    """Return the first second of a day in UTC. Raises InvalidRequest."""
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise InvalidRequest(
            f"{name}: {text!r} is not a day", cure=f"Write {name} as year, month and day: 2026-12-31."
        ) from None
