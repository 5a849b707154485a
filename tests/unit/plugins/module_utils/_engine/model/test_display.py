# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted paths and texts are printable."""

from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.display import (
    display,
    display_text,
    plain,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"plain/name", "plain/name"),
        ("\u00e9".encode(), "\u00e9"),
        (b"\xe9", r"\xe9"),
        (b"a\\xe9", r"a\\xe9"),
        (b"\x1b[2J\n", r"\x1b[2J\x0a"),
        ("\u202etxt.exe".encode(), r"\u202etxt.exe"),
        ("\U000e0001".encode(), r"\U000e0001"),
    ],
)
def test_what_is_shown(path: bytes, shown: str) -> None:
    assert display(path) == shown


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_nothing_shown_steers_a_terminal_and_no_two_look_the_same(one: bytes, other: bytes) -> None:
    assert display(one).isprintable()
    assert (display(one) == display(other)) is (one == other)


def test_text_is_displayed_as_its_bytes() -> None:
    for raw in (b"plain", "ä".encode(), b"\xff\x1b[31m", b"a\\b"):
        assert display_text(raw.decode("utf-8", "surrogateescape")) == display(raw)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, ä and 漢", "plain words, ä and 漢"),
        ("a\\x1b", "a\\x1b"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\0\x7f", "a\\x0ab\\x00\\x7f"),
        ("\u202egnp", "\\u202egnp"),
        ("\x9b", "\\u009b"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters(codec=None), max_size=30))
def test_plain_is_always_safe_to_print_and_to_send(text: str) -> None:
    assert plain(text).isprintable()
    assert json.loads(json.dumps(plain(text)).encode("utf-8")) == plain(text)
