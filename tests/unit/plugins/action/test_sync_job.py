# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of jobs, installed from the controller; modules are stand-ins, as in support.running.host_steps."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action import sync_job
from ansible_collections.secure.ftp_synchronize.plugins.action.sync_job import ActionModule
from support.running.host_steps import answered

CONTENT = b"the program"
PATH = "/usr/local/lib/secure_ftp_synchronize/sync-0.2.0.pyz"
OPTIONS = {"host": "files.example.com", "username": "upload", "src": "/srv/out", "dest": "in"}
JOBS = {"jobs": [{"name": "nightly", "schedule": "daily", "options": OPTIONS, "secrets": {"password": "canary"}}]}
THERE = {
    "exists": True,
    "checksum": hashlib.sha256(CONTENT).hexdigest(),
    "mode": "0755",
    "uid": 0,
    "gid": 0,
}
DONE = {"changed": False, "msg": "nothing to do", "changes": [], "jobs": []}
OURS = "secure.ftp_synchronize.sync_job"


@pytest.fixture(autouse=True)
def _small_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_job, "program", lambda: CONTENT)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], bytes]]:
    """Return the copies, with the content of the source at that time; the action of Ansible is a stand-in."""
    done: list[tuple[dict[str, Any], bytes]] = []
    whole = ActionModule._answer_of

    def answer_of(self: ActionModule, module: str, options: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        if module != "ansible.builtin.copy":
            return whole(self, module, options, task_vars)
        done.append((options, Path(options["src"]).read_bytes()))
        return {"changed": True}

    monkeypatch.setattr(ActionModule, "_answer_of", answer_of)
    return done


def test_a_program_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(monkeypatch, [{"stat": THERE}, DONE], JOBS, ActionModule)
    assert [module for module, _options in asked] == ["ansible.builtin.stat", OURS]
    assert (result["changed"], result["msg"]) == (False, "nothing to do")


@pytest.mark.parametrize(
    "stat",
    [{"exists": False}, {**THERE, "checksum": "0"}, {**THERE, "mode": "0775"}, {**THERE, "uid": 1}, None, "junk", {}],
)
def test_another_program_is_replaced(monkeypatch: pytest.MonkeyPatch, copied: list[Any], stat: Any) -> None:
    result, asked = answered(monkeypatch, [{"stat": stat}, {}, {**DONE, "diff": []}], JOBS, ActionModule)
    assert [module.rpartition(".")[2] for module, _options in asked] == ["stat", "file", "sync_job"]
    ((options, content),) = copied
    assert (options["dest"], options["mode"], options["owner"], content) == (PATH, "0755", "root", CONTENT)
    assert not Path(options["src"]).exists()
    assert (result["changed"], result["changes"][0]["path"], result["diff"][0]["after_header"]) == (True, PATH, PATH)
    assert result["msg"] == f"{PATH} installed; nothing to do"


def test_check_mode(monkeypatch: pytest.MonkeyPatch, copied: list[Any]) -> None:
    result, asked = answered(monkeypatch, [{"stat": {"exists": False}}, DONE], JOBS, ActionModule, check_mode=True)
    assert [module.rpartition(".")[2] for module, _options in asked] == ["stat", "sync_job"]
    assert copied == []
    assert (result["changed"], result["msg"]) == (True, f"{PATH} to be installed; nothing to do")


@pytest.mark.parametrize("count", [1, 2])
def test_a_failed_step_is_the_result(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    before = [{"stat": {"exists": False}}, {}][: count - 1]
    answers = [*before, {"failed": True, "msg": "read-only"}]
    result, asked = answered(monkeypatch, answers, JOBS, ActionModule)
    assert (result["msg"], len(asked)) == ("read-only", count)


def test_absent_jobs_need_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = {"jobs": [{"name": "nightly", "state": "absent"}]}
    _result, asked = answered(monkeypatch, [DONE], jobs, ActionModule)
    assert [module for module, _options in asked] == [OURS]


def test_a_wrong_job_is_refused_before_the_host_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = {"jobs": [{**JOBS["jobs"][0], "options": {**OPTIONS, "password": "canary"}}]}
    result, asked = answered(monkeypatch, [], jobs, ActionModule)
    assert (result["error"]["code"], asked) == ("invalid_request", [])
    assert "canary" not in str(result)


def test_a_failure_of_the_module_keeps_its_message(monkeypatch: pytest.MonkeyPatch, copied: list[Any]) -> None:
    failed = {**DONE, "failed": True, "msg": "nightly: in check mode: no"}
    result, _asked = answered(monkeypatch, [{"stat": {"exists": False}}, {}, failed], JOBS, ActionModule)
    assert (result["failed"], result["msg"], len(result["changes"]), len(copied)) == (True, failed["msg"], 1, 1)
