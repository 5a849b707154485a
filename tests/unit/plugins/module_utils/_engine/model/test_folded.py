# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"readme", b"README"),
        ("é".encode(), "e\u0301".encode()),
        ("É".encode(), "e\u0301".encode()),
        (b"i", "\u0130".encode()),
        (b"I", "\u0131".encode()),
        ("ß".encode(), b"SS"),
        ("\u212a".encode(), b"k"),
        ("Σ".encode(), "ς".encode()),
        (b"a.", b"A"),
        (b"a ", b"a"),
        (b"A\xff", b"a\xff"),
        (b"a:b?", b"A_b_"),
        ("a\uff1fb".encode(), b"a_b"),
        (b"a\x01b", "A\u2401b".encode()),
        ("a\u200d\ufe0f".encode(), b"a"),
        (b"a\xfe\xe2\x82", b"a\xff\xf0\x9f"),
        (b"a\xfe", "a\ufffd".encode()),
    ],
)
def test_the_folded_form_is_the_same_for_names_that_some_end_folds(one: bytes, other: bytes) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize("name", [b"a", b"b", b"\xff", b".", b"..", b"...", b" ", "é".encode(), b"e"])
def test_other_names_have_other_forms(name: bytes) -> None:
    assert [other for other in (b"a", b"b", b"\xff", "é".encode(), b"e") if folded(other) == folded(name)] in (
        [name],
        [],
    )
    assert folded(name)
