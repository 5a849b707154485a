# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate contains the controller's values, regardless of the request."""

from __future__ import annotations

import base64
import datetime
import ipaddress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.authority import Authority, Place, open_authority
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.issuing import (
    RequestRefused,
    Subject,
    issued,
    public_key_of,
    still_good,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OURS = Subject(["files.example.com", "192.0.2.7"], "server", 90)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    place = Place(str(tmp_path_factory.mktemp("authority")), "of the authority", "ftps_server_ca")
    return open_authority(place, "FTPS servers", make=True)


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def request(key: Any, *extensions: Any, name: str = "victim.example.com", digest: Any = hashes.SHA256()) -> str:  # noqa: B008  # a value without state
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder(subject)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, digest).public_bytes(serialization.Encoding.PEM).decode()


def loaded(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


GREEDY = (
    x509.SubjectAlternativeName([x509.DNSName("victim.example.com")]),
    x509.BasicConstraints(ca=True, path_length=None),
    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.CODE_SIGNING]),
)


def test_a_greedy_request_gets_the_names_and_usages_of_the_controller(authority: Authority, key: Any) -> None:
    signed = loaded(issued(authority, public_key_of(request(key, *GREEDY)), OURS))
    found = {type(each.value): each.value for each in signed.extensions}
    assert signed.subject.rfc4514_string() == "CN=files.example.com"
    names = found[x509.SubjectAlternativeName]
    assert names.get_values_for_type(x509.DNSName) == ["files.example.com"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.0.2.7")]
    assert found[x509.BasicConstraints] == x509.BasicConstraints(ca=False, path_length=None)
    assert list(found[x509.ExtendedKeyUsage]) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert signed.public_key() == key.public_key()
    signed.verify_directly_issued_by(authority.certificate)
    days = signed.not_valid_after_utc - signed.not_valid_before_utc
    assert days == datetime.timedelta(days=90)


def test_a_client_gets_the_usage_of_clients(authority: Authority, key: Any) -> None:
    subject = Subject(["backup.example.com"], "client", 30)
    usage = loaded(issued(authority, key.public_key(), subject)).extensions.get_extension_for_class(
        x509.ExtendedKeyUsage
    )
    assert list(usage.value) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_certificate_ends_no_later_than_the_authority(authority: Authority, key: Any) -> None:
    signed = loaded(issued(authority, key.public_key(), Subject(["a"], "server", 36500)))
    assert signed.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_a_request_that_another_key_signed_is_refused(key: Any) -> None:
    own, other = request(key), request(ec.generate_private_key(ec.SECP256R1()))
    parts = [x509.load_pem_x509_csr(text.encode()) for text in (own, other)]
    public = [part.public_bytes(serialization.Encoding.DER) for part in parts]
    keys = [
        part.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        for part in parts
    ]
    forged = x509.load_der_x509_csr(public[0].replace(keys[0], keys[1]))
    with pytest.raises(RequestRefused, match="did not prove"):
        public_key_of(forged.public_bytes(serialization.Encoding.PEM).decode())


@pytest.mark.parametrize(
    "text", ["", "nothing", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END", "\udc80", "x" * 10**6]
)
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(RequestRefused, match="request of the host: cannot be read"):
        public_key_of(text)


def test_a_request_of_an_unknown_version_is_refused(key: Any) -> None:
    der = x509.load_pem_x509_csr(request(key).encode()).public_bytes(serialization.Encoding.DER)
    odd = base64.encodebytes(der.replace(b"\x02\x01\x00", b"\x02\x01\x05", 1)).decode()
    with pytest.raises(RequestRefused, match="request of the host: cannot be read: 5 is not a valid CSR version"):
        public_key_of(f"-----BEGIN CERTIFICATE REQUEST-----\n{odd}-----END CERTIFICATE REQUEST-----\n")


@pytest.mark.parametrize(
    "weak",
    [
        pytest.param(lambda: rsa.generate_private_key(65537, 1024), id="rsa-1024"),  # noqa: S505  # is refused
        pytest.param(lambda: dsa.generate_private_key(2048), id="dsa"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP192R1()), id="p192"),
    ],
)
def test_a_weak_key_is_refused(weak: Any) -> None:
    with pytest.raises(RequestRefused, match=r"its key is neither EC|cannot be read"):
        public_key_of(request(weak()))


def test_other_strong_keys_are_signed() -> None:
    public_key_of(request(rsa.generate_private_key(65537, 2048)))
    public_key_of(request(ed25519.Ed25519PrivateKey.generate(), digest=None))


def test_a_good_certificate_is_kept(authority: Authority, key: Any) -> None:
    assert still_good(issued(authority, key.public_key(), OURS), authority, key.public_key(), OURS)


@pytest.mark.parametrize(("authority_too", "kept"), [(None, True), (False, True), (True, False)])
def test_a_certificate_of_an_earlier_version_is_kept_unless_it_is_an_authority(
    authority: Authority, key: Any, authority_too: bool | None, kept: bool
) -> None:
    good = loaded(issued(authority, key.public_key(), OURS))
    builder = x509.CertificateBuilder(good.issuer, good.subject, good.public_key(), 7)
    builder = builder.not_valid_before(good.not_valid_before_utc).not_valid_after(good.not_valid_after_utc)
    for each in good.extensions:
        if not isinstance(each.value, x509.BasicConstraints):
            builder = builder.add_extension(each.value, each.critical)
    if authority_too is not None:
        builder = builder.add_extension(x509.BasicConstraints(authority_too, None), critical=True)
    pem = builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    assert still_good(pem, authority, key.public_key(), OURS) is kept


OTHERS = {
    "other names": Subject(["files.example.com"], "server", 90),
    "the names in another order": Subject(["192.0.2.7", "files.example.com"], "server", 90),
    "another usage": Subject(OURS.names, "client", 90),
    "fewer days": Subject(OURS.names, "server", 60),
    "more days, of which less than a third is left": Subject(OURS.names, "server", 300),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_certificate_that_says_something_else_is_not_kept(authority: Authority, key: Any, case: str) -> None:
    assert not still_good(issued(authority, key.public_key(), OURS), authority, key.public_key(), OTHERS[case])


def test_a_certificate_of_another_key_or_authority_is_not_kept(authority: Authority, key: Any, tmp_path: Path) -> None:
    other_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = open_authority(Place(str(tmp_path), "of another authority"), "FTPS servers", make=True)
    assert not still_good(issued(authority, other_key, OURS), authority, key.public_key(), OURS)
    assert not still_good(issued(other, key.public_key(), OURS), authority, key.public_key(), OURS)
    assert not still_good("nothing", authority, key.public_key(), OURS)


@pytest.mark.parametrize(
    "name", ["", "a b", "-x", "x" * 64, "ä.example", "*.*.example", "a..b", "a/b", "a\n", "a" + ".b" * 130]
)
def test_a_name_that_is_none_is_refused(authority: Authority, key: Any, name: str) -> None:
    with pytest.raises(InvalidRequest, match="is neither a host name nor an address"):
        issued(authority, key.public_key(), Subject(["files.example.com", name], "server", 90))


def test_a_name_that_is_too_long_for_a_common_name_is_an_alternative_name(authority: Authority, key: Any) -> None:
    name = ".".join(["long-label"] * 8)
    signed = loaded(issued(authority, key.public_key(), Subject([name], "server", 90)))
    assert signed.subject == x509.Name([])
    names = signed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert (names.critical, names.value.get_values_for_type(x509.DNSName)) == (True, [name])


def test_names_and_days_are_demanded() -> None:
    with pytest.raises(InvalidRequest, match="names: must not be empty"):
        Subject([], "server", 90)
    with pytest.raises(InvalidRequest, match="days: must be at least 1"):
        Subject(["a"], "server", 0)
