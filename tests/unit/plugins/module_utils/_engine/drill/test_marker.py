# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marker of a drill is read as it was written; anything else is no marker."""

from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.scratch import (
    Marker,
    Waiting,
    format_marker,
    parse_marker,
)

MARKER = Marker({"job": "quarterly", "phases": {"connect": 3}}, "transfer", made=True)


@pytest.mark.parametrize("marker", [MARKER, MARKER._replace(waiting=Waiting("h" * 16, 12.5, 1700000000))])
def test_it_is_read_as_it_was_written(marker: Marker) -> None:
    assert parse_marker(format_marker(marker, "s"), "s") == marker
    assert parse_marker(format_marker(marker, "s"), "t") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100000,
        json.dumps({**json.loads(format_marker(MARKER, "s")), "format": 1}).encode(),
        json.dumps({**json.loads(format_marker(MARKER, "s")), "more": 1}).encode(),
        json.dumps({**json.loads(format_marker(MARKER, "s")), "waiting": {"host": 1}}).encode(),
        json.dumps({**json.loads(format_marker(MARKER, "s")), "fields": {}}).encode(),
        format_marker(MARKER, "s")[:-1],
    ],
)
def test_anything_else_is_no_marker(content: bytes) -> None:
    assert parse_marker(content, "s") is None
