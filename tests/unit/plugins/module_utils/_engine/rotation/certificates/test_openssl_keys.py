# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, requests and first certificates by openssl, as another library reads them."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.certificates.openssl_keys import (
    CLIENT,
    Subject,
    make_key,
    make_request,
    sign_itself,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

NAMES = ["files.example.com", "192.0.2.1", "2001:db8::1"]


def key(directory: Path, passphrase: str = "") -> str:
    path = directory / "key.pem"
    make_key(str(path), passphrase)
    return str(path)


def requested(directory: Path, subject: Subject) -> x509.CertificateSigningRequest:
    make_request(key(directory), subject, "", str(directory / "request.pem"))
    return x509.load_pem_x509_csr((directory / "request.pem").read_bytes())


def test_a_request_names_the_server(tmp_path: Path) -> None:
    request = requested(tmp_path, Subject(NAMES))
    found = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == NAMES[:1]
    assert found.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(name) for name in NAMES[1:]]
    assert request.subject.rfc4514_string() == "CN=files.example.com"
    usage = request.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.digital_signature, usage.value.key_cert_sign) == (True, True, False)
    assert request.is_signature_valid


@pytest.mark.parametrize(
    ("subject", "purpose"),
    [(Subject(NAMES), ExtendedKeyUsageOID.SERVER_AUTH), (Subject(NAMES, CLIENT), ExtendedKeyUsageOID.CLIENT_AUTH)],
)
def test_a_certificate_has_one_purpose(tmp_path: Path, subject: Subject, purpose: x509.ObjectIdentifier) -> None:
    request = requested(tmp_path, subject)
    assert list(request.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [purpose]


@pytest.mark.parametrize(("length", "name"), [(64, "CN=" + "a" * 64), (65, "")])
def test_a_name_that_is_too_long_is_an_alternative_name_alone(tmp_path: Path, length: int, name: str) -> None:
    request = requested(tmp_path, Subject(["a" * length]))
    assert request.subject.rfc4514_string() == name
    found = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == ["a" * length]


@pytest.mark.parametrize("passphrase", ["", "a passphrase"])
def test_a_key_is_closed_to_others_and_has_its_passphrase(tmp_path: Path, passphrase: str) -> None:
    path = Path(key(tmp_path, passphrase))
    assert path.stat().st_mode & 0o777 == 0o600
    made = load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    assert isinstance(made, ec.EllipticCurvePrivateKey)
    sign_itself(str(path), Subject(NAMES), passphrase, str(tmp_path / "certificate.pem"))
    certificate = x509.load_pem_x509_certificate((tmp_path / "certificate.pem").read_bytes())
    assert certificate.public_key() == made.public_key()
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=1)
    make_request(str(path), Subject(NAMES), passphrase, str(tmp_path / "request.pem"))


def test_a_wrong_passphrase_is_an_error_without_it(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed) as failed:
        make_request(key(tmp_path, "a passphrase"), Subject(NAMES), "canary", str(tmp_path / "request.pem"))
    assert "canary" not in failed.value.message + failed.value.cure
