# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that change between their check and their name, or the first byte."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SourceChanged
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from support.scenes.content_scene import FINAL, STAGE, ContentScene, inspecting_program, scripted_check

CHANGES: dict[str, str] = {
    "content": "open(target, 'ab').write(b'evil')",
    "same size": "open(target, 'r+b').write(b'2'); os.utime(target, (1, 1))",
    "cut": "os.truncate(target, 0)",
}


@pytest.mark.parametrize("push", [True, False])
@pytest.mark.parametrize("change", list(CHANGES))
def test_a_file_that_changes_during_its_check(tmp_path: Path, push: bool, change: str) -> None:
    body = f"target = os.path.realpath(path)\n{CHANGES[change]}"
    scene = ContentScene(tmp_path, push=push, command=inspecting_program(tmp_path, body))
    scene.check.begin()
    if push:
        with pytest.raises(SourceChanged):
            scene.send(b"1")
    else:
        assert isinstance(scene.receive(b"1"), SourceChanged)
        assert not (scene.tree / "final").exists()


def test_another_file_in_the_place_of_a_checked_stage(tmp_path: Path) -> None:
    body = "target = os.path.realpath(path)\nos.rename(target, target + '.moved'); open(target, 'wb').write(b'evil')"
    scene = ContentScene(tmp_path, push=False, command=inspecting_program(tmp_path, body))
    scene.check.begin()
    assert scene.receive(b"1") is not None
    assert not (scene.tree / "final").exists()


def test_a_link_in_the_place_of_a_stage(tmp_path: Path) -> None:
    with scripted_check(tmp_path, push=False) as (scene, clamd):
        scene.check.begin()
        scene.local.create_stage(STAGE).finish(Attributes())
        (scene.tree / ".stage").unlink()
        (scene.tree / ".stage").symlink_to("/etc/hostname")
        (done,) = scene.local.rename([Rename(STAGE, FINAL)])
        assert done.error is not None
        assert clamd.contents == []


def test_a_file_that_changes_after_its_check(tmp_path: Path) -> None:
    """The bytes that are sent count, also if the file looks as before and is what was sent."""
    with scripted_check(tmp_path) as (scene, _clamd):
        scene.check.begin()
        path = scene.tree / "a"
        path.write_bytes(b"1")
        file = scene.local.open_source(RelPath(b"a"))
        path.write_bytes(b"2")
        os.utime(path, ns=(file.mtime, file.mtime))
        sent = file.read(100)
        assert sent == b"2"
        assert file.changed(sha256(sent).digest)
        file.close()
