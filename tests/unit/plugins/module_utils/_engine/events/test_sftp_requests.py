# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    DOWNLOAD,
    SETSTAT,
    UPLOAD,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.sftp_requests import (
    Requests,
    parse_sftp,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.work import Result, Who, Work

WHO = Who("partner")


def events_of(*lines: str, requests: Requests | None = None) -> list[Event]:
    taken, work = requests or Requests(), Work(0.0)
    found = []
    for number, text in enumerate(lines):
        line = parse_sftp(text)
        assert line is not None
        found += taken.take(line, Result(float(number), f"c{number}"), WHO, work)
    return [*found, *taken.settled(1e9, WHO, work)]


def test_an_event_has_time_and_cursor_of_its_request() -> None:
    (event,) = events_of('stat name "/x"', 'remove name "/a"', 'stat name "/x"')
    assert (event.action, event.moment, event.cursor) == (DELETE, 1.0, "c1")


def test_an_empty_file_is_known_by_the_way_it_was_opened() -> None:
    written = events_of('open "/a" flags WRITE,CREATE mode 0644', 'close "/a" bytes read 0 written 0')
    read = events_of('open "/a" flags READ mode 0644', 'close "/a" bytes read 0 written 0')
    assert [event.action for event in written + read] == [UPLOAD, DOWNLOAD]
    assert events_of('close "/a" bytes read 0 written 0') == []


def test_a_file_that_is_read_and_written_is_both() -> None:
    found = events_of('open "/a" flags READ,WRITE mode 0644', 'close "/a" bytes read 7 written 5')
    assert [(event.action, event.received, event.sent) for event in found] == [(UPLOAD, 5, 0), (DOWNLOAD, 0, 2)]


def test_attributes_of_a_file_that_is_open_for_writing_are_a_part_of_its_upload() -> None:
    found = events_of(
        'open "/a" flags WRITE,CREATE mode 0644',
        'set "/a" mode 0600',
        'close "/a" bytes read 0 written 5',
        'set "/a" mode 0600',
    )
    assert [event.action for event in found] == [UPLOAD, SETSTAT]


def test_requests_go_on_after_they_were_saved() -> None:
    first, work = Requests(), Work(0.0)
    line = parse_sftp('rename old "/a" new "/b" new "/c"')
    assert line is not None
    assert list(first.take(line, Result(1.0, "c1"), WHO, work)) == []
    (event,) = events_of('stat name "/x"', requests=Requests(first.saved()))
    assert (event.moment, event.ambiguous, event.path) == (1.0, True, b'/b" new "/c')


def test_open_files_are_bounded() -> None:
    requests = Requests()
    events_of(*(f'open "/{number}" flags READ mode 0644' for number in range(3000)), requests=requests)
    assert len(requests.saved()["open"]) == 1000
