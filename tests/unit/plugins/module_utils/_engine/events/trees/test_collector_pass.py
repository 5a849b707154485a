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


def test_the_unfinished_work_of_open_sessions() -> None:
    def work(name: str) -> dict[str, Any]:
        return {"waiting": {name: [1.0, 5, "c"]}}

    values = {
        "ssh": {
            "sessions": [
                {"who": ["partner", ""], "work": work("/in/.\xff")},
                {"who": ["other", ""], "work": work("/in/o")},
            ]
        },
        "ftp": {
            "sessions": [[["partner", ""], 0, 1.0, "c", work("/in/f")], [["partner", ""], 0, 1.0, "c", work("/x")]]
        },
    }
    assert unfinished(values, {"partner": b"/in"}) == {b".\xff", b"f"}
    assert unfinished({}, {"partner": b"/in"}) == set()
