# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.state import (
    Pending,
    State,
    locked_state,
    save_state,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.main import (
    CollectorLate,
    unfinished,
    wait_for_pass,
)
from support.scenes.event_scene import EventScene


def save(path: Path, pending: Pending | None = None, **values: Any) -> None:
    with locked_state(str(path)) as directory:
        save_state(directory, State(values, pending))


def test_a_pass_that_began_later_is_awaited(tmp_path: Path) -> None:
    states: list[dict[str, Any]] = [
        {"began": 9.0},
        {"began": 11.0, "pending": Pending(1, 1, b"x")},
        {"cursor": "between"},
        {"began": 10.0, "cursor": "c"},
    ]
    turns: list[float] = []

    def pause(seconds: float) -> None:
        turns.append(seconds)
        save(tmp_path, **states.pop(0))

    assert wait_for_pass(str(tmp_path), 10.0, pause)["cursor"] == "c"
    assert (len(turns), states) == (4, [])


def test_a_collector_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    waited: list[float] = []
    with pytest.raises(CollectorLate, match="has not run for 15 minutes"):
        wait_for_pass(str(tmp_path / "missing"), 10.0, waited.append)
    assert sum(waited) == 900


def test_the_unfinished_work_of_open_sessions(tmp_path: Path) -> None:
    """A client renames a file at the end of its upload. The state is that of the collector."""
    scene = EventScene(tmp_path)
    scene.now = 1795794000.0
    scene.run()  # logs of files count from their end on
    scene.write(10, 0, "Accepted password for partner from 192.0.2.1 port 10 ssh2")
    scene.write(10, 0, "User child is on pid 11")
    scene.write(12, 1001, "session opened for local user partner from [192.0.2.1]", "internal-sftp")
    for name in (r"/in/.\377", "/in/.named", "/elsewhere/.other"):
        scene.write(12, 1001, f'close "{name}" bytes read 0 written 5', "internal-sftp")
    scene.write(12, 1001, 'posix-rename old "/in/.named" new "/in/named"', "internal-sftp")
    with scene.log.open("a") as log:
        words = 'OK UPLOAD: Client "192.0.2.1", "/in/.f", 5 bytes, 1.00Kbyte/sec'
        log.write(f"Fri Nov 27 15:50:59 2026 [pid 38] [partner] {words}\n")
    scene.now = 1795794659.0
    scene.run()
    values = wait_for_pass(scene.settings.state, scene.now, pytest.fail)
    assert unfinished(values, {"partner": b"/in"}) == {b".\xff", b".f"}
    assert unfinished(values, {"other": b"/in"}) == unfinished({}, {"partner": b"/in"}) == set()
