# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles are data that must not change under their name: their digest is written down here."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.groups import group_bits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import (
    PROFILE_NAMES,
    PROFILES,
    profile_named,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.suites import (
    TLS12,
    TLS13,
    suite_name,
    suites_for,
)

DIGESTS = {"modern-2026": "dc968c2552ea6dfb", "intermediate-2026": "a6cb8d133a9e4375"}


@pytest.mark.parametrize("name", PROFILES)
def test_a_dated_profile_stays_as_it_is(name: str) -> None:
    parts = [sorted(part) if isinstance(part, frozenset) else part for part in PROFILES[name]]
    assert hashlib.sha256(repr(parts).encode()).hexdigest()[:16] == DIGESTS[name]


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_profile_names_is_known(name: str) -> None:
    known = {suite_name(each) for version in (TLS12, TLS13) for each in suites_for(version)}
    assert known >= PROFILES[name].suites
    assert all(group_bits(group) for group in PROFILES[name].groups)
    assert set(PROFILES[name].wanted_versions) <= PROFILES[name].versions


def test_a_name_without_a_year_is_the_newest() -> None:
    assert profile_named("modern").name == "modern-2026"
    assert profile_named("intermediate").name == "intermediate-2026"
    assert {profile_named(name).name for name in PROFILE_NAMES} == set(PROFILES)
    with pytest.raises(KeyError):
        profile_named("old")
