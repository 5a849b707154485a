# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    FTP,
    RENAME,
    SFTP,
    UPLOAD,
    Event,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.judging import Touched
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath

VIEWS = {"partner": b"/in"}


def touched(path: str, *, protocol: str = SFTP) -> Touched:
    return Touched([Event(1.0, UPLOAD, account="partner", path=path.encode(), protocol=protocol)], VIEWS)


@pytest.mark.parametrize(("path", "expected"), [("a", True), ("a/b/c", False), ("ab", False), ("b", False)])
def test_an_event_names_its_path(path: str, expected: bool) -> None:
    assert touched("/in/a").has(RelPath(path.encode())) is expected


@pytest.mark.parametrize("path", ["ü", "ü/b/c", "a", "a/b"])
def test_a_rename_names_all_below(path: str) -> None:
    rename = Event(1.0, RENAME, account="partner", path=b"/in/a", old_path=b"/in/??", protocol=FTP)
    assert Touched([rename], VIEWS).has(RelPath(path.encode()))
    assert not Touched([rename._replace(action=UPLOAD)], VIEWS).has(RelPath(b"a/b"))


def test_both_names_of_a_rename() -> None:
    both = Touched([Event(1.0, RENAME, account="partner", path=b"/in/b", old_path=b"/in/a")], VIEWS)
    assert [both.has(RelPath(path)) for path in (b"a", b"b", b"c")] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x??y", True),
        ("xüy", True),
        ("x\n\x1by", True),
        ("xaby", False),
        ("x.y", False),
    ],
)
def test_vsftpd_writes_a_question_mark_for_other_bytes(path: str, expected: bool) -> None:
    assert touched("/in/x??y", protocol=FTP).has(RelPath(path.encode())) is expected
    assert touched("/in/x??y").has(RelPath(path.encode())) is (path == "x??y")


def test_the_names_of_another_event() -> None:
    rename = Event(1.0, RENAME, account="partner", path=b"/in/b", old_path=b"/in/a")
    assert touched("/in/a").has_any(rename)
    assert not touched("/in/c").has_any(rename)


def test_no_events_touch_nothing() -> None:
    assert not Touched([], VIEWS).has(RelPath(b"a"))
