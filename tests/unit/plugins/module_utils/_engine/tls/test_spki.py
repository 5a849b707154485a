# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public key inside a certificate, against openssl's opinion."""

from __future__ import annotations

import base64
import hashlib
import subprocess

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.spki import (
    parse_pins,
    pin_of,
    public_key_info,
)
from hypothesis import given
from hypothesis import strategies as st
from support.servers.tls_authority import authority

CERTIFICATE = authority().server()
KINDS = ("rsa", "rsa3072", "ecdsa", "ed25519")


def openssl_pin(certificate: str) -> str:
    pem = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True
    ).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], check=True, capture_output=True, input=pem
    ).stdout
    return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_pin_is_what_openssl_computes(kind: str) -> None:
    certificate = authority().server(kind=kind)
    assert pin_of(certificate.der) == openssl_pin(str(certificate.chain))


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_by_value_error_alone(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        public_key_info(data)


@pytest.mark.parametrize("kind", ["ecdsa", "ed25519"])
def test_every_cut_is_refused(kind: str) -> None:
    der = authority().server(kind=kind).der
    for length in range(len(der)):
        with pytest.raises(ValueError, match=r"."):
            public_key_info(der[:length])
    with pytest.raises(ValueError, match="trailing bytes"):
        public_key_info(der + b"\0")


@given(st.data())
def test_a_changed_byte_raises_nothing_else(data: st.DataObject) -> None:
    der = bytearray(CERTIFICATE.der)
    at = data.draw(st.integers(0, len(der) - 1))
    der[at] ^= data.draw(st.integers(1, 255))
    try:
        found = public_key_info(bytes(der))
    except ValueError:
        return
    assert found in bytes(der)


@pytest.mark.parametrize(
    "header", ["3080", "3084000000ff", "308100", "30817f", "30850000000001", "", "3181ff", "30820001"]
)
def test_lengths_that_der_forbids_are_refused(header: str) -> None:
    with pytest.raises(ValueError, match="byte 0"):
        public_key_info(bytes.fromhex(header) + bytes(300))


def test_pins_have_one_spelling() -> None:
    pin = "sha256//" + base64.b64encode(bytes(range(32))).decode()
    assert parse_pins([pin, pin]) == {pin}
    assert parse_pins([]) == frozenset()


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "sha256//",
        "sha256//AAAA",
        "sha1//" + "A" * 43 + "=",
        "SHA256:" + "A" * 43,
        "sha256//é",
        "sha256//" + "A" * 43,
    ],
)
def test_what_is_no_pin_is_refused(pin: str) -> None:
    with pytest.raises(InvalidRequest, match="tls_pins: ") as caught:
        parse_pins([pin])
    assert "openssl" in caught.value.cure
