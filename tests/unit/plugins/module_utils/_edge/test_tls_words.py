# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins, cipher lists and file names, good and bad."""

from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import tls_words
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from hypothesis import given
from hypothesis import strategies as st

PIN = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@given(st.binary())
def test_every_digest_is_a_pin(data: bytes) -> None:
    text = "sha256//" + base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert tls_words.pin("tls_pins", text) == tls_words.pin("tls_pins", f" {text}\n") == text


@given(st.text())
def test_no_other_text_is_a_pin(text: str) -> None:
    for each in (text, "sha256//" + text):
        with pytest.raises(InvalidRequest) as caught:
            tls_words.pin("tls_pins", each)
        assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "",
        PIN.removeprefix("sha256//"),
        PIN.replace("sha256//", "SHA256//"),
        PIN.replace("sha256//", "sha256/"),
        PIN.replace("sha256//", "sha1//"),
        PIN.rstrip("="),
        PIN[:-2] + "V=",  # the same digest, another text
        PIN + "=",
        PIN.replace("+", "-"),
        f"{PIN};{PIN}",
        "sha256//" + base64.b64encode(bytes(20)).decode(),
        "sha256//" + base64.b64encode(bytes(33)).decode(),
        "sha256//" + hashlib.sha256(b"").hexdigest(),
        "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGlp2G3Vp0hTpKYLFUc",
    ],
)
def test_bad_pin(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^tls_pins: .* is not a pin$") as caught:
        tls_words.pin("tls_pins", text)
    assert "sha256//" in caught.value.cure


@pytest.mark.parametrize(
    "text",
    [
        None,
        "DEFAULT",
        "HIGH:!aNULL:!eNULL",
        "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!MD5:!3DES:!RC4",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE+AESGCM,DHE+AESGCM",
        "ECDHE+AESGCM:@STRENGTH:@SECLEVEL=2",
        "DEFAULT:-SHA1",
    ],
)
def test_ciphers(text: str | None) -> None:
    assert tls_words.ciphers("tls_ciphers", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "NULL",
        "aNULL",
        "ENULL",
        "ALL",
        "ALL:eNULL",
        "ALL:!aNULL:eNULL",
        "COMPLEMENTOFALL",
        "COMPLEMENTOFDEFAULT",
        "ADH-AES256-SHA",
        "AECDH",
        "kEDH+ADH",
        "EXPORT",
        "EXPORT40",
        "EXP-RC4-MD5",
        "LOW",
        "RC4",
        "RC4-SHA",
        "RSA+RC4",
        "MD5",
        "NULL-MD5",
        "DES",
        "3DES",
        "DES-CBC3-SHA",
        "ECDHE-RSA-DES-CBC3-SHA",
        "ECDHE-ECDSA-NULL-SHA",
        "ECDHE",  # it has suites without encryption
        "HIGH",  # it has suites without a certificate
        "DEFAULT@SECLEVEL=0",
        "DEFAULT:@SECLEVEL=0",
        "DEFAULT:@seclevel=0",
        "ECDHE+AESGCM RC4",
        "ECDHE+AESGCM,RC4",
        "ECDHE+AESGCM:+RC4",
    ],
)
def test_weak_ciphers_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^tls_ciphers: .* is refused: ") as caught:
        tls_words.ciphers("tls_ciphers", text)
    assert caught.value.cure


@pytest.mark.parametrize("text", ["", " ", "no-such-cipher", "TLS_AES", "ECDHE\n", "ECDHE\0", "$(id)", "ECDHE;RC4"])
def test_what_is_no_cipher_list(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^tls_ciphers: ") as caught:
        tls_words.ciphers("tls_ciphers", text)
    assert caught.value.message.isprintable()
    assert caught.value.cure


@given(st.text(st.sampled_from("ALRCDHENUS45:!+-@=0 ,")))
def test_a_list_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidRequest):
        assert tls_words.ciphers("tls_ciphers", text) == text


@pytest.mark.parametrize("path", [None, "/etc/ssl/ca.pem", "ca file.pem", "/srv/\u00e4.pem"])
def test_file(path: str | None) -> None:
    assert tls_words.file("ca_file", path) == path


@pytest.mark.parametrize("path", ["", "/a\n", "/a\0b", "/\x1b[2J", "/\u202ea"])
def test_bad_file(path: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^ca_file: .* is not a file name$") as caught:
        tls_words.file("ca_file", path)
    assert caught.value.message.isprintable()
