# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with markers is killed before each of its changes on this host and of its requests to the server: no marker
stands without its proven files, no file is lost, and the next run finishes.

The destination has earlier versions of two files, with their markers. The run is a child of this process.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from support.scenes.moving_scene import CONTENT, LAST, MovingScene, files

FILE = {"marker": "{name}.done"}
DIRECTORY = {"marker": "READY", "marker_for": "directory"}
RUN = {"marker": "READY", "marker_for": "run"}
FORMER = {"a": b"former", "sub/c": b"former"}
SHORT = 4


def marker(options: dict[str, Any], path: str) -> str:
    directory, slash, name = path.rpartition("/")
    if options.get("marker_for") == "run":
        return str(options["marker"])
    return directory + slash + str(options["marker"]).replace("{name}", name)


def marked(options: dict[str, Any], tree: dict[str, bytes]) -> dict[str, bytes]:
    return {**tree, **{marker(options, path): b"" for path in tree}}


def write(directory: Path, tree: dict[str, bytes]) -> None:
    for name, data in tree.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_bytes(data)


def alone(options: dict[str, Any], there: dict[str, bytes]) -> list[str]:
    """Return the markers whose files are neither all as they were sent, nor all as they were before."""
    wrong = []
    for mark in {marker(options, path) for path in CONTENT} & there.keys():
        states = [{path: data for path, data in tree.items() if marker(options, path) == mark} for tree in _STATES]
        if not any(state and state.items() <= there.items() for state in states):
            wrong.append(mark)
    return wrong


_STATES = (CONTENT, FORMER)


@pytest.mark.parametrize("after", ["keep", "delete"])
@pytest.mark.parametrize("options", [FILE, DIRECTORY, RUN], ids=["file", "directory", "run"])
def test_a_push_leaves_no_marker_alone(
    options: dict[str, Any],
    after: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chance: random.Random,
    long_run: bool,
) -> None:
    scene = MovingScene(tmp_path, monkeypatch, direction="push", after_transfer=after, **options)

    def reset() -> None:
        scene.reset()
        write(scene.destination, marked(options, FORMER))

    reset()
    changes = scene.killed_before(LAST)[1]
    numbers, wrong = range(1, changes + 1), []
    for number in numbers if long_run else sorted(chance.sample(numbers, SHORT)):
        reset()
        scene.killed_before(number)
        here, there = scene.left(), files(scene.destination)
        wrong += [(number, f"{mark} stands alone") for mark in alone(options, there)]
        wrong += [
            (number, f"{path} is lost")
            for path, data in CONTENT.items()
            if data not in (here.get(path), there.get(path))
        ]
        wrong += [
            (number, f"{path} left unmarked")
            for path in CONTENT
            if path not in here and marker(options, path) not in there
        ]
        result = scene.run()
        ended = (result.get("failed"), files(scene.destination), scene.left())
        if ended != (None, marked(options, CONTENT), {} if after == "delete" else CONTENT):
            wrong.append((number, f"{ended}"))
        if scene.run()["changed"]:
            wrong.append((number, "it changes again"))
    assert wrong == []
    assert changes > SHORT
    print(f"{changes} points")


@pytest.mark.parametrize("options", [FILE, DIRECTORY, RUN], ids=["file", "directory", "run"])
def test_a_pull_leaves_no_marker_for_the_next_file(
    options: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chance: random.Random,
    long_run: bool,
) -> None:
    scene = MovingScene(tmp_path, monkeypatch, direction="pull", after_transfer="delete", **options)

    def reset() -> None:
        scene.reset()
        write(scene.source, {path: b"" for path in marked(options, CONTENT) if path not in CONTENT})

    reset()
    changes = scene.killed_before(LAST)[1]
    numbers, wrong = range(1, changes + 1), []
    for number in numbers if long_run else sorted(chance.sample(numbers, SHORT)):
        reset()
        scene.killed_before(number)
        here, there = scene.left(), scene.arrived()
        wrong += [
            (number, f"{path} is gone, its marker not")
            for path in CONTENT
            if path not in here and marker(options, path) in here
        ]
        wrong += [
            (number, f"{path} is lost")
            for path, data in CONTENT.items()
            if data not in (here.get(path), there.get(path))
        ]
        result = scene.run()
        ended = (result.get("failed"), scene.left(), scene.arrived())
        if ended != (None, {}, CONTENT):
            wrong.append((number, f"{ended}"))
    assert wrong == []
    assert changes > SHORT
    print(f"{changes} points")
