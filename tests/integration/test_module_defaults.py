# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that share an action keep their own defaults on every supported ansible-core, however a task names them:
defaults of a module apply only to that module, defaults of the group `endpoint` only to its members."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.running.ansible_cores import CORES
from support.running.play import COLLECTION, Play

WAYS = ("name", "short name", "action", "local_action", "template", "loop", "async")


def task(way: str, module: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return a task that names a module in one of the ways."""
    name = f"{COLLECTION}.{module}"
    if way in ("action", "local_action"):
        return {way: {"module": name, **options}}
    if way == "template":
        return {"action": "{{ '%s' }}" % name, "args": options}
    further = {"loop": {"loop": ["x"]}, "async": {"async": 60, "poll": 1}}.get(way, {})
    return {module if way == "short name" else name: options, **further}


@pytest.mark.sliced("", *CORES)
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
