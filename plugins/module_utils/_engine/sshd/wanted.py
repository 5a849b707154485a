# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check whether sshd applies the requested settings, and report every difference."""

from __future__ import annotations

import fnmatch
import grp
import pwd
from typing import Iterator, List, Mapping, NamedTuple, Sequence

from .daemon import Client, Effective, effective
from .settings import EXPECTED_WORDS
from .views import View, views_of_all

_SAME = {"without-password": "prohibit-password"}
_NOT_TOLD = ("debianbanner",)
_ROOT_LOGS_IN = ("yes", "prohibit-password", "without-password", "forced-commands-only")


class Expectation(NamedTuple):
    """The expected settings of sshd for a login. from_anywhere: for logins from all addresses"""

    client: Client
    settings: Mapping[str, str]
    from_anywhere: bool = False


class Difference(NamedTuple):
    user: str
    keyword: str
    wanted: str
    found: str


def differences(expectations: Sequence[Expectation], config: str) -> List[Difference]:
    return [each for expectation in expectations for each in _differing(expectation, config)]


def _differing(expectation: Expectation, config: str) -> Iterator[Difference]:
    client, known = expectation.client, set()
    for view in views_of_all(client, config) if expectation.from_anywhere else [View((), effective(client, config))]:
        for each in _of(expectation, view.settings):
            if each not in known:
                known.add(each)
                yield each._replace(found=each.found + (f" from {view.client}" if view.client else ""))


def owner_refused(client: Client, config: str) -> str:
    """Return why the configuration would not let the owner log in with a key; empty if nothing is known against it."""
    found = effective(client, config)
    if client.user == "root" and found["permitrootlogin"][0] not in _ROOT_LOGS_IN:
        return f"PermitRootLogin {found['permitrootlogin'][0]}"
    groups = _groups(client.user)
    for keyword, names in (("users", [client.user]), ("groups", groups)):
        denied, allowed = found.get("deny" + keyword, ()), found.get("allow" + keyword, ())
        if _any(names, denied):
            return f"Deny{keyword.title()} {' '.join(denied)}"
        if allowed and not _any(names, allowed):
            return f"Allow{keyword.title()} {' '.join(allowed)}"
    return ""


def _of(expectation: Expectation, found: Effective) -> Iterator[Difference]:
    for keyword, wanted in expectation.settings.items():
        keyword = keyword.lower()
        values = found.get(keyword, ())
        if keyword in _NOT_TOLD and not values:
            continue  # older versions know it, but do not print it
        found_values = [_plain(value) for value in values]
        if not all(_meets(keyword, _plain(line), found_values) for line in wanted.splitlines()):
            yield Difference(expectation.client.user, keyword, wanted, "; ".join(values) or "nothing")


def _meets(keyword: str, wanted: str, values: Sequence[str]) -> bool:
    if keyword == EXPECTED_WORDS:
        return bool(values) and set(wanted.split()) <= set(values[0].split())
    return wanted in values or wanted == " ".join(values)


def _plain(value: str) -> str:
    text = " ".join(value.split()).strip('"')
    text = _SAME.get(text.lower(), text)
    return text.lower() if text.lower() in ("yes", "no", "verbose", "info", "auth", "authpriv", "none") else text


def _any(names: Sequence[str], patterns: Sequence[str]) -> bool:
    words = [word.partition("@")[0] for pattern in patterns for word in pattern.split()]
    return any(fnmatch.fnmatchcase(name, word) for name in names for word in words)


def _groups(user: str) -> List[str]:
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return []
    own = [group.gr_name for group in grp.getgrall() if user in group.gr_mem]
    return [*own, *(group.gr_name for group in grp.getgrall() if group.gr_gid == entry.pw_gid)]
