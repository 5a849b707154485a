# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suites that each version supports."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.suites import (
    SSL3,
    TLS10,
    TLS12,
    TLS13,
    suite_name,
    suites_for,
)


def names(version: int) -> list[str]:
    return [suite_name(each) for each in suites_for(version)]


def test_names_are_those_of_the_registry() -> None:
    assert suite_name(0x1301) == "TLS_AES_128_GCM_SHA256"
    assert suite_name(0xC02F) == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert suite_name(0xFAFA) == "0xFAFA"


def test_tls_1_3_has_suites_of_its_own() -> None:
    assert "TLS_CHACHA20_POLY1305_SHA256" in names(TLS13)
    assert not [name for name in names(TLS13) if "_WITH_" in name]
    assert set(suites_for(TLS13)).isdisjoint(suites_for(TLS12))


@pytest.mark.parametrize("version", [SSL3, TLS10])
def test_older_versions_have_neither_aead_nor_newer_digests(version: int) -> None:
    assert "TLS_RSA_WITH_AES_128_CBC_SHA" in names(version)
    assert set(names(version)) < set(names(TLS12))
    assert not [name for name in names(version) if "GCM" in name or "CCM" in name or name.endswith("SHA256")]


def test_good_suites_come_first() -> None:
    forward = [name.startswith("TLS_ECDHE_") for name in names(TLS12)]
    assert forward == sorted(forward, reverse=True)
