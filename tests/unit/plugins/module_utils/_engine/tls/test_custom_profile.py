# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A custom profile replaces the settings that it names, and never permits weak settings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.custom_profile import custom_profile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import PROFILES


def test_what_is_not_named_stays() -> None:
    base = PROFILES["modern-2026"]
    made = custom_profile({"base": "modern", "expiry_days": 30, "groups": ["x25519", "secp384r1"]})
    assert made == base._replace(name=made.name, expiry_days=30, groups=frozenset(("x25519", "secp384r1")))
    assert made.name == "custom, from modern-2026"
    assert custom_profile({}).versions == PROFILES["intermediate-2026"].versions


def test_the_newest_version_named_is_wanted() -> None:
    assert custom_profile({"versions": "TLSv1.2"}).wanted_versions == ("TLSv1.2",)
    assert custom_profile({"versions": ["TLSv1.3", "TLSv1.2"]}).wanted_versions == ("TLSv1.3",)


@pytest.mark.parametrize(
    "given",
    [
        {"base": "old"},
        {"base": ["modern"]},
        {"cipher": "HIGH"},
        {"versions": ["TLSv1.1"]},
        {"versions": []},
        {"suites": ["TLS_RSA_WITH_AES_128_GCM_SHA256"]},
        {"suites": ["TLS_ECDHE_RSA_WITH_RC4_128_SHA"]},
        {"suites": ["ECDHE-RSA-AES128-GCM-SHA256"]},
        {"suites": [None]},
        {"groups": ["secp192r1"]},
        {"groups": ["X25519"]},
        {"rsa_bits": 1024},
        {"expiry_days": "soon"},
        {"lifespan_days": 0},
    ],
)
def test_what_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="profile: ") as caught:
        custom_profile(given)
    assert caught.value.cure
