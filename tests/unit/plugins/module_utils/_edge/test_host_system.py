# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import host_system
from support.running.tasks import run_task


def test_questions_and_answers(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    found = run_task(host_system, files=[str(tmp_path / "file")], programs=["/none/*"])
    assert found["files"][str(tmp_path / "file")] > 0
    assert (found["programs"], found["service"], found["changed"]) == ({"/none/*": False}, None, False)
    assert found["system"].keys() == {"id", "like"}
