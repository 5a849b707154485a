# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known values are found in every form, wherever in a stream they are, each line once."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.known_values import (
    KnownValues,
    Value,
)
from hypothesis import given
from hypothesis import strategies as st

SECRET = 'pa"ss/wö+rd\\1'
RAW = SECRET.encode()
KEY = (
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\nshort\n"
    "-----END OPENSSH PRIVATE KEY-----\n"
)


def hits(data: bytes, *texts: str, block: int = 1 << 20) -> list[tuple[str, int, str]]:
    known = KnownValues([Value(f"v{number}", text) for number, text in enumerate(texts, 1)])
    blocks = [data[start : start + block] for start in range(0, len(data), block)]
    return [(hit.value.name, hit.line, hit.form) for hit in known.hits(blocks)]


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("plain", RAW),
        ("JSON", json.dumps(SECRET).encode()),
        ("Python", repr(SECRET).encode()),
        ("percent-encoded", quote(RAW, safe="").encode()),
        ("hexadecimal", RAW.hex().encode()),
        ("hexadecimal", RAW.hex().upper().encode()),
        ("BASE64", base64.b64encode(RAW)),
        ("BASE64", base64.b64encode(b"x" + RAW + b"yz")),
        ("BASE64", base64.b64encode(b"xy" + RAW + b"z")),
        ("BASE64", base64.urlsafe_b64encode(b"user:" + RAW)),
    ],
)
def test_each_form(form: str, data: bytes) -> None:
    assert hits(b"first\n before " + data + b" after\n", SECRET) == [("v1", 2, form)]


@given(st.integers(1, 40), st.integers(0, 60))
def test_a_value_is_found_across_blocks_of_any_size(block: int, before: int) -> None:
    data = b"\n" * before + b"canary-4471\n\nx canary-4471 canary-4471"
    wanted = [("v1", before + 1, "plain"), ("v1", before + 3, "plain")]
    assert hits(data, "canary-4471", block=block) == wanted


def test_one_value_within_another() -> None:
    assert hits(b"longsecret99", "longsecret99", "secret99") == [("v1", 1, "plain"), ("v2", 1, "plain")]


def test_each_long_line_of_a_private_key_is_sought() -> None:
    assert hits(KEY.encode(), KEY) == [("v1", 2, "plain")]
    assert hits(b"-----BEGIN OPENSSH PRIVATE KEY-----\nshort\n", KEY) == []


def test_a_short_value_is_named_and_not_sought() -> None:
    known = KnownValues([Value("pin", "12345"), Value("long", " 123456 ")])
    assert (known.too_short, known.count) == (["pin"], 1)
    assert [hit.value.name for hit in known.hits([b"12345 123456"])] == ["long"]


def test_without_values_nothing_is_found() -> None:
    assert hits(b"anything\n") == []
