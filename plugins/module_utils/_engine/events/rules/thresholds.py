# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thresholds from a settings file: a flat object with the names of `RuleLimits` and `VolumeLimits`."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ...errors import InvalidRequest
from ..volumes.limits import VolumeLimits
from .limits import RuleLimits

_OTHER = {"volumes", "mfa_accounts", "break_glass_accounts"}
"""Fields that are no thresholds."""
_CURE = "Set a positive number."


def parse_limits(values: Mapping[str, Any]) -> RuleLimits:
    """Return the thresholds; names that are not given have their defaults. Raises InvalidRequest."""
    names = set(RuleLimits._fields) | set(VolumeLimits._fields)
    unknown = sorted(set(values) - (names - _OTHER))
    if unknown:
        raise InvalidRequest("rules: unknown name %s" % unknown[0], cure="Remove it from rules.")
    volumes = VolumeLimits(**_given(values, VolumeLimits()._asdict()))
    return RuleLimits(**_given(values, RuleLimits()._asdict()))._replace(volumes=volumes)


def _given(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: _checked(name, values[name], default) for name, default in defaults.items() if name in values}


def _checked(name: str, value: Any, default: Any) -> Any:
    if name == "feeds":
        return _feeds(value)
    if isinstance(value, bool) or not isinstance(value, (int, float) if isinstance(default, float) else int):
        raise InvalidRequest("rules.%s: %r is not a number" % (name, value), cure=_CURE)
    if value < 0 or (value == 0 and name != "tolerated"):
        raise InvalidRequest("rules.%s: %r is too low" % (name, value), cure=_CURE)
    return value


def _feeds(value: Any) -> Dict[str, int]:
    if not isinstance(value, dict):
        raise InvalidRequest("rules.feeds: %r is not an object" % (value,), cure="Map each account to its seconds.")
    return {str(account): int(_checked("feeds of %s" % account, seconds, 1)) for account, seconds in value.items()}
