# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.state import (
    Pending,
    State,
    StateLocked,
    StateUnusable,
    load_state,
    locked_state,
    save_state,
)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    with locked_state(str(tmp_path / "state")) as directory:
        yield directory


def test_a_first_run_has_no_state(directory: int) -> None:
    assert load_state(directory) is None


@pytest.mark.parametrize("pending", [None, Pending(3, 5, b'{"a":1}\n{"b":2}\n')])
def test_a_state_is_read_as_it_was_saved(directory: int, pending: Pending | None) -> None:
    state = State({"cursor": "c", "positions": {"/log": [[1, 2, "x"]]}}, pending)
    save_state(directory, state)
    assert load_state(directory) == state
    assert os.listdir(directory) in (["state", "lock"], ["lock", "state"])


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]\n", b"\xff\n", b'{"schema":2,"pending":[0,0,0]}\n', b'{"schema":1,"pending":[0,0,5]}\nab'],
)
def test_a_state_of_something_else_is_refused(tmp_path: Path, directory: int, content: bytes) -> None:
    (tmp_path / "state/state").write_bytes(content)
    with pytest.raises(StateUnusable, match="state: cannot be read"):
        load_state(directory)


def test_one_collector_at_a_time(tmp_path: Path, directory: int) -> None:
    with pytest.raises(StateLocked), locked_state(str(tmp_path / "state")):
        pass


def test_a_full_disk_keeps_the_old_state(directory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    save_state(directory, State({"cursor": "old"}))

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_state(directory, State({"cursor": "new"}))
    assert load_state(directory) == State({"cursor": "old"})
