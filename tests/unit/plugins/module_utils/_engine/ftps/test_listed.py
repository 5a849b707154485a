# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as FTP writes them."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import (
    SECOND,
    parse_time,
    render_time,
)
from hypothesis import given
from hypothesis import strategies as st


def test_known_times() -> None:
    assert parse_time(b"19700101000000") == 0
    assert parse_time(b"20260131120000") == 1_769_860_800 * SECOND
    assert parse_time(b"20260131120000.5") == 1_769_860_800 * SECOND + SECOND // 2
    assert parse_time(b"20260131120000.1234567899") == 1_769_860_800 * SECOND + 123_456_789
    assert parse_time(b"20161231235960") == parse_time(b"20161231235959")
    assert render_time(1_769_860_800 * SECOND + 999_999_999) == b"20260131120000"
    assert render_time(-1) == b"19691231235959"


@given(st.integers(-60_000_000_000, 250_000_000_000))
def test_what_is_rendered_is_read_again(seconds: int) -> None:
    assert parse_time(render_time(seconds * SECOND)) == seconds * SECOND


@pytest.mark.parametrize(
    "text", [b"", b"2026013112000", b"202601311200000", b"20260231120000", b"20261331120000", b"20260131120000.", b"-"]
)
def test_what_is_no_time_is_refused(text: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="cannot be parsed"):
        parse_time(text)
