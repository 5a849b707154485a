# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identifiers of the rules, and their thresholds. A settings file has them as a flat object with the names of
`RuleLimits` and `VolumeLimits`.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Mapping, NamedTuple

from ...errors import InvalidRequest
from ..event import UNEXPLAINED_CHANGE
from ..volumes.limits import VolumeLimits
from ..volumes.unusual import NO_BASELINE, VOLUME_DAY, VOLUME_DRIFT, VOLUME_HOUR

AUTH_FAILURES, LOGIN_AFTER_FAILURES, MASS_DELETE = "auth_failures", "login_after_failures", "mass_delete"
FIRST_SEEN_SOURCE, FIRST_SEEN_KEY = "first_seen_source", "first_seen_key"
LATE_FEED, LOG_SILENT, PARSER_UNKNOWN = "late_feed", "log_silent", "parser_unknown"
MFA_MISSING, BREAK_GLASS_USED = "mfa_missing", "break_glass_used"

RULES = (
    *(AUTH_FAILURES, LOGIN_AFTER_FAILURES, FIRST_SEEN_SOURCE, FIRST_SEEN_KEY, VOLUME_HOUR, VOLUME_DAY, VOLUME_DRIFT),
    *(
        MFA_MISSING,
        BREAK_GLASS_USED,
        MASS_DELETE,
        UNEXPLAINED_CHANGE,
        LATE_FEED,
        LOG_SILENT,
        PARSER_UNKNOWN,
        NO_BASELINE,
    ),
)
_OTHER = {"volumes", "mfa_accounts", "break_glass_accounts"}
"""Fields that are no thresholds."""
_CURE = "Set a positive number."


class RuleLimits(NamedTuple):
    """failures: failed logins of a source, or of an account, within `minutes`
    failures_before_login: failed logins within `minutes` before a login
    deletes: deletions of an account within `minutes`
    learn_days: days after the first login of an account in which new sources and keys are expected
    late_times: a feed is late after this many times its longest pause
    feeds: account -> longest pause in seconds; without it, the pause is found from the history
    unknown_share: share of lines that no pattern knows
    unknown_lines: lines of an hour that a share needs
    mfa_accounts: accounts that must have a second factor
    break_glass_accounts: accounts of which each login is an alert
    """

    minutes: int = 10
    failures: int = 20
    failures_before_login: int = 5
    deletes: int = 500
    learn_days: int = 14
    late_times: float = 1.5
    feeds: Mapping[str, int] = {}
    unknown_share: float = 0.02
    unknown_lines: int = 100
    mfa_accounts: FrozenSet[str] = frozenset()
    break_glass_accounts: FrozenSet[str] = frozenset()
    volumes: VolumeLimits = VolumeLimits()


def parse_limits(values: Mapping[str, Any]) -> RuleLimits:
    """Return the thresholds; names that are not given have their defaults. Raises InvalidRequest."""
    names = set(RuleLimits._fields) | set(VolumeLimits._fields)
    unknown = sorted(set(values) - (names - _OTHER))
    if unknown:
        raise InvalidRequest(f"rules: unknown name {unknown[0]}", cure="Remove it from rules.")
    volumes = VolumeLimits(**_given(values, VolumeLimits()._asdict()))
    return RuleLimits(**_given(values, RuleLimits()._asdict()))._replace(volumes=volumes)


def _given(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: _checked(name, values[name], default) for name, default in defaults.items() if name in values}


def _checked(name: str, value: Any, default: Any) -> Any:
    if name == "feeds":
        return _feeds(value)
    if isinstance(value, bool) or not isinstance(value, (int, float) if isinstance(default, float) else int):
        raise InvalidRequest(f"rules.{name}: {value!r} is not a number", cure=_CURE)
    if value < 0 or (value == 0 and name != "tolerated"):
        raise InvalidRequest(f"rules.{name}: {value!r} is too low", cure=_CURE)
    return value


def _feeds(value: Any) -> Dict[str, int]:
    if not isinstance(value, dict):
        raise InvalidRequest(f"rules.feeds: {value!r} is not an object", cure="Map each account to its seconds.")
    return {str(account): int(_checked(f"feeds of {account}", seconds, 1)) for account, seconds in value.items()}
