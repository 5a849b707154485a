# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLS settings of a server, and its further options."""

from __future__ import annotations

import re

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.key_pair import KeyPair
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.settings import (
    Option,
    Value,
    option_of,
    settings_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import PROFILES, Profile

PAIR = KeyPair("/cert.pem", "/key.pem", (), "ec")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_versions_ciphers_and_groups_are_those_of_the_profile(profile: Profile) -> None:
    settings = settings_of(profile, PAIR, client_ca="/ca.pem", session_reuse=False)
    assert set(settings.versions) == set(profile.versions)
    assert list(settings.versions) == sorted(settings.versions)
    assert bool(settings.ciphers) is ("TLSv1.2" in profile.versions)
    assert settings.groups
    assert (settings.pair, settings.client_ca, settings.session_reuse) == (PAIR, "/ca.pem", False)


def option(value: Value) -> Option:
    return option_of("idle_time", value, re.compile("[a-z_]+"), ("YES", "NO"))


def test_values_in_the_words_of_the_server() -> None:
    assert [option(value)[1] for value in (True, False, 30, "text")] == ["YES", "NO", "30", "text"]


@pytest.mark.parametrize("value", ["", " ", " a", "a ", "a\nb", "a\\", "\x1b"])
def test_a_value_is_one_line(value: str) -> None:
    with pytest.raises(InvalidRequest, match="settings: idle_time cannot be"):
        option(value)


def test_a_name_of_another_form() -> None:
    with pytest.raises(InvalidRequest, match="is not the name of an option"):
        option_of("Idle=1\nroot", "1", re.compile("[a-z_]+"), ("YES", "NO"))
