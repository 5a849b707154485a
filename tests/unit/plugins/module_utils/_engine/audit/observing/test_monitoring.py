# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import upkeep as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed


def test_the_collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ask_program", lambda *_words: Completed(3, "", ""))
    settings = tmp_path / "events.json"
    settings.write_text(json.dumps({"state": str(tmp_path), "vsftpd": ["/var/log/vsftpd.log"], "files": "changes"}))
    with pytest.raises(Unobservable, match="has not run yet"):
        subject.monitoring(str(settings))
    (tmp_path / "state").touch()
    os.utime(tmp_path / "state", (1764561600, 1764561600))
    found = subject.monitoring(str(settings))
    assert found == {
        "installed": True,
        "timer": False,
        "last_run": "2025-12-01T04:00:00Z",
        "sshd": True,
        "ftp_logs": ["/var/log/vsftpd.log"],
        "files": "changes",
    }
    assert fits(found, FORMS["monitoring"])


def test_a_host_without_the_collector(tmp_path: Path) -> None:
    found = subject.monitoring(str(tmp_path / "none"))
    assert found["installed"] is False
    assert fits(found, FORMS["monitoring"])
