# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import host_system
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.running.tasks import refusals_of, run_task


def task(mode: str) -> Task:
    file = {"path": "/etc/x", "content": "text", "mode": mode}
    return Task({"directories": [{"path": "/etc", "mode": "0755"}], "texts": [file]}, check_mode=True)


def test_modes_are_octal() -> None:
    asked = host_system.request(task("0640"))
    assert (asked.files[0].mode, asked.directories[0].mode, asked.check_mode) == (0o640, 0o755, True)
    with pytest.raises(InvalidRequest, match="mode: 'rw' is not octal"):
        host_system.request(task("rw"))


def test_check_mode_plans_and_writes_nothing() -> None:
    options = {"directories": [{"path": "/none-of-ours"}], "texts": [{"path": "/none-of-ours/f", "content": "text"}]}
    planned = run_task(host_system, check=True, **options)
    assert (planned["changed"], Path("/none-of-ours").exists()) == (True, False)
    assert [each["path"] for each in planned["changes"]] == ["/none-of-ours", "/none-of-ours/f"]
    assert planned["msg"] == "2 changes to be made"


def test_a_path_without_content_is_refused_by_the_options() -> None:
    assert refusals_of(host_system, {"texts": [{"path": "/etc/x"}]})
    assert refusals_of(host_system, {"texts": [{"content": "x"}]})
    assert refusals_of(host_system, {"directories": [{}]})
