# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of published manifests and their numbers."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.published_manifest import (
    Published,
    complete_pairs,
    index_name,
    manifest_name,
    parse_published,
    signature_name,
)
from hypothesis import given
from hypothesis import strategies as st


def test_the_names_are_the_documented_ones() -> None:
    assert manifest_name(17) == b"000017.mtree"
    assert signature_name(17) == b"000017.mtree.sig"
    assert manifest_name(1234567) == b"1234567.mtree"


@given(sequence=st.integers(1, 10**12 - 1))
def test_a_number_has_one_name(sequence: int) -> None:
    assert parse_published(manifest_name(sequence)) == Published(sequence, signature=False)
    assert parse_published(signature_name(sequence)) == Published(sequence, signature=True)
    assert parse_published(index_name(sequence, b".age")) == Published(sequence, signature=False, is_index=True)


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b"17.mtree",
        b"0000017.mtree",
        b"000000.mtree",
        b"000017.mtree.sig.sig",
        b"000017.mtree\n",
        b"000017.index",
        b"0000017.index.age",
        b".000017.mtree.part",
        b"-00017.mtree",
        b"1000000000000.mtree",
    ],
)
def test_other_names_have_no_number(name: bytes) -> None:
    assert parse_published(name) is None


def test_only_whole_pairs_count() -> None:
    names = [b"000003.mtree", b"000001.mtree", b"000002.mtree.sig", b"000001.mtree.sig", b"000003.mtree.sig", b"x"]
    assert complete_pairs(names) == [3, 1]
    assert complete_pairs([]) == []
