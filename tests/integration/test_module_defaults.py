# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that share an action keep their own defaults on every supported ansible-core, however a task names them:
defaults of a module apply only to that module, defaults of the group `endpoint` only to its members. A name that is no
option of a module is refused with the option that was meant."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.running.ansible_cores import CORES
from support.running.examples import ROOT
from support.running.play import COLLECTION, Play

WAYS = ("name", "short name", "action", "local_action", "template", "loop", "async")

SYNC = "secure.ftp_synchronize.secure_sync"


def task(way: str, module: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return a task that names a module in one of the ways."""
    name = f"{COLLECTION}.{module}"
    if way in ("action", "local_action"):
        return {way: {"module": name, **options}}
    if way == "template":
        return {"action": "{{ '%s' }}" % name, "args": options}
    further = {"loop": {"loop": ["x"]}, "async": {"async": 60, "poll": 1}}.get(way, {})
    return {module if way == "short name" else name: options, **further}


@pytest.mark.parametrize("core", ["", *CORES])
def test_defaults_reach_their_modules_alone(core: str, tmp_path: Path) -> None:
    defaults = {
        f"{COLLECTION}.host_key_pin_info": {"path": str(tmp_path / "pins")},
        f"group/{COLLECTION}.endpoint": {"host": "[", "username": "partner"},
    }
    (tmp_path / "pins").write_text("")
    keys = {"path": "/x", "account": "/", "holder": "x", "keys": []}
    modules: dict[str, dict[str, Any]] = {"host_key_pin_info": {}, "sftp_probe": {}, "account_keys": keys}
    tasks = [task(way, name, options) for way in WAYS for name, options in modules.items()]
    keywords = {"module_defaults": defaults, "collections": [COLLECTION]}
    played = Play(tmp_path, keywords=keywords, core=core).run(tasks)
    results = [each["results"][0] if "results" in each else each for each in played.results]
    assert len(results) == len(WAYS) * len(modules), played.output
    for pins, probe, account in zip(*(results[number::3] for number in range(3)), strict=True):
        assert pins["pins"] == [], played.output
        assert probe["msg"].startswith("host: "), played.output
        assert account["msg"].startswith("account: "), played.output


def documented_option(path: Path) -> str:
    """Return an option that the module's own documentation describes, or one of its fragment."""
    (text,) = (
        node.value.value
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and getattr(node.targets[0], "id", "") == "DOCUMENTATION"
    )
    return max(yaml.safe_load(text).get("options", {"fingerprints": {}}), key=len)


def test_every_module_names_the_option_that_was_meant(tmp_path: Path) -> None:
    """The names of all its other options are not shown."""
    meant = {path.stem: documented_option(path) for path in sorted((ROOT / "plugins/modules").glob("*.py"))}
    tasks = [{f"secure.ftp_synchronize.{module}": {f"{option}x": "1"}} for module, option in meant.items()]
    played = Play(tmp_path, {"ANSIBLE_PIPELINING": "true"}).run(tasks, timeout=300)
    for (module, option), result in zip(meant.items(), played.results, strict=True):
        words = f"{option}x: {module} has no option of this name; did you mean {option}?"
        assert (result["error"]["code"], result["error"]["message"]) == ("invalid_request", words)
    assert len(meant) > 40
    assert "Supported parameters" not in played.output


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"max_deletes": 5}, "max_deletes: secure_sync has no option of this name; did you mean max_delete?"),
        ({"mode": "pull"}, "mode: secure_sync has no option of this name; pull is a value of direction"),
        (
            {"sign": {"valid_fo": "1d"}},
            "sign.valid_fo: secure_sync has no option of this name; did you mean valid_for?",
        ),
        (
            {"_progress_file": str(ROOT)},
            "_progress_file: secure_sync has no option of this name; did you mean progress?",
        ),
    ],
)
def test_a_wrong_option_of_a_task_or_of_its_defaults(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    """Also where another option is missing."""
    plays = [Play(tmp_path), Play(tmp_path, keywords={"module_defaults": {SYNC: given}})]
    for play, task in zip(plays, ({"dest": "/x", **given}, {"dest": "/x"}), strict=True):
        (result,) = play.run([{SYNC: task}], "-vvv").results
        assert result["error"]["message"] == words
        assert result["changes"] == []


def test_no_task_chooses_the_progress_file(tmp_path: Path) -> None:
    """Ansible refuses its own parameters, by which the action passes the file."""
    given = {"_ansible_progress_file": str(tmp_path / "chosen"), "src": "/", "dest": "/x"}
    played = Play(tmp_path).run([{SYNC: {**given, "host": "127.0.0.1"}}])
    assert played.status != 0
    assert "_ansible_progress_file" in played.output
