# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles are data: dated, complete, and without broken algorithms."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.profiles import (
    PROFILE_NAMES,
    PROFILES,
    profile_named,
)

BROKEN = ("sha1", "md5", "cbc", "3des", "arcfour", "dss", "group1-", "group14-sha1", "hmac-sha1", "umac-64")


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_a_name_without_a_year_is_the_newest(name: str) -> None:
    assert profile_named(name) is PROFILES[name if name in PROFILES else f"{name}-2026"]


@pytest.mark.parametrize("name", PROFILES)
def test_nothing_broken_is_allowed(name: str) -> None:
    names = [each for names in PROFILES[name].algorithms.values() for each in names]
    assert len(names) > 20
    assert [each for each in names if any(word in each for word in BROKEN) or each == "ssh-rsa"] == []


def test_pq_only_has_post_quantum_exchanges_alone() -> None:
    names = PROFILES["pq_only-2026"].algorithms["KexAlgorithms"]
    assert all(name.startswith(("mlkem", "sntrup")) for name in names)
    assert set(names) < set(PROFILES["compatible-2026"].algorithms["KexAlgorithms"])
