# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports from 229 and 227."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.data_connection import port_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("code", "text", "port"),
    [
        (229, b"Entering Extended Passive Mode (|||6446|)", 6446),
        (229, b"Extended Passive mode OK (!!!65535!)", 65535),
        (227, b"Entering Passive Mode (127,0,0,1,78,33).", 78 * 256 + 33),
        (227, b"Entering Passive Mode 10,0,0,1,0,21", 21),
        (227, b"Entering Passive Mode (169,254,169,254,0,80)", 80),
        (227, b"Entering Passive Mode (10,0,0,1,255,255)", 65535),
    ],
)
def test_ports(code: int, text: bytes, port: int) -> None:
    assert port_of(Reply(code, (text,))) == port


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (229, b"(|||0|)"),
        (229, b"(|||65536|)"),
        (229, b"(|1|10.0.0.1|80|)"),
        (229, b"(||||)"),
        (229, b"(|||80!)"),
        (229, b"Entering Passive Mode (127,0,0,1,78,33)"),
        (227, b"(127,0,0,1,0,0)"),
        (227, b"(127,0,0,1,256,1)"),
        (227, b"(127,0,0,1,1,256)"),
        (227, b"(127,0,0,1,1)"),
        (227, b"nothing"),
    ],
)
def test_no_port(code: int, text: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="has no port"):
        port_of(Reply(code, (text,)))


@given(st.sampled_from([227, 229]), st.binary(max_size=60))
def test_arbitrary_bytes(code: int, text: bytes) -> None:
    with contextlib.suppress(ProtocolViolation):
        assert 1 <= port_of(Reply(code, (text,))) <= 65535
