# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict JSON: texts that readers understand differently are refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.strict_json import parse
from hypothesis import given
from hypothesis import strategies as st


def test_a_value_is_returned() -> None:
    assert parse('{"a": [1, 2.5, "é", true, null]}'.encode()) == {"a": [1, 2.5, "é", True, None]}


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (b"", "is not JSON: Expecting value in line 1, column 1"),
        (b'{"a": 1,}', "is not JSON: "),
        (b'{"a": 1, "a": 2}', "has the name 'a' twice"),
        (b'{"a": {"b": 1, "b": 1}}', "has the name 'b' twice"),
        (b"[NaN]", "has the value NaN"),
        (b"[-Infinity]", "has the value -Infinity"),
        (b'"\xff"', "is not UTF-8"),
        (rb'"\ud800"', "half of a surrogate pair"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"\xef\xbb\xbf{}", "is not JSON: "),
    ],
)
def test_other_texts_are_refused(text: bytes, fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        parse(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_an_error(text: bytes) -> None:
    with suppress(ValueError):
        parse(text)
