# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is closed, and opened, by processes that are killed at each system call that changes a file: no former key
or password ever opens it again, and the next run comes to the end of the same state."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.closing import close_account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.opening import open_account
from support.running.slices import slice_of
from support.scenes.access_scene import ACCOUNT, NEW, OLD, OLD_PASSWORD, AccessScene
from support.scenes.crash_points import KILL, record, tamper

NEW_TEXT, OLD_TEXT = (" ".join(each.split()[:2]) for each in (NEW, OLD))


def closes(scene: AccessScene) -> Callable[[], bool]:
    return lambda: bool(close_account(scene.asked(), scene.host).state)


def opens(scene: AccessScene) -> Callable[[], bool]:
    return lambda: bool(open_account(scene.asked(NEW), scene.host).state)


def closed_scene(directory: Path) -> AccessScene:
    scene = AccessScene(directory)
    closes(scene)()
    scene.authorize(OLD, NEW)
    return scene


def state_of(scene: AccessScene) -> tuple[bool, bool, set[str], bool, int]:
    """Return whether keys log in and the account is listed; keys; whether the old password is good; sessions."""
    listed = ACCOUNT in scene.read("list").split()
    return scene.is_open(), listed, scene.good_keys(), scene.takes(OLD_PASSWORD), int(scene.read("sessions"))


def test_closing(tmp_path: Path, long_run: bool) -> None:
    """A short run takes a third of the calls. Then the account is opened: the state from before is still known."""
    points = record(closes(AccessScene(tmp_path / "recorded")), tmp_path / "log").calls
    assert len(points) > 20
    for point in slice_of(points, 3, long_run=long_run):
        scene = AccessScene(tmp_path / "killed")
        assert tamper(closes(scene), tmp_path / "log", point.injection(KILL)).killed, point
        closes(scene)()
        assert state_of(scene) == (False, False, set(), False, 0), point
        assert close_account(scene.asked(), scene.host).changes == (), point
        scene.authorize(OLD, NEW)
        opens(scene)()
        assert state_of(scene) == (True, True, {NEW_TEXT}, False, 0), point
        shutil.rmtree(scene.directory)


def test_opening(tmp_path: Path, long_run: bool) -> None:
    """A short run takes a third of the calls. After every second kill the account is closed instead of opened."""
    points = record(opens(closed_scene(tmp_path / "recorded")), tmp_path / "log").calls
    assert len(points) > 20
    for number, point in enumerate(slice_of(points, 3, long_run=long_run)):
        scene = closed_scene(tmp_path / "killed")
        assert tamper(opens(scene), tmp_path / "log", point.injection(KILL)).killed, point
        assert OLD_TEXT not in scene.good_keys(), point
        assert not scene.takes(OLD_PASSWORD), point
        if number % 2:
            closes(scene)()
            assert state_of(scene) == (False, False, set(), False, 0), point
        else:
            opens(scene)()
            assert state_of(scene) == (True, True, {NEW_TEXT}, False, 0), point
            assert open_account(scene.asked(NEW), scene.host).changes == (), point
        shutil.rmtree(scene.directory)
