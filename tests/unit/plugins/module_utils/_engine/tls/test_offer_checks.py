# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about offered versions, suites and groups, by tables: the severity and the source of each."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import (
    CRITICAL,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.offer_checks import (
    group_findings,
    suite_findings,
    suite_weakness,
    version_findings,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import VersionFacts

MODERN, INTERMEDIATE = profile_named("modern"), profile_named("intermediate")
GOOD_12 = VersionFacts(
    "TLSv1.2",
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",),
    ("x25519",),
    secure_renegotiation=True,
    extended_master_secret=True,
)
GOOD_13 = VersionFacts("TLSv1.3", ("TLS_AES_128_GCM_SHA256",), ("X25519MLKEM768", "x25519"))


@pytest.mark.parametrize(
    ("facts", "finding", "severity"),
    [
        (GOOD_12._replace(version="SSLv3", extended_master_secret=False), "protocol_version", CRITICAL),
        (GOOD_12._replace(version="TLSv1"), "protocol_version", HIGH),
        (GOOD_12._replace(version="TLSv1.1"), "protocol_version", HIGH),
        (GOOD_12._replace(compression=True), "compression", HIGH),
        (GOOD_12._replace(secure_renegotiation=False), "renegotiation", HIGH),
        (GOOD_12._replace(extended_master_secret=False), "extended_master_secret", LOW),
    ],
)
def test_one_weakness_of_a_version_is_one_finding(facts: VersionFacts, finding: str, severity: str) -> None:
    found = list(version_findings((facts, GOOD_13), INTERMEDIATE))
    assert [(each.id, each.severity) for each in found] == [(finding, severity)]


def test_a_sound_offer_has_no_findings() -> None:
    versions = (GOOD_12, GOOD_13)
    assert list(version_findings(versions, INTERMEDIATE)) == []
    assert list(suite_findings(versions, INTERMEDIATE)) == []
    assert list(group_findings(versions, INTERMEDIATE)) == []


def test_a_missing_version_weighs_more_where_it_is_the_only_allowed_version() -> None:
    assert [(each.id, each.severity) for each in version_findings((), MODERN)] == [("protocol_version_missing", MEDIUM)]
    assert [(each.id, each.severity) for each in version_findings((GOOD_12,), INTERMEDIATE)] == [
        ("protocol_version_missing", LOW)
    ]


@pytest.mark.parametrize(
    ("suite", "severity", "reason"),
    [
        ("TLS_RSA_WITH_NULL_SHA256", CRITICAL, "no encryption"),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", CRITICAL, "no authentication of the server"),
        ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", CRITICAL, "an export-grade key"),
        ("TLS_RSA_WITH_DES_CBC_SHA", CRITICAL, "single DES"),
        ("TLS_RSA_WITH_RC4_128_SHA", HIGH, "RC4"),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", MEDIUM, "64-bit blocks (Sweet32)"),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", MEDIUM, "no forward secrecy"),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", LOW, "CBC"),
        ("TLS_AES_128_CCM_SHA256", LOW, "not in the profile"),
    ],
)
def test_a_suite_outside_the_profile_is_weighed(suite: str, severity: str, reason: str) -> None:
    weight, why, _source = suite_weakness(suite)
    assert weight == severity
    assert reason in why


def test_a_suite_is_one_finding_that_names_all_its_versions() -> None:
    weak = "TLS_RSA_WITH_AES_128_GCM_SHA256"
    (found,) = suite_findings(
        (GOOD_12._replace(version="TLSv1.1", suites=(weak,)), GOOD_12._replace(suites=(weak,))), INTERMEDIATE
    )
    assert (found.id, found.severity) == ("cipher_suite", MEDIUM)
    assert "TLSv1.1, TLSv1.2" in found.observed


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (GOOD_13._replace(groups=("X25519MLKEM768", "secp192r1")), [("group", HIGH)]),
        (GOOD_13._replace(groups=("X25519MLKEM768", "secp521r1")), [("group", INFO)]),
        (GOOD_13._replace(groups=("X25519MLKEM768", "unknown (0x1234)")), [("group", INFO)]),
        (GOOD_13._replace(dh_bits=1024), [("dh_prime", CRITICAL)]),
        (GOOD_13._replace(dh_bits=1536), [("dh_prime", HIGH)]),
        (GOOD_13._replace(dh_bits=2048), []),
        (GOOD_13._replace(groups=("x25519",)), [("post_quantum", INFO)]),
        (GOOD_12, []),
    ],
)
def test_groups_and_primes_are_weighed(facts: VersionFacts, expected: list[tuple[str, str]]) -> None:
    assert [(each.id, each.severity) for each in group_findings((facts,), INTERMEDIATE)] == expected


def test_a_profile_that_expects_post_quantum_exchange_weighs_its_absence_more() -> None:
    found = list(group_findings((GOOD_13._replace(groups=("x25519",)),), MODERN))
    assert [(each.id, each.severity) for each in found] == [("post_quantum", LOW)]
