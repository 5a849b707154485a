# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector of events is killed at each system call that changes a file, and each of them fails once: no event is
lost, none is there twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events import collecting
from support.running.slices import slice_of
from support.scenes.crash_points import KILL, Point, record, tamper
from support.scenes.event_scene import EventScene

ERRORS = {"openat": "EMFILE", "write": "ENOSPC", "pwrite64": "ENOSPC", "fsync": "EIO", "rename": "ENOSPC"}


def prepared(directory: Path) -> EventScene:
    """Return a host whose collector has run, and has three new sessions to read."""
    scene = EventScene(directory)
    scene.run()
    scene.session(1)
    scene.run()
    for number in (2, 3, 4):
        scene.session(number)
    return scene


def passes(scene: EventScene) -> bool:
    """Run two passes, with an open session between them; return whether they ended without an error."""
    ended = scene.entries.pop()
    try:
        scene.run()
        scene.entries.append(ended)
        scene.run()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("effect", ["killed", "failed"])
def test_at_each_system_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effect: str, long_run: bool) -> None:
    """A short run takes a third of the calls."""
    monkeypatch.setattr(collecting, "_BATCH", 7)
    reference = prepared(tmp_path / "reference")
    # The last call is the answer of the child, which is no part of the work.
    points = record(lambda: passes(reference), tmp_path / "log").calls[:-1]
    wanted = reference.written()
    assert len(wanted.splitlines()) == 24
    assert len(points) > 40
    hit = 0
    for number in slice_of(range(len(points)), 3, long_run=long_run):
        hit += one_point(tmp_path / str(number), points[number], effect, wanted)
    assert hit > len(points) // 5
    print(f"{effect} at {hit} of {len(points)} calls: no event lost, none twice")


def one_point(directory: Path, point: Point, effect: str, wanted: bytes) -> bool:
    scene = prepared(directory)
    injected = KILL if effect == "killed" else f"error={ERRORS.get(point.call, 'EIO')}"
    ended = tamper(lambda: passes(scene), directory.with_suffix(".log"), point.injection(injected))
    scene.run()
    # The pass after a kill may read both logs where two passes would have read them in turn.
    assert sorted(scene.written().splitlines(keepends=True)) == sorted(wanted.splitlines(keepends=True)), point
    assert scene.state()["watch"] == {"seen": 24}, point
    assert sorted(path.name for path in (directory / "state").iterdir()) == ["lock", "state"], point
    shutil.rmtree(directory)
    return ended.killed if effect == "killed" else ended.injected
