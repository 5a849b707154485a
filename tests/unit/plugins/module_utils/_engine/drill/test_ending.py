# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a drill after checks of the restored tree."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill import drill
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.scratch import MARKER
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from support.scenes.drill_scene import DrillScene


@pytest.fixture
def scene(tmp_path: Path) -> DrillScene:
    return DrillScene(tmp_path)


def test_the_time_of_the_checks_counts(scene: DrillScene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.drill(waits=True)
    assert scene.chain.numbers == []
    assert (scene.scratch / "tree/a").read_bytes() == b"alpha"
    later = time.monotonic() + 90
    monkeypatch.setattr(time, "monotonic", lambda: later)
    report = scene.end(("the database starts", True))
    record = scene.record()
    assert report.error is None
    assert record["phases"]["checks"] >= 89000
    assert 90 <= record["rto_seconds"] <= 120
    assert (record["verdict"], record["checks"]) == ("passed", [{"name": "the database starts", "passed": True}])
    assert scene.left() == ["missing"]


def test_a_failed_check_fails_the_drill(scene: DrillScene) -> None:
    scene.drill(waits=True)
    scene.end(("a", True), ("b", False))
    assert (scene.record()["verdict"], scene.record()["causes"]) == ("failed", ["check_failed"])
    assert scene.left() == ["missing"]


def test_the_policy_is_that_of_the_drill(scene: DrillScene) -> None:
    scene.drill(waits=True, policy={"rto": 0})
    scene.end()
    assert (scene.record()["verdict"], scene.record()["causes"]) == ("failed", ["rto_exceeded"])


def test_after_a_boot_the_time_is_unknown(scene: DrillScene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.drill(waits=True)
    monkeypatch.setattr(drill.LockHolder, "here", lambda run: LockHolder("", "f" * 16, "", 1, ""))
    report = scene.end(("a", True))
    assert report.error is not None
    assert (scene.record()["verdict"], scene.record()["rto_seconds"]) == ("aborted", None)
    assert scene.left() == ["missing"]


@pytest.mark.parametrize("case", ["nothing", "empty", "killed", "other job"])
def test_only_a_drill_that_waits_can_be_ended(scene: DrillScene, case: str) -> None:
    if case == "empty":
        scene.scratch.mkdir(mode=0o700)
    if case in ("killed", "other job"):
        scene.drill(waits=True)
        marker = json.loads((scene.scratch / MARKER).read_text())
        if case == "killed":
            marker["waiting"] = None
        else:
            marker["fields"]["job"] = "other"
        (scene.scratch / MARKER).write_text(json.dumps(marker))
    before = scene.left()
    with pytest.raises(NotFound, match="no drill of the job quarterly waits"):
        scene.end()
    assert scene.left() == before
    assert scene.chain.numbers == []


def test_a_directory_that_others_may_enter(scene: DrillScene) -> None:
    scene.drill(waits=True)
    scene.scratch.chmod(0o755)
    with pytest.raises(UnsafePath):
        scene.end()


def test_check_mode_writes_nothing(scene: DrillScene) -> None:
    scene.drill(waits=True)
    before = scene.left()
    assert scene.end(("a", True), check_mode=True).fields["verdict"] == "passed"
    assert scene.left() == before
    assert scene.chain.numbers == []
