# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import upkeep as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from support.scenes.event_scene import EventScene


@pytest.mark.parametrize("failed", [False, True])
def test_the_collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failed: bool) -> None:
    asked = {"is-active": Completed(3, "", ""), "show": Completed(0, "exit-code\n" if failed else "success\n", "")}
    monkeypatch.setattr(subject, "ask_program", lambda _systemctl, verb, *_words: asked[verb])
    settings = tmp_path / "events.json"
    settings.write_text(
        json.dumps({"state": str(tmp_path / "state"), "vsftpd": ["/var/log/vsftpd.log"], "files": "changes"})
    )
    with pytest.raises(Unobservable, match="No such file"):
        subject.monitoring(str(settings))
    scene = EventScene(tmp_path)
    scene.now = 1764561600.0
    scene.run()
    found = subject.monitoring(str(settings))
    assert found == {
        "installed": True,
        "timer": False,
        "failed": failed,
        "last_run": "2025-12-01T04:00:00Z",
        "sshd": True,
        "ftp_logs": ["/var/log/vsftpd.log"],
        "files": "changes",
    }
    assert fits(found, FORMS["monitoring"])


def test_a_collector_that_fails_after_it_saved_a_part_of_the_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state is new after each run, and no run reads the second log."""
    monkeypatch.setattr(subject, "ask_program", lambda *_words: Completed(3, "", ""))
    settings = tmp_path / "events.json"
    settings.write_text(json.dumps({"state": str(tmp_path / "state")}))
    unreadable = tmp_path / "second.log"
    unreadable.symlink_to(unreadable)
    scene = EventScene(tmp_path, vsftpd=(str(tmp_path / "vsftpd.log"), str(unreadable)))
    for number in range(3):
        scene.session(number, files=1200)
        with pytest.raises(OSError, match="symbolic links"):
            scene.run()
        assert len(scene.events()) > 900 * (number + 1)
        with pytest.raises(Unobservable, match="not completed a run yet"):
            subject.monitoring(str(settings))
    unreadable.unlink()
    scene.now = 1764561600.0
    scene.run()
    unreadable.symlink_to(unreadable)
    scene.session(9, files=1200)
    with pytest.raises(OSError, match="symbolic links"):
        scene.run()
    assert subject.monitoring(str(settings))["last_run"] == "2025-12-01T04:00:00Z"


def test_a_state_that_another_program_wrote(tmp_path: Path) -> None:
    settings = tmp_path / "events.json"
    settings.write_text(json.dumps({"state": str(tmp_path)}))
    (tmp_path / "state").write_text("rubbish")
    with pytest.raises(Unobservable, match="cannot be read"):
        subject.monitoring(str(settings))


def test_a_host_without_the_collector(tmp_path: Path) -> None:
    found = subject.monitoring(str(tmp_path / "none"))
    assert found == {**dict.fromkeys(found, False), "last_run": "", "ftp_logs": [], "files": ""}
    assert fits(found, FORMS["monitoring"])
