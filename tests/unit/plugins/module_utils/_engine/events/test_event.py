# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DENIED,
    DOWNLOAD,
    FAILURE,
    FTP,
    LOGIN,
    LOGIN_FAILED,
    RENAME,
    SESSION_SUMMARY,
    SSH,
    UNKNOWN,
    UPLOAD,
    Alert,
    Event,
    Summary,
    line_of,
    read_line,
)
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).parents[6] / "docs/event.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
KEY = "SHA256:" + "A" * 43
EVENTS = [
    Event(1.5, LOGIN, account="partner", address="192.0.2.7", protocol=SSH, key=KEY, session="s1", cursor="s=1;i=2"),
    Event(1.5, LOGIN, account="alice", protocol=SSH, factors=("publickey", "keyboard-interactive/pam")),
    Event(2.0, LOGIN_FAILED, FAILURE, account="root", address="2001:db8::1", protocol=SSH, reason="invalid user"),
    Event(3.0, UPLOAD, account="partner", path=b"/in/a", old_path=b"/in/.tmp", received=0),
    Event(3.0, DOWNLOAD, path=b"/in/a", sent=10**15, protocol=FTP),
    Event(3.0, UPLOAD, path=b"/in/.tmp", received=3, temporary=True),
    Event(3.0, RENAME, path=b"c d", old_path=b"a b", ambiguous=True, protocol=FTP),
    Event(3.0, DELETE, UNKNOWN, path=b'/"\n\xff\\'),
    Event(3.0, DENIED, FAILURE, path=b"/x", reason="Permission denied"),
    Event(9.25, SESSION_SUMMARY, account="partner", received=7, summary=Summary(2.0, 1, 2, 3, 4, 5, 6, 7)),
    Event(9.0, DELETE, path=b"/a", alert=Alert("mass_delete", "900 files", "at most 20 files", 28, 0)),
    Event(9.0, "log_silent", alert=Alert("log_silent", "no line for 3 h", "a line")),
]


def record_of(event: Event) -> Any:
    return json.loads(line_of(event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.action)
def test_every_event_meets_the_schema_and_is_read_back(event: Event) -> None:
    VALIDATOR.validate(record_of(event))
    assert read_line(line_of(event)) == event


@given(path=st.binary(min_size=1, max_size=40))
def test_any_name_stays_in_its_line_and_is_read_back(path: bytes) -> None:
    event = Event(3.0, RENAME, path=path, old_path=path + b"x")
    line = line_of(event)
    assert line.isascii()
    assert line.index(b"\n") == len(line) - 1
    VALIDATOR.validate(json.loads(line))
    assert read_line(line) == event


def test_a_session_has_its_bytes_even_if_they_are_zero() -> None:
    record = record_of(Event(9.0, SESSION_SUMMARY, summary=Summary(10.0)))
    assert record["source"] == record["destination"] == {"bytes": 0}
    assert record["event"]["duration"] == 0, "the clock was set back"


def test_a_known_name_is_shown_once() -> None:
    assert record_of(Event(3.0, DELETE, path="/ä b".encode()))["file"] == {"path": "/ä b"}
    assert record_of(Event(3.0, DELETE, path=b"/\n"))["file"] == {"path": "/\\x0a", "path_escaped": "/\\012"}


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"1", b'{"event": 1}', b"\xff", b'{"@timestamp": "x"}'])
def test_other_lines_are_no_events(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"not an event|does not match|Expecting|decode"):
        read_line(line)


@pytest.mark.parametrize(
    "record",
    [
        {"event": {"kind": "alert"}},
        {"event": {"action": "session_summary"}},
        {"event": {"outcome": "maybe"}},
        {"source": {"ip": "evil"}},
        {"rule": {"id": "volume_hour"}},
        {"other": {}},
    ],
)
def test_the_schema_refuses_other_records(record: dict[str, Any]) -> None:
    whole = record_of(EVENTS[0])
    for name, value in record.items():
        whole[name] = {**whole.get(name, {}), **value}
    assert not VALIDATOR.is_valid(whole)
