# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments of a watch, and those that count."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.judgement import (
    ACCEPTED,
    ENDED,
    FAILED,
    REFUSED,
    SESSION,
    Moment,
    Seen,
    format_moment,
    parse,
    seen,
)

OPEN = [Moment(SESSION, 1.0, 1.2), Moment(ACCEPTED, 1.0, 1.3), Moment(ACCEPTED, 2.0, 2.3)]
CLOSED = [Moment(REFUSED, 3.0, 3.4, "authentication_failed"), Moment(ENDED, 1.0, 3.6, "connection_lost")]


def test_a_file_has_the_moments_that_were_written() -> None:
    assert parse(b"".join(map(format_moment, OPEN + CLOSED))) == OPEN + CLOSED


@pytest.mark.parametrize(
    "line",
    [b"", b"x", b"[]", b'{"kind": "session"}', b'{"kind": "other", "began": 1, "at": 2}', b"[" * 100_000,
     b'{"kind": "refused", "began": "1", "at": 2}', b'{"kind": "refused", "began": 1, "at": true}'],
)  # fmt: skip
def test_a_line_that_is_no_moment_is_left_out(line: bytes) -> None:
    assert parse(line + b"\n" + format_moment(OPEN[0])) == [OPEN[0]]


def test_a_line_that_is_still_written_is_left_out() -> None:
    assert parse(format_moment(OPEN[0]) + format_moment(OPEN[1])[:-1]) == [OPEN[0]]


def test_open_needs_a_session_and_a_login() -> None:
    assert seen(OPEN).is_open
    assert not seen(OPEN[:1]).is_open
    assert not seen(OPEN[1:]).is_open
    assert not seen([*OPEN, CLOSED[0]]).is_open
    assert not seen([*OPEN, CLOSED[1]]).is_open


def test_over_needs_a_refusal_and_the_end_of_the_session() -> None:
    assert seen(OPEN + CLOSED) == Seen(1.2, 2.0, 3.4, 3.6)
    assert seen(OPEN + CLOSED).is_over
    assert not seen([*OPEN, CLOSED[0]]).is_over
    assert not seen([*OPEN, CLOSED[1]]).is_over


def test_moments_after_the_change_of_the_keys_do_not_count() -> None:
    assert seen(OPEN + CLOSED, until=3.5) == Seen(1.2, 2.0, 3.4, None)


def test_the_first_refusal_counts_and_the_last_code() -> None:
    again = [*OPEN, *CLOSED, Moment(REFUSED, 5.0, 5.1), Moment(FAILED, 5.0, 5.2, "connection_failed")]
    assert seen(again) == Seen(1.2, 2.0, 3.4, 3.6, "connection_failed")
