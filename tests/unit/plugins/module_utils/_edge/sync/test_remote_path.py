# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of remote_path and remote_path_info become requests, and their reports results."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import remote_path, remote_path_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    PermissionDenied,
    WaitTimeout,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.remote_path import (
    PathPlan,
    PathReport,
)
from support.running.tasks import params_of

DIRECTORY = Entry("directory", 0, 0, 0o750)


def task(edge: Any, check: bool = False, **options: Any) -> Task:
    return Task(params_of(edge, {"host": "files.example.com", "path": "in/box", **options}), check_mode=check)


def test_paths_begin_at_the_login_directory_or_at_the_root() -> None:
    relative = remote_path.request(task(remote_path, path="./in//box/", src="in/./old"))
    assert (relative.request.remote_root, relative.path, relative.source) == (b".", b"in/box", b"in/old")
    absolute = remote_path.request(task(remote_path, path="//srv/ü"))
    assert (absolute.request.remote_root, absolute.path) == (b"/", "srv/ü".encode())
    assert remote_path_info.request(task(remote_path_info, path=".")).path == b""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "."}, "path: '.' names no entry"),
        ({"path": "/"}, "path: '/' names no entry"),
        ({"path": "a/../b"}, "path: 'a/../b' has .."),
        ({"path": "~/a"}, "path: '~/a' begins with ~, which a server does not expand"),
        (
            {"path": "a\nb", "protocol": "ftps", "username": "u", "password": "p"},
            "path: 'a\\nb' has a line end, which FTP cannot carry",
        ),
        ({"mode": "420"}, "mode: '420' is not four octal digits that begin with 0"),
        ({"mode": "01777"}, "mode: '01777' is not four octal digits that begin with 0"),
        ({"mode": "0600", "state": "absent"}, "mode: has no meaning with state: absent"),
        ({"src": "a", "state": "directory"}, "src: has no meaning with state: directory"),
        ({"src": "/a"}, "src: must begin at the same directory as path"),
        ({"src": "in//box"}, "src: 'in//box' is no other file"),
        ({"max_delete": -1}, "max_delete: -1 is out of range"),
    ],
)
def test_refused_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        remote_path.request(task(remote_path, **options))
    assert refused.value.message == message
    assert refused.value.cure


@pytest.mark.parametrize(
    "options", [{"max_listed": -1}, {"stable_for": 0}, {"wait_timeout": 0}, {"wait_for": "stable", "wait_timeout": 10}]
)
def test_refused_questions(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        remote_path_info.request(task(remote_path_info, **options))


def test_a_diff_is_bounded_and_names_paths_as_the_task_does() -> None:
    remove = {RelPath(b"srv/d/%03d" % number): Entry("file", 1, 0, 0o644) for number in range(102)}
    report = PathReport(PathPlan(DIRECTORY, remove={**remove, RelPath(b"srv/d"): DIRECTORY}), changed=True)
    shown = remote_path.result(report, task(remote_path, path="/srv/d", state="absent", max_delete=200))["diff"]
    assert shown["before"]["files"][0] == "/srv/d/000"
    assert (len(shown["before"]["files"]), shown["before"]["files"][-1]) == (101, "... and 2 more")
    assert shown["before"]["directories"] == ["/srv/d"]
    assert shown["after"] == {"path": "/srv/d", "state": "absent", "mode": None}


def test_messages() -> None:
    made = PathPlan(None, make=(RelPath(b"in"), RelPath(b"in/box")), modes=(RelPath(b"in/box"),))
    report = PathReport(made, DIRECTORY, changed=True)
    options = {"state": "directory", "mode": "0750"}
    assert (
        remote_path.result(report, task(remote_path, **options))["msg"] == "in/box: make 2 directories, set mode 0750"
    )
    foreseen = remote_path.result(report, task(remote_path, check=True, **options))
    assert foreseen["msg"] == "in/box: would make 2 directories, set mode 0750"
    assert remote_path.result(PathReport(), task(remote_path))["msg"] == "in/box: nothing to do"


def test_a_failed_look_does_not_say_that_nothing_is_there() -> None:
    denied, late = PermissionDenied("Permission denied"), WaitTimeout("wait_for: present")
    results = [
        remote_path_info.result(PathReport(error=error), task(remote_path_info)) for error in (denied, late, None)
    ]
    assert [each["exists"] for each in results] == [None, False, False]
    assert [each.get("failed", False) for each in results] == [True, True, False]
    assert remote_path.result(PathReport(error=denied), task(remote_path))["state"] is None


def test_an_entry_is_shown() -> None:
    file = Entry("file", 4, 1_600_000_000 * 10**9, 0o640)
    entries = {RelPath(b"in/box/b"): file, RelPath(b"in/box/\xff"): Entry("link", 7, 0, 0o777)}
    shown = remote_path_info.result(PathReport(entry=DIRECTORY, entries=entries), task(remote_path_info, max_listed=1))
    assert (shown["kind"], shown["size"], shown["mode"], shown["total"]) == ("directory", None, "0750", 2)
    assert shown["entries"] == [
        {"path": "in/box/b", "kind": "file", "size": 4, "mode": "0640", "mtime": "2020-09-13T12:26:40Z"}
    ]
    login = remote_path_info.result(PathReport(entry=DIRECTORY), task(remote_path_info, path="."))
    assert (login["exists"], login["mode"], login["mtime"]) == (True, None, None)
