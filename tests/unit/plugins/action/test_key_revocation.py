# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a signed list are copied to the host before the module runs, and the controller notes the times of every
task. The connection is a stand-in."""

from __future__ import annotations

from pathlib import Path
from time import sleep, time
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.key_revocation import ActionModule


class Action:
    """One task. asked: the options that the module got; copied: source and destination of each file."""

    seconds = 0.0

    def __init__(self, **options: Any) -> None:
        self.options, self.asked, self.copied = options, [], []
        self.answer: dict[str, Any] = {"changed": False}

    def run(self) -> dict[str, Any]:
        task = SimpleNamespace(args=self.options, async_val=0, check_mode=False, diff=False, delegate_to=None)
        task.loop_control, task.action = None, "secure.ftp_synchronize.key_revocation"
        task.get_search_path = list
        shell = SimpleNamespace(tmpdir="/home/of the task", join_path=lambda *parts: "/".join(parts))
        loader = DataLoader()
        connection = SimpleNamespace(_shell=shell)
        action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None)
        action._transfer_file = lambda source, copy: self.copied.append((source, copy)) or sleep(self.seconds)
        action._fixup_perms2 = lambda _paths: None
        action._execute_module = lambda **_options: self.asked.append(task.args) or dict(self.answer)
        result = action.run(task_vars={"inventory_hostname": "server"})
        assert task.args is self.options, "for another attempt"
        return result


def test_a_list_and_its_signature_are_copied(tmp_path: Path) -> None:
    name = str(tmp_path / "some.krl")
    for end in ("", ".sig"):
        Path(name + end).write_text("x")
    action = Action(format="krl", list=name)
    result = action.run()
    assert "error" not in result
    assert result["times"]["began"] <= result["times"]["ended"]
    copy = "/home/of the task/revoked.krl"
    assert action.copied == [(name, copy), (f"{name}.sig", f"{copy}.sig")]
    assert action.asked == [{"format": "krl", "list": copy}]


def test_the_history_is_copied_if_there_is_one(tmp_path: Path) -> None:
    name = str(tmp_path / "some.krl")
    for end in ("", ".sig", ".history"):
        Path(name + end).write_text("x")
    action = Action(format="krl", list=name)
    assert "error" not in action.run()
    copy = "/home/of the task/revoked.krl"
    assert action.copied == [(name + end, copy + end) for end in ("", ".sig", ".history")]


def test_the_times_are_those_of_the_controller(tmp_path: Path) -> None:
    """A host that claims to have been fast is not believed; the copies are in the time."""
    name = str(tmp_path / "some.krl")
    for end in ("", ".sig"):
        Path(name + end).write_text("x")
    action = Action(format="krl", list=name)
    action.answer, action.seconds = {"changed": True, "times": {"began": 1.0, "ended": 1.1}}, 0.01
    before = time()
    times = action.run()["times"]
    assert before <= times["began"] < times["ended"] - 0.02
    assert times["ended"] <= time()


def test_a_list_that_is_not_on_the_controller(tmp_path: Path) -> None:
    name = tmp_path / "some.krl"
    name.write_text("x")
    action = Action(format="krl", list=str(name))
    assert action.run()["error"]["code"] == "not_found"
    assert (action.copied, action.asked) == ([], [])


def test_other_tasks_copy_nothing() -> None:
    action = Action(keys=[])
    action.answer["times"] = {"began": 0, "ended": 0}
    times = action.run()["times"]
    assert (action.copied, action.asked) == ([], [{"keys": []}])
    assert 0 < times["began"] <= times["ended"], "not those of the host"
