# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DELETE,
    FAILURE,
    FTP,
    RENAME,
    UPLOAD,
    Alert,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.judging import Judged, judge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.kept_tree import (
    KeptTree,
    Moment,
    Suspect,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.scanning import Scan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.unexplained import Unexplained
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import Recorded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath

FIRST, SECOND = 10_000.0, 20_000.0
"""The times of two manifests; each takes ten seconds."""
BETWEEN = 15_000.0
NOW = Moment(FIRST, "boot", 1.0)
VIEWS = {"partner": b"/in"}
NOTHING: dict[str, int] = {}


def files(**sizes: int) -> dict[RelPath, Recorded]:
    return {RelPath(name.encode()): Recorded(size, 1, bytes([size]) * 32) for name, size in sizes.items()}


def event(action: str, moment: float, name: str = "a", **fields: Any) -> Event:
    given: dict[str, Any] = {"account": "partner", "path": f"/in/{name}".encode(), **fields}
    return Event(moment, action, **given)


def judged(
    before: dict[str, int],
    after: dict[str, int],
    *events: Event,
    suspects: tuple[Suspect, ...] = (),
    working: tuple[str, ...] = (),
    unread_before: tuple[str, ...] = (),
    is_set_back: bool = False,
    **given: Any,
) -> Judged:
    scan = Scan(SECOND, SECOND + 10, files(**after), {}, {}, frozenset(), {})._replace(**given)
    kept = KeptTree(NOW, FIRST, FIRST + 10, files(**before), suspects, frozenset(paths(unread_before)))
    return judge(kept, scan, events, set(paths(working)), VIEWS, is_set_back=is_set_back)


def paths(names: tuple[str, ...]) -> list[RelPath]:
    return [RelPath(name.encode()) for name in names]


def kinds(result: Judged) -> tuple[dict[bytes, str], dict[bytes, str]]:
    return (
        {each.path: each.kind for each in result.changes},
        {each.change.path: each.change.kind for each in result.suspects},
    )


def test_what_no_event_explains_is_a_change() -> None:
    assert kinds(judged({"a": 1, "b": 1}, {"b": 2, "c": 1})) == (
        {b"a": "removed", b"b": "changed", b"c": "created"},
        {},
    )
    upload, removal = event(UPLOAD, BETWEEN, "c", received=1), event(DELETE, BETWEEN)
    assert kinds(judged({"a": 1}, {"c": 1}, upload, removal)) == ({}, {})


@pytest.mark.parametrize(
    "other",
    [
        event(UPLOAD, BETWEEN, received=1, account="other"),
        event(UPLOAD, BETWEEN, received=1, alert=Alert("volume_hour", "", "")),
        event(UPLOAD, FIRST - 60, received=1),
    ],
)
def test_other_events_explain_nothing(other: Event) -> None:
    assert kinds(judged(NOTHING, {"a": 1}, other)) == ({b"a": "created"}, {})


@pytest.mark.parametrize("moment", [FIRST - 1, FIRST + 5, FIRST + 11, SECOND - 1, SECOND + 5, SECOND + 600])
def test_events_while_a_manifest_is_made_leave_their_paths_out(moment: float) -> None:
    during = event(UPLOAD, moment, received=99)
    assert kinds(judged({"a": 1}, {"a": 2, "b": 2}, during)) == ({b"b": "created"}, {})
    renamed = event(RENAME, moment, "d", old_path=b"/in/a")
    assert kinds(judged({"a": 1}, {"d": 1}, renamed)) == ({}, {})


def test_a_broken_upload_may_leave_a_part() -> None:
    assert kinds(judged(NOTHING, {"a": 1}, event(UPLOAD, BETWEEN, received=7, outcome=FAILURE))) == ({}, {})
    assert kinds(judged({"a": 1}, NOTHING, event(DELETE, BETWEEN, outcome=FAILURE))) == ({b"a": "removed"}, {})
    earlier = event(UPLOAD, FIRST - 600, received=7, outcome=FAILURE)
    assert kinds(judged({"a": 1}, {"a": 2}, earlier)) == ({b"a": "changed"}, {})


def test_a_name_that_vsftpd_cannot_write_is_left_out() -> None:
    upload = event(UPLOAD, BETWEEN, "??", received=7, protocol=FTP)
    after = {RelPath("ü".encode()): Recorded(7, 1, b"x" * 32), RelPath(b"ab"): Recorded(7, 1, b"x" * 32)}
    assert kinds(judged(NOTHING, NOTHING, upload, files=after)) == ({b"ab": "created"}, {})


def test_a_name_that_a_path_left_out_is_renamed_to_is_left_out() -> None:
    vague = event(RENAME, BETWEEN, "plain", old_path=b"/in/??", protocol=FTP)
    again = event(RENAME, BETWEEN + 1, "last", old_path=b"/in/plain", protocol=FTP)
    other = event(RENAME, BETWEEN + 2, "end", old_path=b"/in/begin")
    assert kinds(judged(NOTHING, {"last": 7, "end": 7}, vague, again, other)) == ({b"end": "created"}, {})


def test_a_file_that_was_not_read_is_left_out() -> None:
    assert kinds(judged({"a": 1}, NOTHING, unread={RelPath(b"a"): NotFound("x")})) == ({}, {})
    assert kinds(judged(NOTHING, {"a": 1, "b": 1}, unread_before=("a",))) == ({b"b": "created"}, {})


def test_a_clock_that_was_set_back_leaves_the_paths_of_all_events_out() -> None:
    earlier = event(UPLOAD, FIRST - 3600, received=1)
    result = judged(NOTHING, {"a": 1, "b": 1}, earlier, suspects=(SUSPECT,), is_set_back=True)
    assert kinds(result) == ({b"b": "created"}, {})


def test_a_recent_change_and_unfinished_work_are_under_suspicion() -> None:
    result = judged(NOTHING, {"a": 1, "b": 1, "c": 1}, recent={RelPath(b"a")}, working=("c",))
    assert kinds(result) == ({b"b": "created"}, {b"a": "created", b"c": "created"})


SUSPECT = Suspect(FIRST - 2, Unexplained("created", RelPath(b"a"), None, Recorded(1, 1, b"")))


@pytest.mark.parametrize(
    ("later", "after", "explained"),
    [
        (event(UPLOAD, BETWEEN, received=9), {"a": 9}, True),
        (event(UPLOAD, FIRST - 600, received=9, temporary=True), {"a": 1}, True),
        (event(RENAME, BETWEEN, "b", old_path=b"/in/a"), {"b": 1}, True),
        (event(UPLOAD, BETWEEN, "b", received=1), {"a": 1, "b": 1}, False),
        (event(UPLOAD, FIRST - 600, received=9), {"a": 1}, False),
        (event(UPLOAD, BETWEEN, received=9, account="other"), {"a": 1}, False),
    ],
)
def test_a_suspect_needs_an_event_that_was_not_known(later: Event, after: dict[str, int], explained: bool) -> None:
    result = judged({"a": 1}, after, later, suspects=(SUSPECT,))
    assert kinds(result) == ({} if explained else {b"a": "created"}, {})


def test_a_suspect_of_an_open_session_waits() -> None:
    result = judged({"a": 1}, {"a": 1}, suspects=(SUSPECT,), working=("a",))
    assert (result.changes, result.suspects) == ([], [SUSPECT])
