# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations of people: the limits of the policy, and exemptions."""

from __future__ import annotations

import calendar
import time
from typing import Any, Callable, Dict, Mapping, Tuple

from ..._engine.audit.catalogue import TITLES
from ..._engine.audit.exemption import Exemption
from ..._engine.audit.policy import Policy
from ..._engine.errors import InvalidRequest
from .. import quantities
from ..words import plain

__all__ = ["exemption", "exemption_spec", "policy", "policy_spec"]

_DAY = 86400
_MOST_EXPOSURE = 10
_LONGEST_EXEMPTION = 366
"""Days."""
_AGES = {
    "evidence_max_age": "1d",
    "key_max_age": "365d",
    "certificate_min_left": "14d",
    "revocation_list_max_age": "24h",
}


def policy_spec() -> Dict[str, Any]:
    """Return the suboptions of the policy."""
    return {
        # No secret is in them; some of their names sound so.
        **{name: {"type": "str", "default": default, "no_log": False} for name, default in _AGES.items()},
        "key_types": {"type": "list", "elements": "str", "default": list(Policy().key_types), "no_log": False},
        "rsa_bits": {"type": "int", "default": Policy().rsa_bits},
        "exposure_max": {"type": "float", "default": Policy().exposure_max},
    }


def policy(given: Mapping[str, Any]) -> Policy:
    """Return the limits. Raises InvalidRequest."""
    ages = {name: quantities.duration("policy.%s" % name, given[name]) for name in _AGES}
    types = tuple(given["key_types"])
    if not types:
        raise InvalidRequest("policy.key_types: must not be empty", cure="Name the allowed types in policy.key_types.")
    if not 0 <= given["exposure_max"] <= _MOST_EXPOSURE:
        raise InvalidRequest(
            "policy.exposure_max: %s is no exposure" % given["exposure_max"],
            cure="Set policy.exposure_max to a number from 0 to %d." % _MOST_EXPOSURE,
        )
    return Policy(**ages, key_types=types, rsa_bits=given["rsa_bits"], exposure_max=given["exposure_max"])


def exemption_spec() -> Dict[str, Any]:
    """Return the suboptions of an exemption."""
    return {
        "control": {"type": "str", "required": True, "choices": list(TITLES)},
        "hosts": {"type": "list", "elements": "str", "default": []},
        **{name: {"type": "str", "required": True} for name in ("who", "why", "until")},
    }


def exemption(given: Mapping[str, Any], now: float, warn: Callable[[str], None]) -> Exemption:
    """Return one exemption; warn of one that has ended. Raises InvalidRequest."""
    who, why = (_words(name, given[name]) for name in ("who", "why"))
    ends = _end_of_day(given["until"])
    if ends > now + (_LONGEST_EXEMPTION + 1) * _DAY:
        raise InvalidRequest(
            "exemptions.until: %s is more than a year from now" % given["until"],
            cure="Set exemptions.until to a day within %d days, and decide again then." % _LONGEST_EXEMPTION,
        )
    if ends <= now:
        warn("The exemption of control %s by %s ended on %s." % (given["control"], who, given["until"]))
    return Exemption(given["control"], who, why, given["until"], ends, _hosts(given["hosts"]))


def _hosts(names: Any) -> Tuple[str, ...]:
    return tuple(plain(name) for name in names)


def _words(name: str, text: str) -> str:
    if not text.strip():
        raise InvalidRequest(
            "exemptions.%s: must not be empty" % name, cure="Set exemptions.%s for the readers of the report." % name
        )
    return plain(text.strip())


def _end_of_day(text: str) -> float:
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%d")) + _DAY
    except ValueError:
        raise InvalidRequest(
            "exemptions.until: %r is not a day" % text, cure="Write until as year, month and day: 2026-12-31."
        ) from None
