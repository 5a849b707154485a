# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our lines at the head of a file, and the other lines that stay."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.marked_block import (
    BEGIN,
    END,
    block_of,
    with_block,
)

OTHERS = "# PAM configuration\n@include common-auth\n"


@pytest.mark.parametrize("others", ["", OTHERS, "no line feed"])
def test_a_block_comes_and_goes_and_other_lines_stay(others: str) -> None:
    first = with_block("f", others, "auth a\n")
    assert first == f"{BEGIN}\nauth a\n{END}\n{others}"
    assert with_block("f", first, "auth a") == first
    assert block_of("f", first) == "auth a\n"
    second = with_block("f", first, "auth b\nauth c\n")
    assert second is not None
    assert block_of("f", second) == "auth b\nauth c\n"
    assert with_block("f", second, "none\n") == others


def test_a_block_returns_to_the_head() -> None:
    text = f"{OTHERS}{BEGIN}\nauth a\n{END}\n"
    assert block_of("f", text) == ""
    assert with_block("f", text, "auth a\n") == f"{BEGIN}\nauth a\n{END}\n{OTHERS}"


def test_no_file_is_made_without_a_block() -> None:
    assert with_block("f", None, "none") is None
    with pytest.raises(InvalidRequest, match="f: does not exist"):
        with_block("f", None, "auth a\n")


@pytest.mark.parametrize(
    "text",
    [f"{BEGIN}\nauth a\n", f"{END}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n", f"{BEGIN}\n{END}\n" * 2],
)
def test_marks_that_do_not_belong_together(text: str) -> None:
    with pytest.raises(InvalidRequest, match="f: the marks"):
        with_block("f", text, "auth b\n")
