# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement, by tables: one property is made worse at a time, and one finding reports it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.checks import Policy, judge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import (
    NOT_ASKED,
    OPTIONAL,
    REQUIRED,
    ControlFacts,
    DataFacts,
    Identity,
    MarkedFacts,
    Survey,
    VersionFacts,
)
from support.servers.openssl_server import made_by_openssl

GOOD_12 = VersionFacts(
    "TLSv1.2", ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",), ("x25519",), 0, False, True, True
)  # fmt: skip
GOOD_13 = VersionFacts("TLSv1.3", ("TLS_AES_128_GCM_SHA256",), ("X25519MLKEM768", "x25519"))
IDENTITY = Identity(((made_by_openssl().der,),), "", "", NOT_ASKED)
DATA = DataFacts("", True, True, True, False, False, None, False)
GOOD = Survey(versions=(GOOD_12, GOOD_13), identity=IDENTITY, control=ControlFacts(pipelined=False), data=DATA)
POLICY = Policy(profile_named("intermediate"), "127.0.0.1")


def found(survey: Survey = GOOD, policy: Policy = POLICY, later: float = 0.0) -> list[tuple[str, str]]:
    """Give id and severity of all findings."""
    return [(each.id, each.severity) for each in judge(survey, policy, time.time() + later)]


def versions(*facts: VersionFacts) -> Survey:
    return Survey(versions=facts, identity=IDENTITY)


def with_suite(suite: str) -> Survey:
    return versions(GOOD_12._replace(suites=(suite,)), GOOD_13)


def data(**changes: Any) -> Survey:
    return Survey(versions=GOOD.versions, identity=IDENTITY, data=DATA._replace(**changes))


def shown(**changes: Any) -> Survey:
    return Survey(versions=GOOD.versions, identity=Identity(((made_by_openssl(**changes).der,),), "", "", NOT_ASKED))


def test_a_good_server_has_no_finding() -> None:
    assert found() == []
    assert found(versions(GOOD_13), Policy(profile_named("modern"), "127.0.0.1")) == []


TABLE = [
    (versions(VersionFacts("SSLv3", ()), GOOD_12, GOOD_13), "protocol_version", "critical"),
    (versions(VersionFacts("TLSv1", ()), GOOD_12, GOOD_13), "protocol_version", "high"),
    (versions(VersionFacts("TLSv1.1", ()), GOOD_12, GOOD_13), "protocol_version", "high"),
    (versions(GOOD_12), "protocol_version_missing", "low"),
    (with_suite("TLS_RSA_WITH_NULL_SHA"), "cipher_suite", "critical"),
    (with_suite("TLS_DH_anon_WITH_AES_128_CBC_SHA"), "cipher_suite", "critical"),
    (with_suite("TLS_RSA_EXPORT_WITH_RC4_40_MD5"), "cipher_suite", "critical"),
    (with_suite("TLS_DHE_RSA_WITH_DES_CBC_SHA"), "cipher_suite", "critical"),
    (with_suite("TLS_ECDHE_RSA_WITH_RC4_128_SHA"), "cipher_suite", "high"),
    (with_suite("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), "cipher_suite", "medium"),
    (with_suite("TLS_RSA_WITH_AES_256_GCM_SHA384"), "cipher_suite", "medium"),
    (with_suite("TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"), "cipher_suite", "medium"),
    (with_suite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), "cipher_suite", "low"),
    (with_suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), "cipher_suite", "low"),
    (with_suite("0xFEFE"), "cipher_suite", "low"),
    (versions(GOOD_12._replace(groups=("secp192r1",)), GOOD_13), "group", "high"),
    (versions(GOOD_12._replace(groups=("secp521r1",)), GOOD_13), "group", "info"),
    (versions(GOOD_12._replace(dh_bits=1024), GOOD_13), "dh_prime", "critical"),
    (versions(GOOD_12._replace(dh_bits=1536), GOOD_13), "dh_prime", "high"),
    (versions(GOOD_12, GOOD_13._replace(groups=("x25519",))), "post_quantum", "info"),
    (versions(GOOD_12._replace(compression=True), GOOD_13), "compression", "high"),
    (versions(GOOD_12._replace(secure_renegotiation=False), GOOD_13), "renegotiation", "high"),
    (versions(GOOD_12._replace(extended_master_secret=False), GOOD_13), "extended_master_secret", "low"),
    (Survey(refused="502"), "tls_missing", "critical"),
    (Survey(), "tls_missing", "critical"),
    (shown(key="rsa:1024"), "key_size", "high"),
    (shown(key="rsa:2048"), "key_size", "info"),
    (shown(key="ed25519"), "key_type", "low"),
    (shown(digest="sha1"), "certificate_signature", "high"),
    (shown(days=400), "certificate_lifespan", "info"),
    (shown(days=3), "certificate_expires_soon", "low"),
    (shown(name="127.0.0.2"), "host_name", "high"),
    (shown(extensions=()), "revocation", "info"),
    (Survey(versions=GOOD.versions, identity=IDENTITY._replace(untrusted="x")), "chain_untrusted", "high"),
    (Survey(versions=GOOD.versions, identity=IDENTITY._replace(outdated="x")), "chain_outdated", "high"),
    (Survey(versions=GOOD.versions, identity=Identity(((b"x",),))), "certificate_unreadable", "high"),
    (Survey(versions=GOOD.versions, control=ControlFacts("331 go on")), "cleartext_login", "critical"),
    (Survey(versions=GOOD.versions, control=ControlFacts(clear_anonymous=True)), "cleartext_anonymous", "medium"),
    (Survey(versions=GOOD.versions, control=ControlFacts(pipelined=True)), "command_injection", "high"),
    (Survey(versions=GOOD.versions, marked=MarkedFacts("mark", let_in="230 in")), "any_login", "critical"),
    (data(protected="x"), "data_tls", "medium"),
    (data(clear_first=True), "data_clear", "high"),
    (data(prot_c=True, clear=False), "prot_c", "low"),
    (data(ccc=True), "ccc", "high"),
    (data(same_certificate=False), "data_certificate", "high"),
    (data(reuse_demanded=False), "data_session_reuse", "medium"),
]


@pytest.mark.parametrize(("survey", "name", "severity"), TABLE, ids=[f"{row[1]}-{row[2]}" for row in TABLE])
def test_one_thing_wrong_is_one_finding(survey: Survey, name: str, severity: str) -> None:
    assert found(survey) == [(name, severity)]


def test_listings_in_clear_after_prot_c_are_two_findings() -> None:
    assert found(data(prot_c=True, clear=True)) == [("data_clear", "high"), ("prot_c", "high")]


@pytest.mark.parametrize(
    ("given", "number"), [(NOT_ASKED, 1), (OPTIONAL, 1), (REQUIRED, 0), (None, 0)]
)  # fmt: skip
def test_client_certificates(given: str | None, number: int) -> None:
    survey = Survey(versions=GOOD.versions, identity=IDENTITY._replace(client_certificate=given))
    assert found(survey) == []
    assert len(found(survey, POLICY._replace(client_certificate=True))) == number


def test_reuse_need_not_be_wanted() -> None:
    assert found(data(reuse_demanded=False), POLICY._replace(session_reuse=False)) == []


def test_pins() -> None:
    certificate = made_by_openssl()
    survey = Survey(versions=GOOD.versions, identity=Identity(((certificate.der,),), "", ""))
    assert found(survey, POLICY._replace(pins=frozenset((certificate.pin,)))) == []
    assert found(survey, POLICY._replace(pins=frozenset(("sha256//other",)))) == [("pin", "high")]


def test_time_goes_by() -> None:
    assert found(later=70 * 86400) == [("certificate_expires_soon", "low")]
    assert found(later=81 * 86400) == [("certificate_expired", "high")]
    assert found(later=-86400) == [("certificate_not_yet_valid", "high")]


def test_modern_asks_for_more() -> None:
    modern = POLICY._replace(profile=profile_named("modern"))
    assert found(GOOD, modern) == [("protocol_version", "medium"), ("cipher_suite", "low")]
    assert ("post_quantum", "low") in found(versions(GOOD_13._replace(groups=("x25519",))), modern)


def test_a_survey_that_ended_at_once_blames_nobody() -> None:
    assert found(Survey(error=ConnectionLost("gone"))) == [("protocol_version_missing", "low")]


def test_the_worst_comes_first_and_nothing_twice() -> None:
    twice = (IDENTITY.chains[0], IDENTITY.chains[0])
    survey = Survey(
        versions=(VersionFacts("SSLv3", ("TLS_RSA_WITH_RC4_128_SHA",)), GOOD_12._replace(dh_bits=1536)),
        identity=Identity(twice, "", ""),
        data=DATA._replace(prot_c=True, clear=False),
    )
    told = judge(survey, POLICY._replace(host="other.example"), time.time())
    order = [SEVERITIES.index(each.severity) for each in told]
    assert order == sorted(order)
    assert len(set(told)) == len(told) > 4
    assert all(all(each) for each in told)
