# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a signed set: kept for this user alone; a state that others could write is not believed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.set_state import (
    ACCEPTED,
    PUBLISHED,
    SetState,
    StateFile,
)
from support.scenes.former_state import make_former

STATE = SetState("4b825dc6" * 4, 17, "00" * 32, 1795732800, 1795732801)


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state"


def state_file(state_dir: Path, *parts: bytes, kind: bytes = PUBLISHED) -> StateFile:
    return StateFile(os.fsencode(state_dir), kind, *parts, former=(b"former", *parts))


def only_file(state_dir: Path) -> Path:
    (found,) = (state_dir / "published").iterdir()
    return found


def test_a_state_is_kept_for_this_user_alone(state_dir: Path) -> None:
    assert state_file(state_dir, b"a").load() is None
    state_file(state_dir, b"a").save(STATE._replace(sequence=16))
    state_file(state_dir, b"a").save(STATE)
    assert state_file(state_dir, b"a").load() == STATE
    assert only_file(state_dir).stat().st_mode & 0o777 == 0o600
    assert (state_dir / "published").stat().st_mode & 0o777 == 0o700


def test_each_set_and_each_role_has_its_own(state_dir: Path) -> None:
    state_file(state_dir, b"a", b"b").save(STATE)
    assert state_file(state_dir, b"ab").load() is None
    assert state_file(state_dir, b"a", b"b", kind=ACCEPTED).load() is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", json.dumps({**STATE._asdict(), "sequence": "17"}).encode()]
)
def test_a_damaged_state_counts_as_lost_and_is_named(state_dir: Path, content: bytes) -> None:
    state_file(state_dir, b"a").save(STATE)
    only_file(state_dir).write_bytes(content)
    state = state_file(state_dir, b"a")
    assert state.load() is None
    assert "not used" in state.note


def test_a_state_that_others_can_write_is_not_believed(state_dir: Path) -> None:
    state_file(state_dir, b"a").save(STATE)
    only_file(state_dir).chmod(0o620)
    state = state_file(state_dir, b"a")
    assert state.load() is None
    assert state.note.endswith("others can write to it")
    only_file(state_dir).chmod(0o600)
    (state_dir / "published").chmod(0o777)
    assert state_file(state_dir, b"a").load() is None


def test_a_link_or_a_fifo_is_not_read(state_dir: Path, tmp_path: Path) -> None:
    state_file(state_dir, b"a").save(STATE)
    file = only_file(state_dir)
    file.rename(tmp_path / "real")
    file.symlink_to(tmp_path / "real")
    assert state_file(state_dir, b"a").load() is None
    file.unlink()
    os.mkfifo(file)
    state = state_file(state_dir, b"a")
    assert state.load() is None
    assert state.note.endswith("it is not a regular file")


def test_a_state_that_cannot_be_written_is_an_error(state_dir: Path) -> None:
    state_dir.parent.mkdir()
    state_dir.write_text("")
    with pytest.raises(OperationFailed, match="state_dir: the state of the signed set cannot be written"):
        state_file(state_dir, b"a").save(STATE)


def test_a_state_names_its_set(state_dir: Path) -> None:
    state_file(state_dir, b"files.example.com", b"\xff").save(STATE)
    assert json.loads(only_file(state_dir).read_text())["of"] == ["files.example.com", "\udcff"]


def test_the_newest_state_of_a_former_version_is_found_by_its_tree(state_dir: Path) -> None:
    assert state_file(state_dir, b"new").newest_former(STATE.tree) is None
    for number, parts in enumerate([b"a", b"b", b"c"]):
        state_file(state_dir, parts).save(STATE._replace(sequence=17 + number % 2))
        make_former(os.fsencode(state_dir), "published", b"former", parts)
    state_file(state_dir, b"d").save(STATE._replace(sequence=30))
    (state_dir / "published" / "damaged.json").write_bytes(b"{")
    state = state_file(state_dir, b"a")
    assert state.newest_former(STATE.tree) == STATE._replace(sequence=18)
    assert state.newest_former("f" * 32) is None
    assert state.load_former() == STATE
    state.forget_former()
    state.forget_former()
    assert (state.load_former(), state.load()) == (None, None)
