# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of TLS keys in a file."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    PinExpired,
    TrustStoreUnreadable,
    UnknownHost,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import (
    EXACT,
    TLS_FORM,
    Pin,
    TlsKey,
    WantedPins,
    parse_tls_key,
    tls_name,
    tls_pins_for,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.plan import plan_pins
from hypothesis import given
from hypothesis import strategies as st

ONE, TWO = TlsKey(b"1" * 32), TlsKey(b"2" * 32)
NAME = tls_name("FTP.example", 21)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_its_text(digest: bytes) -> None:
    assert parse_tls_key(TlsKey(digest).text) == TlsKey(digest)


@given(st.text() | st.text("AQgw/+=", min_size=40, max_size=46).map("sha256//".__add__))
def test_any_text_is_a_key_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_tls_key(text).text == text


@given(st.binary(), st.sampled_from([ONE, TWO]))
def test_any_bytes_are_a_file(content: bytes, key: TlsKey) -> None:
    wish = WantedPins(NAME, EXACT, (Pin("", key),), form=TLS_FORM)
    plan = plan_pins(content, wish, 0)
    assert plan.content.startswith(content)
    assert plan_pins(plan.content, wish, 0).changes == ()


def pins(directory: Path, text: str, port: int = 21) -> tuple[str, ...]:
    """Return the pins of the server in a file with this text."""
    (directory / "pins").write_text(text)
    return tls_pins_for(str(directory / "pins"), "ftp.EXAMPLE", port)


def test_what_counts_is_given(tmp_path: Path) -> None:
    text = f"# x\n{NAME} {ONE.text} a\n[*.example]:21 {TWO.text}\n[ftp.example]:990 {ONE.text}\n"
    assert pins(tmp_path, text) == (ONE.text, TWO.text)
    assert pins(tmp_path, text, 990) == (ONE.text,)
    assert pins(tmp_path, f"{text}{NAME} {TWO.text} secure_sync:valid_until=2000-01-01") == (ONE.text, TWO.text)


@pytest.mark.parametrize("text", ["", "[other]:21 {}", "ftp.example {}", "#[ftp.example]:21 {}", "[ftp.example]:2 {}"])
def test_an_unknown_server_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnknownHost, match="no pin"):
        pins(tmp_path, text.format(ONE.text))


def test_an_expired_pin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PinExpired):
        pins(tmp_path, f"{NAME} {ONE.text} secure_sync:valid_until=2000-01-01")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrustStoreUnreadable):
        tls_pins_for(str(tmp_path / "none"), "a", 21)
    with pytest.raises(TrustStoreUnreadable, match=f'"{Path.cwd()}/none": No such file'):
        tls_pins_for("none", "a", 21)
