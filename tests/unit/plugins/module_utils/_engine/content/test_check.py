# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of content by programs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ContentRefused,
    ContentUnchecked,
    ScannerUnavailable,
    SyncError,
)
from support.scenes.content_scene import QUICK, ContentScene, inspecting_program


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("assert open(path, 'rb').read() == b'1' and sys.argv[1] == '--strict'", None, ""),
        ("print('a card\\x1b number'); sys.exit(1)", ContentRefused, "a card"),
        ("sys.exit(2)", ContentUnchecked, "ended with status 2"),
        ("os.kill(os.getpid(), 9)", ContentUnchecked, "ended by signal 9"),
        ("time.sleep(60)", ContentUnchecked, "did not end within 0.5 seconds"),
        ("print('x' * (2 << 20)); sys.exit(1)", ContentUnchecked, "more than 1 MiB"),
        ("os.execv('/bin/sh', ['sh', '-c', 'sleep 60 & exit 0'])", None, ""),
        ("sys.exit(open(path, 'r+').close())", ContentUnchecked, "ended with status"),
    ],
    ids=["clean", "refused", "status", "killed", "hangs", "endless", "child", "writes"],
)
def test_a_program_as_the_scanner(tmp_path: Path, body: str, error: type[SyncError] | None, words: str) -> None:
    if "r+" in body:
        body = "fd = int(path.rsplit('/', 1)[1])\ntry:\n    os.write(fd, b'x')\nexcept OSError:\n    sys.exit(3)"
    scene = ContentScene(
        tmp_path, command=inspecting_program(tmp_path, body), timeout=5.0 if "open" in body else QUICK * 1
    )
    scene.check.begin()
    if error is None:
        assert scene.send(b"1") == b"1"
        return
    with pytest.raises(error) as caught:
        scene.send(b"1")
    assert words in caught.value.message
    assert caught.value.message.isprintable()


def test_a_program_that_others_can_change_is_refused(tmp_path: Path) -> None:
    words = inspecting_program(tmp_path, "")
    for mode in (0o777, 0o600):
        os.chmod(words[0], mode)
        if mode == 0o600 and os.geteuid() == 0:
            assert not os.access(words[0], os.X_OK)
        with pytest.raises(ScannerUnavailable):
            ContentScene(tmp_path, command=words).check.begin()
    with pytest.raises(ScannerUnavailable):
        ContentScene(tmp_path, command=("/nonexistent",)).check.begin()
