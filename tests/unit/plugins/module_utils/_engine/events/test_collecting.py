# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events import collecting
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.state import (
    State,
    StateLocked,
    locked_state,
)
from support.scenes.event_scene import EventScene


@pytest.fixture
def scene(tmp_path: Path) -> EventScene:
    scene = EventScene(tmp_path / "host")
    scene.run()
    return scene


def actions(scene: EventScene) -> Counter[str]:
    return Counter(event["event"]["action"] for event in scene.events())


def test_each_line_is_one_event_once(scene: EventScene) -> None:
    scene.session(1)
    assert scene.run().events == 6
    assert actions(scene) == {"login": 1, "upload": 4, "session_summary": 1}
    before = scene.output.read_bytes()
    assert scene.run().events == 0
    assert scene.output.read_bytes() == before


def test_a_pass_at_any_place_gives_the_same_events(tmp_path: Path) -> None:
    whole = EventScene(tmp_path / "whole", vsftpd=())
    whole.session(1)
    whole.run()
    step = EventScene(tmp_path / "step", vsftpd=())
    for entry in whole.entries:
        step.entries.append(entry)
        step.run()
    assert step.output.read_bytes() == whole.output.read_bytes()


def test_a_backlog_is_saved_in_batches(scene: EventScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_BATCH", 5)
    for number in range(1, 9):
        scene.session(number)
    saved = []
    save = collecting.save_state
    monkeypatch.setattr(collecting, "save_state", lambda *given: saved.append(given) or save(*given))
    scene.run()
    assert len(saved) > 16
    assert actions(scene) == {"login": 8, "upload": 32, "session_summary": 8}
    assert scene.state()["watch"] == {"seen": 48}


def test_a_batch_is_bounded_in_bytes(scene: EventScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_BATCH_BYTES", 600)
    for number in range(1, 9):
        scene.session(number)
    lengths = []
    save = collecting.save_state

    def saved(directory: int, state: State) -> None:
        lengths.append(len(state.pending.lines) if state.pending else 0)
        save(directory, state)

    monkeypatch.setattr(collecting, "save_state", saved)
    scene.run()
    assert len(lengths) > 16
    assert max(lengths) < 3000
    assert actions(scene) == {"login": 8, "upload": 32, "session_summary": 8}


def test_the_names_of_all_sessions_are_bounded(scene: EventScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_NAMES", 100)
    scene.write(11, 1001, "session opened for local user partner from [192.0.2.1]", "internal-sftp")
    for number in range(20):
        scene.write(11, 1001, f'open "/in/{number}" flags READ mode 0666', "internal-sftp")
        scene.write(11, 1001, f'close "/in/.{number}" bytes read 0 written 1', "internal-sftp")
    scene.run()
    (session,) = scene.state()["ssh"]["sessions"]
    assert session["work"]["written"] == session["work"]["waiting"] == {}
    assert all(each["open"] == {} for each in session["requests"].values())
    # The last request may still fail.
    assert [event["ftp_synchronize"]["temporary"] for event in scene.events()] == [True] * 19


@pytest.mark.parametrize(("files", "left"), [("all", {"upload", "download"}), ("changes", {"upload"}), ("none", set())])
def test_events_of_files_can_be_left_out_but_not_their_bytes(tmp_path: Path, files: str, left: set[str]) -> None:
    scene = EventScene(tmp_path, files=files)
    scene.run()
    scene.session(1)
    scene.write(999, 1001, "session opened for local user partner from [192.0.2.1]", "internal-sftp")
    scene.write(999, 1001, 'close "/in/x" bytes read 77 written 0', "internal-sftp")
    scene.write(999, 1001, "session closed for local user partner from [192.0.2.1]", "internal-sftp")
    done = scene.run()
    assert set(actions(scene)) == {"login", "session_summary"} | left
    assert done.counters['bytes_total{direction="download"}'] == 77
    assert scene.state()["watch"]["seen"] == 7


def test_deleted_entries_are_an_alert(scene: EventScene) -> None:
    scene.session(1)
    scene.run()
    scene.entries.clear()
    scene.session(2)
    del scene.entries[:1]
    scene.entries = [entry._replace(cursor="n" + entry.cursor) for entry in scene.entries]
    scene.run()
    (alert,) = [event for event in scene.events() if event["event"]["kind"] == "alert"]
    assert (alert["rule"]["id"], alert["ftp_synchronize"]["observed"]) == (
        "log_gap",
        "journal: lines were deleted before they were read",
    )


def test_a_deleted_log_is_an_alert(scene: EventScene) -> None:
    scene.log.unlink()
    scene.run()
    assert [event["rule"]["id"] for event in scene.events()] == ["log_gap"]


def test_lines_that_no_pattern_knows_are_counted_over_all_passes(scene: EventScene) -> None:
    for number in (1, 2):
        scene.write(1, 0, "frobnicated")
        scene.log.write_text(scene.log.read_text() + "frobnicated\n")
        assert scene.run().counters["unparsed_lines_total"] == 2 * number


def test_two_collectors(scene: EventScene) -> None:
    with locked_state(scene.settings.state), pytest.raises(StateLocked):
        scene.run()


def test_a_full_disk_loses_nothing(scene: EventScene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.session(1)
    whole = os.pwrite

    def full(file: int, data: memoryview, offset: int) -> int:
        if len(data) > 100:
            return whole(file, data[:100], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    for _time in range(3):
        with pytest.raises(OSError, match="No space left"):
            scene.run()
    monkeypatch.undo()
    scene.run()
    assert actions(scene) == {"login": 1, "upload": 4, "session_summary": 1}
