# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in the comment of a pin."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts import (
    Validity,
    in_comment,
    limits_in,
    parse_moment,
    validity_of,
)
from hypothesis import given
from hypothesis import strategies as st

MOMENTS = st.none() | st.integers(0, 250_000_000_000)
WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters=" \t\n\r"), min_size=1), max_size=4)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01", 0),
        ("1970-01-02T00:00:01Z", 86401),
        ("1970-01-02 00:00:01+00:00", 86401),
        ("2026-12-31T23:59:59Z", 1798761599),
    ],
)
def test_a_moment_is_read(text: str, moment: int) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01", "2026-12-31T23:59:59", "2026-12-31T23:59:59+01:00", "2026-1-1", "2026-02-30"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|day"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("validity", "phase", "counts"),
    [
        (Validity(), "active", True),
        (Validity(valid_from=100), "active", True),
        (Validity(valid_from=101), "next", False),
        (Validity(valid_until=101), "retiring", True),
        (Validity(valid_until=100), "expired", False),
        (Validity(50, 150), "retiring", True),
        (Validity(readable=False), "expired", False),
    ],
)
def test_the_phase_at_second_100(validity: Validity, phase: str, *, counts: bool) -> None:
    assert (validity.phase(100), validity.counts(100)) == (phase, counts)


@given(WORDS, MOMENTS, MOMENTS)
def test_a_comment_carries_what_it_was_given(words: list[str], start: int | None, end: int | None) -> None:
    comment = in_comment(" ".join(words), Validity())
    written = in_comment(comment, Validity(start, end))
    assert validity_of(written) == Validity(start, end)
    assert in_comment(written, Validity()) == comment, "the rest stays"
    assert in_comment(written, Validity(start, end)) == written
    assert (limits_in(written) == "") == (start is None and end is None)


def test_the_narrower_of_two_limits_counts() -> None:
    comment = "secure_sync:valid_until=2026-01-02 x secure_sync:valid_until=2026-01-01"
    assert validity_of(comment).valid_until == parse_moment("2026-01-01")


@pytest.mark.parametrize("comment", ["secure_sync:valid_until=soon", "a secure_sync:valid_from= b"])
def test_what_cannot_be_read_does_not_count(comment: str) -> None:
    assert validity_of(comment).phase(0) == "expired"


def test_a_word_that_only_ends_like_ours_is_a_comment() -> None:
    assert validity_of("xsecure_sync:valid_until=1970-01-01") == Validity()


@given(st.integers(0, 250_000_000_000))
def test_what_is_shown_is_read(moment: int) -> None:
    assert parse_moment(utc(moment)) == moment
