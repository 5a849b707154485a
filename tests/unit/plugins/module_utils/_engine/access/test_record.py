# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a closed account."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.login_state import LoginState
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.record import (
    CLOSED,
    OPEN,
    OPENING,
    Found,
    Record,
    closed_record,
    format_record,
    parse_record,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed

FIRST = Found(LoginState("$6$a", ""), ("key 1",), ("$6$b",), listed=True)
LATER = Found(LoginState("!$6$c", "1"), ("key 1", "key 2"), (), listed=False)
RECORD = Record(CLOSED, ("key 1",), ("$6$a", "$6$b"), "$6$a", "", listed=True)


def test_the_first_closing() -> None:
    assert closed_record(None, FIRST) == RECORD


def test_a_closed_account_keeps_its_record() -> None:
    assert closed_record(RECORD, LATER) == RECORD


def test_a_run_that_was_killed_while_it_opened_the_account() -> None:
    """The former state is that from before; all keys and passwords since then are compromised."""
    found = closed_record(RECORD._replace(state=OPENING), LATER)
    assert found == RECORD._replace(keys=("key 1", "key 2"), hashes=("$6$a", "$6$b", "$6$c"))


def test_an_account_that_was_open_again() -> None:
    found = closed_record(RECORD._replace(state=OPEN), LATER)
    assert (found.keys, found.hashes) == (("key 1", "key 2"), ("$6$a", "$6$b", "$6$c"))
    assert (found.former, found.listed) == (LATER.login, False)


def test_the_text() -> None:
    assert parse_record(format_record(RECORD), "/x") == RECORD
    assert parse_record("", "/x") is None
    for text in ("x", "[]", "{}"):
        with pytest.raises(OperationFailed, match="/x: is not the record"):
            parse_record(text, "/x")
