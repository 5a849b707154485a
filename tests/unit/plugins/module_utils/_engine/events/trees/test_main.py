# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    SETSTAT,
    UPLOAD,
    Event,
    line_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.main import main
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.trees.report import read_reports
from support.scenes.event_scene import EventScene


class Host:
    """A tree, a log of events, and a collector that makes a pass whenever it is awaited."""

    def __init__(self, place: Path) -> None:
        self.place, self.tree = place, place / "tree"
        self.tree.mkdir()
        (place / "events.jsonl").touch()
        settings = {
            "events": str(place / "events.jsonl"),
            "collector": str(place / "collector"),
            "state": str(place / "state"),
            "trees": [{"path": str(self.tree), "views": {"partner": "/in"}}],
        }
        (place / "settings").write_text(json.dumps(settings))

    def compare(self) -> int:
        return main([str(self.place / "settings")], pause=self._collect)

    def _collect(self, _seconds: float) -> None:
        scene = EventScene(self.place / "host", state=str(self.place / "collector"))
        scene.now = time.time() + 60
        scene.run()

    def log(self, action: str, name: str, **fields: Any) -> None:
        event = Event(time.time(), action, account="partner", path=f"/in/{name}".encode(), **fields)
        with (self.place / "events.jsonl").open("ab") as log:
            log.write(line_of(event))

    def changes(self) -> dict[bytes, str]:
        (report,) = read_reports(str(self.place / "state"), [str(self.tree)])
        assert report.total == len(report.changes)
        return {change.path: change.kind for change in report.changes}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path)
    (host.tree / "old").write_text("old")
    assert host.compare() == 0
    return host


def test_the_first_manifest_reports_nothing(host: Host) -> None:
    assert host.changes() == {}


def test_a_change_is_reported_once(host: Host) -> None:
    (host.tree / "old").unlink()
    (host.tree / "added").write_text("x")
    assert host.compare() == 0
    assert host.changes() == {b"old": "removed"}, "the upload of the other may go on"
    assert host.compare() == 0
    assert host.changes() == {b"added": "created"}
    assert host.compare() == 0
    assert host.changes() == {}


def test_events_explain_changes(host: Host) -> None:
    (host.tree / "added").write_text("x")
    (host.tree / "old").chmod(0o600)
    host.log(UPLOAD, "added", received=1)
    host.log(SETSTAT, "old")
    for _manifest in range(2):
        assert host.compare() == 0
        assert host.changes() == {}


def test_a_clock_that_was_set_back(
    host: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 7200)
    for name in ("added", "local"):
        (host.tree / name).write_text("x")
    (host.tree / "old").unlink()
    host.log(UPLOAD, "added", received=1)
    assert host.compare() == 0
    assert host.changes() == {b"old": "removed"}
    assert "the clock was set back" in capsys.readouterr().err
    assert host.compare() == 0
    assert host.changes() == {b"local": "created"}, "the upload of this one may go on before"


def test_the_manifest_of_another_tree_is_removed(host: Host) -> None:
    other = host.place / "state/0123456789abcdef.tree"
    other.touch()
    assert host.compare() == 0
    assert not other.exists()
    assert host.changes() == {}


def test_errors_are_lines_and_other_trees_are_judged(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    file = host.place / "settings"
    settings = json.loads(file.read_text())
    settings["trees"].insert(0, {"path": "/missing/tree", "views": {}})
    file.write_text(json.dumps(settings))
    (host.tree / "old").unlink()
    assert host.compare() == 1
    assert host.changes() == {b"old": "removed"}
    file.write_text("x")
    assert host.compare() == 1
    assert main([]) == 1
    assert main([str(host.place / "none")]) == 1
    missing, unreadable, usage, none = capsys.readouterr().err.splitlines()
    assert missing.startswith("/missing/tree: ")
    assert unreadable.startswith("settings: not valid JSON")
    assert usage == "usage: trees SETTINGS"
    assert none == f"{host.place}/none: No such file or directory"
