# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of a job."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.store import (
    Entry,
    ledger_text,
    noted,
    parse_ledger,
)

ENTRY = Entry("2026-01-01T00:00:00Z", "add", "no answer")


def test_there_and_back() -> None:
    entries = {"files2": ENTRY, "files1": ENTRY._replace(phase="remove")}
    assert parse_ledger(ledger_text(entries)) == entries
    assert ledger_text(entries).index(b"files1") < ledger_text(entries).index(b"files2")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{}", b'{"servers": []}', b'{"servers": {"a": 1}}', b'{"servers": {"a": {"since": "x"}}}'],
)
def test_an_unreadable_ledger_is_empty(content: bytes) -> None:
    assert parse_ledger(content) == {}


def test_a_server_keeps_the_time_of_its_first_entry() -> None:
    assert noted({}, "files1", "add", "no answer", 0.0) == Entry("1970-01-01T00:00:00Z", "add", "no answer")
    assert noted({"files1": ENTRY}, "files1", "remove", "refused", 0.0) == Entry(ENTRY.since, "remove", "refused")
