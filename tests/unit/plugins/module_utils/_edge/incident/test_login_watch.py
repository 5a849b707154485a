# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options and results of login_watch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.incident import login_watch
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.judgement import Seen
from support.running.tasks import run_task


def watched(path: Path, **given: Any) -> dict[str, Any]:
    options = {"host": "127.0.0.1", "port": 1, "username": "canary", "ssh_agent": False, **given}
    return run_task(login_watch, path=str(path), **options)


@pytest.mark.parametrize("given", [{"protocol": "ftps"}, {"every": 0.0}, {"duration": -1.0}, {"host": "a b"}])
def test_options_that_are_refused(tmp_path: Path, given: dict[str, Any]) -> None:
    assert watched(tmp_path / "watch", **given)["error"]["code"] == "invalid_request"
    assert not (tmp_path / "watch").exists()


def test_a_file_that_exists_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watch").touch()
    assert watched(tmp_path / "watch")["error"]["code"] == "operation_failed"


def test_the_words_of_a_result() -> None:
    assert login_watch.result(Seen(1.0, 1.0, 2.0, 3.0))["msg"] == "the login was refused, and the session ended"
    assert login_watch.result(Seen(1.0, 1.0))["msg"] == "no login was refused, and the session did not end"


def test_check_mode_watches_nothing(tmp_path: Path) -> None:
    options = {"host": "127.0.0.1", "username": "canary", "path": str(tmp_path / "watch")}
    assert not run_task(login_watch, check=True, **options)["refused"]
    assert [*tmp_path.iterdir()] == []
