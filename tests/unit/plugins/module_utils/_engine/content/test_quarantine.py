# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quarantine: private, each content once, whole or not there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ContentRefused,
    InvalidRequest,
    QuarantineFailed,
)
from support.scenes.content_scene import ContentScene, inspecting_program, scripted_check
from support.servers.clamd import FORBIDDEN


@pytest.mark.parametrize("kind", ["others", "link", "file"])
def test_a_quarantine_that_is_not_private(tmp_path: Path, kind: str) -> None:
    scene = ContentScene(tmp_path, push=False, command=inspecting_program(tmp_path, ""))
    if kind == "others":
        scene.quarantine.mkdir(mode=0o755)
        scene.quarantine.chmod(0o755)
    elif kind == "link":
        scene.quarantine.symlink_to(tmp_path / "nowhere")
    else:
        scene.quarantine.write_text("")
    with pytest.raises(InvalidRequest, match=r"content_check\.quarantine"):
        scene.check.begin()


def test_a_content_is_kept_once_with_each_finding(tmp_path: Path) -> None:
    with scripted_check(tmp_path, push=False) as (scene, clamd):
        scene.check.begin()
        (scene.quarantine / "content.new").write_bytes(b"of a killed run")
        for clamd.behaviour in ("honest", "honest", "control"):  # The last gives another reason.
            assert isinstance(scene.receive(FORBIDDEN), ContentRefused)
        digest, findings = sorted(path.name for path in scene.quarantine.iterdir())
        assert findings == f"{digest}.json"
        assert (scene.quarantine / digest).read_bytes() == FORBIDDEN
        assert len((scene.quarantine / findings).read_bytes().splitlines()) == 1
        assert {stat.S_IMODE(path.stat().st_mode) for path in scene.quarantine.iterdir()} == {0o600}


def test_a_quarantine_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_check(tmp_path, push=False) as (scene, _clamd):
        scene.check.begin()

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        assert isinstance(scene.receive(FORBIDDEN), QuarantineFailed)
        assert list(scene.quarantine.iterdir()) == []
        assert not (scene.tree / "final").exists()
