# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a certificate, compared with the library `cryptography` and openssl."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.certificate import read_certificate
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from support.servers.openssl_server import made_by_openssl
from support.servers.tls_authority import authority

KINDS = {"ecdsa": ("ec", 256, "secp256r1"), "rsa": ("rsa", 2048, ""), "ed25519": ("ed25519", 256, "")}
POINTERS = (
    "authorityInfoAccess=OCSP;URI:http://ocsp.example.com/,caIssuers;URI:http://ca.example.com/",
    "crlDistributionPoints=URI:http://crl.example.com/a,URI:http://crl.example.com/b",
)

CERTIFICATE = made_by_openssl(extensions=POINTERS).der


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_key(kind: str) -> None:
    certificate = authority().server("ftp.example.com", "198.51.100.7", "2001:db8::7", kind=kind)
    facts = read_certificate(certificate.der)
    judge = x509.load_der_x509_certificate(certificate.der)
    assert (facts.key_type, facts.key_bits, facts.curve) == KINDS[kind]
    assert facts.names == ("ftp.example.com", "198.51.100.7", "2001:db8::7")
    assert facts.not_before == judge.not_valid_before_utc.timestamp()
    assert facts.not_after == judge.not_valid_after_utc.timestamp()
    assert (facts.subject, facts.issuer) == ("CN=ftp.example.com", "CN=Test authority ours")
    assert facts.signature == "ecdsa-with-SHA256"
    assert (facts.fingerprint, facts.pin) == (certificate.fingerprint, certificate.pin)
    assert (facts.ocsp, facts.crl, facts.self_issued) == ((), (), False)


def test_pointers_to_revocations_are_read() -> None:
    facts = read_certificate(made_by_openssl(extensions=POINTERS).der)
    assert facts.ocsp == ("http://ocsp.example.com/",)
    assert facts.crl == ("http://crl.example.com/a", "http://crl.example.com/b")
    assert facts.self_issued


@pytest.mark.parametrize(
    ("key", "digest", "signature"),
    [
        ("rsa:1024", "md5", "md5WithRSAEncryption"),
        ("rsa:1024", "sha1", "sha1WithRSAEncryption"),
        ("ec:P-192", "sha1", "ecdsa-with-SHA1"),
    ],
)
def test_weak_ones(key: str, digest: str, signature: str) -> None:
    facts = read_certificate(made_by_openssl(key, digest=digest).der)
    assert facts.signature == signature
    assert facts.key_bits == int(key[-4:].lstrip(":P-"))


def test_dates_before_and_after_2050() -> None:
    facts = read_certificate(made_by_openssl(days=40_000).der)
    assert facts.not_after - facts.not_before == 40_000 * 86400


def test_an_extension_without_parts() -> None:
    at = CERTIFICATE.index(b"\x30", CERTIFICATE.index(b"\xa3") + 4)
    for position in range(at, len(CERTIFICATE) - 1):
        with contextlib.suppress(ValueError):
            read_certificate(CERTIFICATE[:position] + b"\x30\x00" + CERTIFICATE[position + 2 :])


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_a_broken_one_raises_value_error_alone(at: int, other: bytes) -> None:
    whole = CERTIFICATE
    broken = whole[: at % len(whole)] + other + whole[at % len(whole) + len(other) :]
    for data in (broken, whole[: at % len(whole)], other):
        try:
            read_certificate(data)
        except ValueError:
            continue
