# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with `after_transfer` is killed before each of its changes on this host: no file is lost, and the next run
finishes.

The run is a child of this process, whose functions that change files end it.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from support.scenes.moving_scene import CONTENT, KEY, LAST, MovingScene, files

ARCHIVING = {"after_transfer": "archive", "archive_dir": ".sent"}
SHORT = 4


@pytest.mark.parametrize(
    "options",
    [
        {"direction": "push", "after_transfer": "delete"},
        {"direction": "pull", "after_transfer": "delete"},
        {"direction": "push", **ARCHIVING},
        {"direction": "pull", **ARCHIVING},
        {"direction": "push", **ARCHIVING, "encrypt": {"recipients": [KEY.recipient]}},
        {"direction": "pull", "after_transfer": "delete", "decrypt": {"identities": [KEY.identity]}},
    ],
    ids=["push-delete", "pull-delete", "push-archive", "pull-archive", "push-archive-encrypted", "pull-decrypted"],
)
def test_no_file_is_lost(
    options: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chance: random.Random,
    long_run: bool,
) -> None:
    scene = MovingScene(tmp_path, monkeypatch, **options)
    scene.reset()
    changes = scene.killed_before(LAST)[1]
    numbers = range(1, changes + 1)
    wrong = []
    for number in numbers if long_run else sorted(chance.sample(numbers, SHORT)):
        scene.reset()
        scene.killed_before(number)
        here, archived, there = scene.left(), scene.source / ".sent", scene.arrived()
        wrong += [
            (number, name) for name, data in CONTENT.items() if here.get(name) != data and there.get(name) != data
        ]
        wrong += [(number, name) for name in scene.in_plain_form()]
        result = scene.run()
        kept = files(archived) if archived.exists() else {}
        ended = (result.get("failed"), scene.left(), scene.arrived())
        wrong += [(number, path.name) for path in scene.destination.rglob(".secure_sync*")]
        if ended != (None, {}, CONTENT) or ("archive_dir" in options and kept != CONTENT):
            wrong.append((number, result["msg"]))
    assert wrong == []
    assert changes > SHORT
    print(f"{changes} points")
