# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source of events, with a queue and real files: no line is lost or handed over twice, however the file
changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.extensions.eda.plugins.event_source import transfer_events
from ansible_collections.secure.ftp_synchronize.extensions.eda.plugins.event_source.transfer_events import main


class Life:
    """A file, and the runs of the source that read it."""

    def __init__(self, directory: Path) -> None:
        self.file, self.checkpoint = directory / "runs.jsonl", directory / "position"

    def write(self, *numbers: int) -> None:
        """Append a line for each number."""
        with open(self.file, "ab") as stream:
            stream.write(lines(*numbers))

    def run(self, *while_it_runs: Callable[[], Any], **args: Any) -> list[Any]:
        """Run the source, and return the numbers, or events of other lines, that it hands over.

        while_it_runs: each is called when the source has nothing more to hand over
        """
        given = {"file": str(self.file), "checkpoint": str(self.checkpoint), "interval": 0.001, **args}
        events = asyncio.run(handed_over(given, while_it_runs))
        return [event.get("n", event) for event in events]

    def rotate(self) -> None:
        """Move the file away, as logrotate does."""
        self.file.rename(f"{self.file}.1")

    def empty(self) -> None:
        """Copy the file away and empty it, as logrotate does with copytruncate."""
        Path(f"{self.file}.1").write_bytes(self.file.read_bytes())
        os.truncate(self.file, 0)

    def replace(self, *numbers: int) -> None:
        """Replace the file by another with these lines."""
        new = self.file.with_suffix(".new")
        new.write_bytes(lines(*numbers))
        new.replace(self.file)


def lines(*numbers: int) -> bytes:
    return b"".join(b'{"n": %d}\n' % number for number in numbers)


async def handed_over(args: dict[str, Any], while_it_runs: tuple[Callable[[], Any], ...]) -> list[dict[str, Any]]:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    task = asyncio.create_task(main(queue, args))
    events = []
    for step in (lambda: None, *while_it_runs):
        step()
        events += await until_quiet(queue, task)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return events


async def until_quiet(queue: asyncio.Queue[dict[str, Any]], task: asyncio.Task[None]) -> list[dict[str, Any]]:
    """Return the events until the source has looked several times and found nothing."""
    events, quiet = [], 0
    while quiet < 5:
        if task.done():
            task.result()
        await asyncio.sleep(0.002)
        quiet += 1
        while not queue.empty():
            events.append(queue.get_nowait())
            quiet = 0
    return events


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


def test_it_begins_at_the_end_of_the_file(life: Life) -> None:
    life.write(1, 2)
    assert life.run(lambda: life.write(3)) == [3]


def test_it_begins_at_the_start_on_request(life: Life) -> None:
    life.write(1, 2)
    assert life.run(lambda: life.write(3), **{"from": "start"}) == [1, 2, 3]


def test_every_line_of_a_file_that_appears_later_is_new(life: Life) -> None:
    assert life.run(lambda: life.write(1, 2)) == [1, 2]


def test_a_later_run_goes_on_after_the_last_event(life: Life) -> None:
    life.write(1)
    assert life.run() == []
    life.write(2)
    assert life.run(lambda: life.write(3)) == [2, 3]
    assert life.run() == []


def test_without_a_checkpoint_each_run_begins_again(life: Life) -> None:
    life.write(1)
    assert [life.run(checkpoint="", **{"from": "start"}) for _each in range(2)] == [[1], [1]]


def test_half_a_line_waits_for_its_end(life: Life) -> None:
    life.write(1)
    assert life.run(lambda: append(life, b'{"n"'), lambda: append(life, b": 2}\n")) == [2]


def test_it_begins_before_half_a_line(life: Life) -> None:
    append(life, b'{"n": 1}\n{"n"')
    assert life.run(lambda: append(life, b": 2}\n")) == [2]


def test_a_rotation_while_it_runs(life: Life) -> None:
    life.write(1)
    assert life.run(lambda: (life.write(2), life.rotate()), lambda: life.write(3)) == [2, 3]


def test_the_end_of_a_file_that_was_rotated_between_two_looks(life: Life) -> None:
    life.write(1)
    assert life.run(lambda: (life.write(2), life.rotate(), life.write(3))) == [2, 3]


def test_a_file_that_was_emptied_while_it_runs(life: Life) -> None:
    life.write(1, 2)
    assert life.run(life.empty, lambda: life.write(3)) == [3]


def test_a_file_that_was_emptied_and_is_as_long_again(life: Life) -> None:
    life.write(1)
    assert life.run(lambda: (life.write(2), life.empty(), life.write(3, 4, 5))) == [2, 3, 4, 5]


def test_a_rotation_between_two_runs(life: Life) -> None:
    life.write(1)
    life.run()
    life.write(2)
    life.rotate()
    life.write(3)
    assert life.run() == [2, 3]


def test_two_rotations_between_two_runs_are_reported(life: Life) -> None:
    life.write(1)
    life.run()
    life.replace(5)
    (problem, number) = life.run()
    assert problem == {"transfer_events": {"problem": "gap", "file": str(life.file), "position": 9}}
    assert number == 5


def test_a_history_without_its_oldest_lines(life: Life) -> None:
    life.replace(1, 2, 3)
    assert life.run(lambda: life.replace(2, 3, 4)) == [4]
    life.replace(3, 4, 5)
    assert life.run(lambda: life.replace(5, 6)) == [5, 6]


def append(life: Life, text: bytes) -> None:
    with open(life.file, "ab") as stream:
        stream.write(text)


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON", b"[1]", b"1", b'"text"', b"null", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\xff"}', b"{} {}", b"",
        b'{"a":' * 20 + b"1" + b"}" * 20, b"[" * 100000,
    ],
    ids=lambda line: repr(line[:12]),
)  # fmt: skip
def test_a_line_that_is_no_object(life: Life, line: bytes) -> None:
    append(life, line + b"\n" + lines(2))
    (problem, number) = life.run(**{"from": "start"})
    assert problem["transfer_events"] == {"problem": "unreadable", "file": str(life.file), "position": len(line) + 1}
    assert number == 2


def test_a_line_without_an_end(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_events, "LONGEST_LINE", 64)
    append(life, b"x" * 100 + b"\n" + lines(2))
    first, second, number = life.run(**{"from": "start"})
    assert [each["transfer_events"]["problem"] for each in (first, second)] == ["unreadable"] * 2
    assert number == 2


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("{{ lookup('pipe', 'id') }}", r"\173{ lookup('pipe', 'id') }}"),
        ("{% raw %}{# x", r"\173% raw %}\173# x"),
        ("{{{%", r"\173\173\173%"),
        ("{one} and {two", "{one} and {two"),
        ("\ud800", "\\ud800"),
    ],
)
def test_no_name_is_a_template(life: Life, text: str, inert: str) -> None:
    append(life, json.dumps({"user": {"name": text}, text: [text], "meta": text}).encode() + b"\n")
    assert life.run(**{"from": "start"}) == [{"user": {"name": inert}, inert: [inert]}]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"file": ""}, "file: missing"),
        ({"path": "x"}, "path: transfer_events has no such argument"),
        ({"from": "middle"}, "from: middle. Set it to end or start."),
        ({"interval": 0}, "interval: 0. Set it to a number of seconds above 0."),
        ({"interval": True}, "interval: True has the wrong type"),
        ({"file": 5}, "file: 5 has the wrong type"),
    ],
)
def test_a_wrong_argument_ends_it(life: Life, args: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        life.run(**args)


@pytest.mark.parametrize("content", ["", "{}", '{"end": 1}', "[]", '{"end": "x", "length": 1, "digest": ""}'])
def test_a_damaged_checkpoint_ends_it(life: Life, content: str) -> None:
    life.checkpoint.write_text(content)
    with pytest.raises(ValueError, match=r"position holds no position\. Remove it"):
        life.run()


def test_a_position_is_replaced_in_one_step(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.write(1)
    life.run()
    before = life.checkpoint.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_names: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        life.run(lambda: life.write(2))
    monkeypatch.undo()
    assert life.checkpoint.read_bytes() == before
    assert life.run() == [2]


def test_its_documentation_names_its_arguments() -> None:
    loaded = runpy.run_path(str(transfer_events.__file__))
    assert set(yaml.safe_load(loaded["DOCUMENTATION"])["options"]) == set(loaded["_OPTIONS"])
    (example,) = yaml.safe_load(loaded["EXAMPLES"])
    assert set(example["secure.ftp_synchronize.transfer_events"]) <= set(loaded["_OPTIONS"])
