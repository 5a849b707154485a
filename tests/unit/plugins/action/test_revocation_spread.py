# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record on the controller; its rules are in plugin_utils/test_revocation_spread."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.revocation_spread import ActionModule

HAS = {"list": {"version": 8}}
DOWN = {"unreachable": True}


def run(
    path: Path,
    *results: dict[str, Any],
    check: bool = False,
    retired: tuple[str, ...] = (),
    play: Any = None,
    **more: Any,
) -> dict[str, Any]:
    names = ["files1", "files2"][: len(results)]
    given = {
        "path": str(path),
        "version": 8,
        "results": "installed",
        "retired": list(retired),
        **more,
    }
    task = SimpleNamespace(args=given, async_val=0, check_mode=check, diff=False, delegate_to=None)
    task.action = "secure.ftp_synchronize.revocation_spread"
    loader = DataLoader()
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="x"))
    hostvars = {name: {"installed": each, "written": each} for name, each in zip(names, results, strict=True)}
    task_vars = {"hostvars": hostvars, "ansible_play_hosts": names, "ansible_play_hosts_all": names}
    return ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None).run(
        task_vars={**task_vars, **(play or {})}
    )


def test_servers_that_were_missed_are_named(tmp_path: Path) -> None:
    path = tmp_path / "spread.json"
    first = run(path, HAS, DOWN)
    assert (first["changed"], first["reached"]) == (True, ["files1"])
    assert [(each["host"], each["reason"]) for each in first["missed"]] == [("files2", "unreachable")]
    assert first["msg"].startswith("version 8 of the list is not on files2 (unreachable, since 20")
    again = run(path, HAS)
    assert (again["changed"], [each["host"] for each in again["missed"]]) == (False, ["files2"])
    assert run(path, HAS, retired=("files2",))["missed"] == []
    done = run(path, HAS, HAS)
    assert (done["missed"], done["msg"]) == ([], "every server has version 8 of the list")


def test_a_run_that_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "spread.json"
    begun = run(path, HAS, finished=False)
    assert [(each["host"], each["reason"]) for each in begun["missed"]] == [("files1", "not finished")]
    assert run(path, HAS)["missed"] == []
    again = run(path, HAS, finished=False)
    assert (again["changed"], again["missed"]) == (False, [])


def test_a_server_that_is_lost_at_a_later_task_is_lost(tmp_path: Path) -> None:
    """Also if it answers again at the next task; and a server that left the play before, with a fact of that name."""
    lost, back = {"unreachable": True}, {"changed": True}
    later = {"files1": (back, back), "files2": (lost, back), "files3": (back, lost), "files4": (None, None)}
    hostvars = {name: {"a": HAS, "b": each[0], "c": each[1]} for name, each in later.items()} | {"files5": {"a": HAS}}
    play = {"hostvars": hostvars, "ansible_play_hosts": [*later], "ansible_play_hosts_all": [*hostvars]}
    found = run(tmp_path / "spread.json", play=play, results="a", later=["b", "c"])
    assert found["reached"] == ["files1", "files4"]
    assert {each["host"]: each["reason"] for each in found["missed"]} == dict.fromkeys(
        ("files2", "files3", "files5"), "failed"
    )


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    assert run(tmp_path / "spread.json", HAS, check=True)["changed"]
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_kept(tmp_path: Path) -> None:
    assert run(tmp_path / "none" / "spread.json", HAS)["error"]["code"] == "operation_failed"
    assert run(tmp_path, HAS)["error"]["code"] == "operation_failed"


def test_times_and_limits(tmp_path: Path) -> None:
    made = {"times": {"began": 1.8e9, "ended": 1.8e9 + 2}}
    has = {**HAS, "times": {"began": 1.8e9 + 2, "ended": 1.8e9 + 90}}
    result = run(tmp_path / "spread.json", has, made=made)
    assert (result["times"]["refused"], result["times"]["all_hosts"]) == (90, 90)
    assert result["over"] == ["files1 refused after 90 s, limit 60 s"]
    assert run(tmp_path / "spread.json", has, made=made, limits={"refused": "2m", "all_hosts": "90s"})["over"] == []
    assert "limits.refused: 'soon'" in run(tmp_path / "spread.json", has, limits={"refused": "soon"})["msg"]
    assert "over" not in run(tmp_path / "spread.json", has)


def test_a_server_outside_the_run_that_lacks_the_list_leaves_no_time_for_all(tmp_path: Path) -> None:
    times = {"began": 1.8e9, "ended": 1.8e9 + 2}
    result = run(tmp_path / "spread.json", {**HAS, "times": times}, made={"times": times}, servers=["files1", "files9"])
    assert [each["host"] for each in result["missed"]] == ["files9"]
    assert (result["times"]["refused"], result["times"]["all_hosts"]) == (4, None)
