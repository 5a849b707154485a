# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile of the operator: a dated profile with some parts replaced. Pure."""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, List, Mapping

from ..errors import InvalidRequest
from ..model.findings import LOW
from .groups import group_bits
from .offer_checks import suite_weakness
from .profiles import PROFILE_NAMES, Profile, profile_named
from .suites import TLS12, TLS13, suite_name, suites_for

_BASE = "base"
_VERSIONS = ("TLSv1.2", "TLSv1.3")
_LEAST_RSA_BITS = 2048
_MOST = 36500


def custom_profile(given: Mapping[str, Any]) -> Profile:
    """Return the profile `base` ("intermediate" if not given) with the given parts replaced. Raises InvalidRequest for
    unknown and for weak parts: a custom policy cannot bypass all policies."""
    base = given.get(_BASE, "intermediate")
    if not isinstance(base, str) or base not in PROFILE_NAMES:
        raise _wrong(_BASE, base, f"Choose one of: {', '.join(PROFILE_NAMES)}.")
    parts = {name: value for name, value in given.items() if name != _BASE}
    for name in parts:
        if name not in _READERS:
            known = ", ".join(PARTS)
            raise InvalidRequest(f"profile: {name!r} is unknown", cure=f"Use only these keys: {known}.")
    profile = profile_named(base)
    changed: Dict[str, Any] = {name: _READERS[name](name, value) for name, value in parts.items()}
    if "versions" in changed:
        changed["wanted_versions"] = tuple(sorted(changed["versions"]))[-1:]
    return profile._replace(name=f"custom, from {profile.name}", **changed)


def _versions(name: str, value: Any) -> FrozenSet[str]:
    return _names(name, value, _VERSIONS.__contains__, "List TLSv1.2, TLSv1.3 or both.")


def _suites(name: str, value: Any) -> FrozenSet[str]:
    known = frozenset(suite_name(number) for version in (TLS12, TLS13) for number in suites_for(version))

    def good(suite: str) -> bool:
        return suite in known and suite_weakness(suite)[0] == LOW

    return _names(name, value, good, "List suites with forward secrecy by their IANA names.")


def _groups(name: str, value: Any) -> FrozenSet[str]:
    return _names(name, value, lambda group: group_bits(group) >= 224, "List groups by IANA name, such as x25519.")


def _names(name: str, value: Any, good: Callable[[str], bool], cure: str) -> FrozenSet[str]:
    listed: List[Any] = value if isinstance(value, list) else [value]
    for each in listed:
        if not isinstance(each, str) or not good(each):
            raise _wrong(name, each, cure)
    if not listed:
        raise _wrong(name, value, cure)
    return frozenset(listed)


def _number(name: str, value: Any) -> int:
    least = _LEAST_RSA_BITS if name == "rsa_bits" else 1
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if not least <= number <= _MOST:
        raise _wrong(name, value, f"Set a number from {least} to {_MOST}.")
    return number


def _wrong(name: str, value: Any, cure: str) -> InvalidRequest:
    return InvalidRequest(f"profile: {value!r} is not valid for {name}", cure=cure)


_READERS: Dict[str, Callable[[str, Any], Any]] = {
    "versions": _versions,
    "suites": _suites,
    "groups": _groups,
    "rsa_bits": _number,
    "expiry_days": _number,
    "lifespan_days": _number,
}
PARTS = (_BASE, *_READERS)
