# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of the control connection as replies."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply, ReplyParser
from hypothesis import given
from hypothesis import strategies as st


def parsed(data: bytes, *, step: int = 0) -> list[Reply]:
    parser, found = ReplyParser(), []
    for at in range(0, len(data), step or len(data) or 1):
        parser.feed(data[at : at + (step or len(data))])
        reply = parser.next()
        while reply is not None:
            found.append(reply)
            reply = parser.next()
    assert parser.empty or not data.endswith(b"\n")
    return found


def test_one_line_and_several() -> None:
    data = b"220 hello\r\n211-Features:\r\n SIZE\r\n211-more\r\n211end\r\n211 End\r\n150\r\n"
    expected = [
        Reply(220, (b"hello",)),
        Reply(211, (b"Features:", b" SIZE", b"more", b"211end", b"End")),
        Reply(150, (b"",)),
    ]
    for step in (0, 1, 2, 7):
        assert parsed(data, step=step) == expected


def test_a_line_inside_may_begin_with_another_code() -> None:
    assert parsed(b"123-First\r\n234 A line\r\n123 Last\r\n") == [Reply(123, (b"First", b"234 A line", b"Last"))]


def test_line_feeds_alone_are_taken() -> None:
    assert parsed(b"200 a\n200 b\r\n") == [Reply(200, (b"a",)), Reply(200, (b"b",))]


@pytest.mark.parametrize(
    "data",
    [b"hello\r\n", b"\r\n", b"99 x\r\n", b"600 x\r\n", b"000 x\r\n", b"2200 x\r\n", b"-20 x\r\n", b"SSH-2.0-x\r\n"],
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="not an FTP reply"):
        parsed(data)


@pytest.mark.parametrize(
    "data", [b"220 a\0b\r\n", b"220 a\rb\r\n", b"220-a\r\n\0\r\n220 b\r\n", b"220 a\r\r\n", b"220 a\r250 b\r\n"]
)
def test_nul_and_bare_cr_break_the_protocol(data: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="bare CR or a NUL"):
        parsed(data)


def test_lines_and_replies_are_bounded() -> None:
    assert len(parsed(b"220 " + b"x" * 8000 + b"\r\n")) == 1
    for endless in (b"220 " + b"x" * 9000, b"220 " + b"x" * 9000 + b"\r\n"):
        with pytest.raises(ProtocolViolation, match="longer than 8192"):
            parsed(endless)
    with pytest.raises(ProtocolViolation, match="more than 1000 lines"):
        parsed(b"220-banner\r\n" * 1100)


def test_a_part_is_not_empty() -> None:
    parser = ReplyParser()
    for part in (b"22", b"0-x\r\n", b"more\r\n"):
        parser.feed(part)
        assert parser.next() is None
        assert not parser.empty
    parser.feed(b"220 x\r\n")
    assert parser.next() is not None
    assert parser.empty


@given(st.binary(max_size=300), st.integers(1, 50))
def test_arbitrary_bytes_give_replies_or_a_violation(data: bytes, step: int) -> None:
    with contextlib.suppress(ProtocolViolation):
        assert all(100 <= reply.code <= 599 and reply.text.isprintable() for reply in parsed(data, step=step))
