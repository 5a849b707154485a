# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of pairs: read as written, and nothing else."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    UnusableManifest,
    seal,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import (
    Pair,
    read_pairs,
    recipients_id,
    write_pairs,
)
from hypothesis import given
from hypothesis import strategies as st

ABOUT = b"0" * 64
PAIRS = {
    RelPath(b"a b\n"): Pair(3, b"\1" * 32, 203, b"\2" * 32, "0123456789abcdef"),
    RelPath(b"empty"): Pair(0, b"\3" * 32, 200, b"\4" * 32),
}


def test_pairs_are_read_as_written() -> None:
    text = write_pairs(PAIRS, ABOUT)
    assert read_pairs(text, ABOUT) == PAIRS
    assert b"a\\040b\\012 3 0101" in text


def test_a_changed_or_truncated_or_foreign_text_is_not_used() -> None:
    text = write_pairs(PAIRS, ABOUT)
    for wrong in (text[:-1], text[1:], text.replace(b" 203 ", b" 204 "), b""):
        with pytest.raises(UnusableManifest):
            read_pairs(wrong, ABOUT)
    with pytest.raises(UnusableManifest, match="another pair of trees"):
        read_pairs(text, b"1" * 64)


@given(at=st.integers(0, 500), new=st.binary(max_size=12), length=st.integers(0, 12))
def test_a_changed_text_with_a_seal_is_read_or_refused(at: int, new: bytes, length: int) -> None:
    body = write_pairs(PAIRS, ABOUT).split(b"# sha256")[0]
    try:
        read = read_pairs(seal(body[:at] + new + body[at + length :]), ABOUT)
    except UnusableManifest:
        return
    assert all(b".." not in path.split(b"/") and len(pair.digest) == 32 for path, pair in read.items())


@pytest.mark.parametrize("line", [b"../x 1 %s 2 %s -\n", b"x 1 %s 2 %s\n", b"x one %s 2 %s -\n"])
def test_a_malformed_line_is_refused_also_with_a_seal(line: bytes) -> None:
    head = write_pairs({}, ABOUT).split(b"# sha256")[0]
    with pytest.raises(UnusableManifest):
        read_pairs(seal(head + line % (b"0" * 64, b"1" * 64)), ABOUT)


def test_recipients_are_told_apart_by_16_digits() -> None:
    assert recipients_id("age 1") != recipients_id("age 2")
    assert len(recipients_id("age 1")) == 16
