# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When secure_sync shows lines about its progress, and which options its module gets.

The module is a stand-in that writes a progress file: real modules run in tests/integration/test_progress.py.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display
from ansible_collections.secure.ftp_synchronize.plugins.action import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.action.secure_sync import ActionModule, start_delay
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.argspec import PROGRESS_FILE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import ProgressState
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress_file import write_state
from support.running.patience import HANG_SECONDS

HOST = {"host": "peer.example.com"}
STATE = ProgressState(1.0, "comparing", entries=7)


class Task:
    """A task on its way.

    lines: shown while its module ran, each with whether it went to standard error
    given: the options of the module
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.lines: list[tuple[bool, str]] = []
        self.given: dict[str, Any] = {}
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path), raising=False)
        monkeypatch.setattr(Display, "display", lambda _self, text, *, stderr: self.lines.append((stderr, text)))

    def run(
        self,
        args: dict[str, Any],
        *,
        transport: str = "local",
        no_log: bool = False,
        async_val: int = 0,
        loop: Any = None,
        check_mode: bool = False,
        diff: bool = False,
        answer: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Run the task; its module takes a moment and gives the answer. Return its result."""
        self.answer = {"changed": True, "msg": "pushed 3 files", **(answer or {})}
        task = SimpleNamespace(args=args, async_val=async_val, check_mode=check_mode, diff=diff, delegate_to=None)
        task.no_log, task.loop, task.loop_control = no_log, loop, None
        task.action = "secure.ftp_synchronize.secure_sync"
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None), transport=transport)
        loader = DataLoader()
        action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None)
        action._execute_module = lambda **_options: self._module(task.args)
        try:
            return action.run(task_vars={"inventory_hostname": "partner04"})
        finally:
            assert task.args is args

    def _module(self, args: dict[str, Any]) -> dict[str, Any]:
        self.given = args
        if PROGRESS_FILE in args:
            write_state(args[PROGRESS_FILE], STATE)
            deadline = time.monotonic() + HANG_SECONDS
            while not self.lines and time.monotonic() < deadline:
                time.sleep(0.005)
        return self.answer


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Task:
    return Task(monkeypatch, tmp_path)


@pytest.mark.parametrize(("loop", "name"), [(None, "partner04"), (["x"], "partner04 -> peer.example.com")])
def test_lines_name_the_host_and_in_a_loop_the_peer(task: Task, tmp_path: Path, loop: Any, name: str) -> None:
    args = {**HOST, "progress": 0.01}
    assert task.run(args, loop=loop)["changed"]
    assert task.lines == [(True, f"{name}: comparing: 7 entries"), (True, f"{name}: pushed 3 files")]
    assert task.given == {**args, PROGRESS_FILE: task.given[PROGRESS_FILE]}
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("value", [0, "0", -1, "soon", None, "nan", "inf", 1e9, [1]])
def test_no_lines_without_a_time(task: Task, value: Any) -> None:
    assert task.run({**HOST, "progress": value})["changed"]
    assert task.given == {**HOST, "progress": value}
    assert task.lines == []


@pytest.mark.parametrize("options", [{"transport": "ssh"}, {"no_log": True}, {"async_val": 60}])
def test_no_lines_elsewhere(task: Task, options: dict[str, Any]) -> None:
    task.run({**HOST, "progress": 0.01, PROGRESS_FILE: "/chosen/by/defaults"}, **options, answer={"changed": False})
    assert task.given == {**HOST, "progress": 0.01}
    assert task.lines == []


def test_no_lines_without_room_for_the_file(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", "/nonexistent", raising=False)
    assert task.run({**HOST, "progress": 0.01})["changed"]
    assert task.given == {**HOST, "progress": 0.01}


@pytest.mark.parametrize(("spread", "most"), [(8, 8), ("8", 8), (0, 0), (None, 0), ("soon", 0), (-1, 0)])
def test_the_start_is_spread(task: Task, monkeypatch: pytest.MonkeyPatch, spread: Any, most: float) -> None:
    slept: list[float] = []
    monkeypatch.setattr(secure_sync.time, "sleep", slept.append)
    args = {**HOST, "progress": 0, "start_spread": spread}
    task.run(args)
    assert slept == [start_delay("partner04", "peer.example.com", most)]
    assert task.given == args


@pytest.mark.parametrize(
    "wrong", [{"password": "canary"}, {"pasword": {"file": "/k"}}, "password=canary", '{"password": "canary"}']
)
def test_a_secret_in_the_place_of_a_source_stays_here(task: Task, wrong: Any) -> None:
    result = task.run({**HOST, "secrets_from": wrong})
    assert result["error"]["code"] == "invalid_request"
    assert "canary" not in str(result)
    assert task.given == {}
    task.run({**HOST, "secrets_from": {"password": {"file": "/k"}}})
    assert task.given["secrets_from"] == {"password": {"file": "/k"}}


def test_lines_are_the_default(task: Task) -> None:
    task.lines.append((True, "nothing is waited for"))
    task.run(HOST)
    assert list(task.given) == ["host", PROGRESS_FILE]


PREVIEW = {"check_mode": True, "transport": "ssh", "answer": {"msg": "would push 3\x1b[2J files"}}


@pytest.mark.parametrize("run", [{"check_mode": True}, {"check_mode": False}, {"check_mode": False, "diff": True}])
def test_a_change_shows_its_outcome_on_every_host(task: Task, run: dict[str, Any]) -> None:
    task.run(HOST, **{**PREVIEW, **run})
    assert task.lines == [(True, "partner04: would push 3?[2J files")]


FAILED = {
    "failed": True,
    "changed": False,
    "changes": [],
    "elapsed": 0.0,
    "error": {"code": "connection_failed", "path": None, "message": "no\x1b route", "cure": "Check the network."},
    "failed_items": [],
    "msg": "no\x1b route. Check the network. (2 more items failed)",
    "planned": {"files": 2, "bytes": 0},
    "totals": {"store": 0, "failed_items": 0},
}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_failure_shows_its_code_and_cure_and_no_counter_that_is_zero(task: Task, check_mode: bool) -> None:
    found = task.run(HOST, check_mode=check_mode, transport="ssh", answer=FAILED, loop=["x"])
    shown = "partner04 -> peer.example.com: connection_failed: no? route. Check the network. (2 more items failed)"
    assert task.lines == [(True, shown)]
    assert found == {
        **{key: FAILED[key] for key in FAILED if key not in ("elapsed", "totals")},
        "planned": {"files": 2},
    }


@pytest.mark.parametrize(
    "options",
    [
        {"diff": True},
        {"no_log": True},
        {"async_val": 60},
        {"answer": {"changed": False}},
    ],
    ids=str,
)
def test_no_outcome_where_the_diff_shows_it_or_none_may(task: Task, options: dict[str, Any]) -> None:
    task.run(HOST, **{**PREVIEW, **options})
    assert task.lines == []


REFUSED = {
    "failed": True,
    "changed": False,
    "error": {"code": "too_many_deletions"},
    "diff": {"prepared": "- a\x1b[2J (file)\nTotal: 1 removal\n"},
}


def test_the_diff_of_a_run_that_max_delete_refused_is_shown(task: Task) -> None:
    task.run({**HOST, "progress": 0}, diff=True, answer=REFUSED)
    assert task.lines == [(True, "- a?[2J (file)"), (True, "Total: 1 removal")]


@pytest.mark.parametrize(
    "options",
    [{"diff": False}, {"no_log": True}, {"answer": {**REFUSED, "error": {"code": "kind_conflict"}}}],
    ids=str,
)
def test_no_other_diff_is_shown(task: Task, options: dict[str, Any]) -> None:
    task.run({**HOST, "progress": 0}, **{"diff": True, "answer": REFUSED, **options})
    assert task.lines == []


def test_a_task_without_lines_has_no_outcome_either(task: Task) -> None:
    task.run({**HOST, "progress": 0}, **PREVIEW)
    assert task.lines == []
