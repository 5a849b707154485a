# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with `content_check` is killed before each of its changes on this host, or finds its quarantine full.

No refused content gets a name or leaves, a quarantine never has half a content, and the next run finishes.

The run is a child of this process. The SFTP server is the tests' own, behind a stand-in for `ssh`, and the scanner is
scripted, so that many runs are affordable; tests/integration/test_content_check.py has a real clamd.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.running.small_disk import filled, small_disk
from support.scenes.moving_scene import KEY, LAST, MovingScene
from support.scripted.scripted_clamd import ScriptedClamd
from support.servers.clamd import FORBIDDEN

GOOD = {"a": b"1", "b": b"2" * 40_000}
BAD = {"bad": b"x" * 9000 + FORBIDDEN, "sub/bad": FORBIDDEN}
SHORT = 6


class Scene(MovingScene):
    """A source with GOOD and BAD, a destination, and a task with a scanner."""

    def __init__(self, directory: Path, socket: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
        self._pull, self.quarantine = options["direction"] == "pull", directory / "quarantine"
        checks: dict[str, Any] = {"clamd": {"socket": str(socket), "max_size": "100k"}}
        kept = {"quarantine": str(self.quarantine)} if self._pull else {}
        super().__init__(directory, monkeypatch, {**GOOD, **BAD}, content_check={**checks, **kept}, **options)

    def reset(self) -> None:
        shutil.rmtree(self.quarantine, ignore_errors=True)
        super().reset()

    def wrong(self) -> Iterator[str]:
        """Yield refused contents where they must not be: at a server, or under a name of this host."""
        for path in self.destination.rglob("*"):
            is_stage = self._pull and path.name.startswith(".secure_sync")
            if path.is_file() and FORBIDDEN in path.read_bytes() and not is_stage:
                yield str(path)
        for path in self.quarantine.glob("*") if self.quarantine.exists() else ():
            if path.suffix not in (".json", ".new"):
                if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                    yield f"{path}: half of a content"
                if not (self.quarantine / f"{path.name}.json").exists():
                    yield f"{path}: no finding"

    def kept(self) -> dict[str, bytes]:
        """Return the contents of the quarantine, by the paths of their findings."""
        found = {}
        for path in self.quarantine.glob("*.json"):
            finding = json.loads(path.read_text())
            found[finding["path"].removesuffix(".age")] = (self.quarantine / finding["sha256"]).read_bytes()
        return found

    def arrived(self) -> dict[str, bytes]:
        """Return all files of the destination."""
        paths = [path for path in self.destination.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.destination)): path.read_bytes() for path in paths}


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Path]:
    with ScriptedClamd(tmp_path / "clamd.ctl") as clamd:
        yield clamd.socket


@pytest.mark.parametrize(
    "options",
    [
        {"direction": "push"},
        {"direction": "pull"},
        {"direction": "pull", "after_transfer": "delete"},
        {"direction": "pull", "decrypt": {"identities": [KEY.identity]}},
    ],
    ids=["push", "pull", "pull-delete", "pull-decrypted"],
)
def test_a_killed_run_names_nothing_unchecked(
    options: dict[str, Any],
    scanner: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chance: random.Random,
    long_run: bool,
) -> None:
    scene = Scene(tmp_path, scanner, monkeypatch, **options)
    scene.reset()
    changes = scene.killed_before(LAST)[1]
    numbers = range(1, changes + 1)
    wrong = []
    for number in numbers if long_run else sorted(chance.sample(numbers, SHORT)):
        scene.reset()
        scene.killed_before(number)
        wrong += [(number, fact) for fact in scene.wrong()]
        result = scene.run()
        wrong += [(number, fact) for fact in scene.wrong()]
        codes = {item["code"] for item in result["failed_items"]}
        ended = (scene.arrived(), codes, {path.name for path in scene.source.rglob("*bad*")} != set())
        if ended != (GOOD, {"content_refused"}, True):
            wrong.append((number, f"{result['msg']} {sorted(scene.arrived())}"))
        if options["direction"] == "pull" and (scene.kept() != BAD or list(scene.quarantine.glob("*.new"))):
            wrong.append((number, f"quarantine: {sorted(os.listdir(scene.quarantine))}"))
    assert wrong == []
    assert changes > SHORT
    print(f"{changes} points")


def test_a_full_quarantine_keeps_the_file_at_its_source(
    scanner: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path, scanner, monkeypatch, direction="pull", after_transfer="delete")
    scene.reset()
    with small_disk("size=64k") as disk:
        scene.quarantine = disk / "quarantine"
        scene.options["content_check"]["quarantine"] = str(scene.quarantine)
        scene.quarantine.mkdir(mode=0o700)
        with filled(disk, blocks=1):
            result = scene.run()
            codes = {item["path"]: item["code"] for item in result["failed_items"]}
            assert codes["bad"] == "quarantine_failed"
            assert "is full" in result["msg"] + str(result["failed_items"])
            assert list(scene.wrong()) == []
            assert (scene.source / "bad").read_bytes() == BAD["bad"]
            assert scene.arrived() == GOOD
        assert {item["code"] for item in scene.run()["failed_items"]} == {"content_refused"}
        assert scene.kept() == BAD
