# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that name accounts."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import (
    hashes_in,
    is_listed,
    with_account,
    without_account,
)

CONTENT = b"# partner\npartner2\npartner:$6$a\nother"


def test_the_lines_of_an_account_alone() -> None:
    assert without_account(CONTENT, "partner") == b"# partner\npartner2\nother\n"
    assert without_account(CONTENT, "absent") == CONTENT
    assert hashes_in(CONTENT, "partner") == ("$6$a",)
    assert hashes_in(CONTENT, "other") == ()


@pytest.mark.parametrize(("account", "there"), [("partner", True), ("other", True), ("part", False)])
def test_an_account_is_added_once(account: str, there: bool) -> None:
    assert is_listed(CONTENT, account) is there
    added = with_account(CONTENT, account)
    assert is_listed(added, account)
    assert (added == CONTENT) is there


def test_an_empty_file() -> None:
    assert with_account(b"", "partner") == b"partner\n"
    assert without_account(b"", "partner") == b""
