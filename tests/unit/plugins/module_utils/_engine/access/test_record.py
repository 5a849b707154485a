# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a closed account."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.record import (
    CLOSED,
    CLOSING,
    OPEN,
    OPENING,
    Found,
    Record,
    begun_record,
    format_record,
    parse_record,
    with_keys,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.login_state import LoginState

FIRST = Found(LoginState("$6$a", ""), ("$6$b",), listed=True)
SHUT = Found(LoginState("!$6$c", "1"), (), listed=False)
AGAIN = Found(LoginState("$6$c", ""), (), listed=False)
RECORD = Record(CLOSED, ("key 1",), ("$6$a", "$6$b"), "$6$a", "", listed=True, complete=True)
BEGUN = RECORD._replace(state=CLOSING, complete=False)


def test_the_first_closing() -> None:
    begun = begun_record(None, FIRST)
    assert begun == BEGUN._replace(keys=())
    assert with_keys(begun, ["key 1", "key 1"]) == RECORD._replace(complete=False)


def test_an_account_that_is_still_closed_keeps_its_record() -> None:
    """Keys and passwords that came later are those that an administrator prepared."""
    assert begun_record(RECORD, SHUT) == RECORD
    assert begun_record(RECORD, Found(LoginState("$6$new", "1"), ("$6$new2",), listed=True)) == RECORD
    assert with_keys(RECORD, ["key 2"]) == RECORD


def test_an_account_that_was_opened_by_hand() -> None:
    """Its keys and passwords since then are compromised too."""
    begun = begun_record(RECORD, AGAIN)
    assert begun == BEGUN._replace(hashes=("$6$a", "$6$b", "$6$c"), password="$6$c")
    assert with_keys(begun, ["key 2"]).keys == ("key 1", "key 2")


@pytest.mark.parametrize("state", [CLOSING, OPENING])
def test_a_run_that_was_killed(state: str) -> None:
    """The former state is that from before; all keys and passwords since then are compromised."""
    begun = begun_record(RECORD._replace(state=state), SHUT)
    assert begun == BEGUN._replace(hashes=("$6$a", "$6$b", "$6$c"))
    assert begun_record(RECORD._replace(state=state), AGAIN).former == AGAIN.login


def test_an_account_that_was_open_again() -> None:
    begun = begun_record(RECORD._replace(state=OPEN), SHUT)
    assert (begun.keys, begun.hashes, begun.complete) == (("key 1",), ("$6$a", "$6$b", "$6$c"), False)
    assert (begun.former, begun.listed) == (SHUT.login, False)


def test_the_text() -> None:
    assert parse_record(format_record(RECORD), "/x") == RECORD
    assert parse_record("", "/x") is None
    for text in ("x", "[]", "{}", format_record(RECORD._replace(state="shut"))):
        with pytest.raises(OperationFailed, match="/x: is not the record"):
            parse_record(text, "/x")
