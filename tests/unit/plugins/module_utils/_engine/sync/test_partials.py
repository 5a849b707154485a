# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of partial files: what a run writes, and what the next run takes from it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Basis, Blocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import PartialFiles
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import partials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import Record
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Kept, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)

SIZE = 1000
ODD = RelPath(b"d/\xff \n")
FILES = [RelPath(b"a"), ODD]


def found(run: partials.Partials, prepared: Any) -> list[RelPath]:
    """Let a run learn its plan; return the leftovers that it removes."""
    run.planned(prepared)
    return list(prepared.litter)


class Scene:
    """Two directories here, and runs between them, each with names of its own."""

    def __init__(self, place: Path, *, push: bool = True) -> None:
        self.place, self.push = place, push
        self.near, self.far = place / "near", place / "far"
        for root in (self.near, self.far):
            (root / "d").mkdir(parents=True)
        for path in FILES:
            (self.near / os.fsdecode(path)).write_bytes(bytes(SIZE))
        self.runs = 0

    def run(self, **wanted: Any) -> partials.Partials:
        self.runs += 1
        self.names = StageNames(os.fsencode(self.far), f"{self.runs:016x}")
        self.outcomes = Outcomes()
        source, destination = (LocalTransport(os.fsencode(root)) for root in (self.near, self.far))
        sides = SimpleNamespace(push=self.push, local=source if self.push else destination, destination=destination)
        record = Record(os.fsencode(self.place / "state"), b"0" * 64, f"{self.runs:016x}")
        opened: Any = SimpleNamespace(sides=sides, names=self.names)
        parts: Any = SimpleNamespace(record=record, opened=opened, outcomes=self.outcomes)
        return partials.Partials(parts, PartialFiles(**{"min_size": SIZE, **wanted}))

    def prepared(self, litter: Sequence[RelPath] = ()) -> Any:
        source = LocalTransport(os.fsencode(self.near))
        tree = {path: source.entry_at(path) for path in FILES}
        plan = SimpleNamespace(stores=SimpleNamespace(has=lambda path: path in FILES), others=())
        present = LocalTransport(os.fsencode(self.far))
        return SimpleNamespace(
            source=SimpleNamespace(listed=None, tree=tree),
            destination=SimpleNamespace(stages={path: present.entry_at(path) for path in litter}),
            plan=plan,
            litter=list(litter),
            started=time.time_ns(),
        )

    def transfer(self, path: RelPath, **fields: Any) -> Transfer:
        entry = LocalTransport(os.fsencode(self.near)).entry_at(path)
        assert entry is not None
        return Transfer(path, path, self.names.beside(path), entry, Attributes(), **fields)

    def broken_run(self, size: int = 600) -> list[RelPath]:
        """A run that breaks off after so many bytes of each file; return the stages."""
        run = self.run()
        found(run, self.prepared())
        begun = [run.staged(self.transfer(path)) for path in FILES]
        for one in begun:
            (self.far / os.fsdecode(one.stage)).write_bytes(bytes(size))
            one.kept.reached(size)
        run.ended()
        assert self.names.open == set()
        return [one.stage for one in begun]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_the_next_run_takes_the_files(scene: Scene) -> None:
    stages = scene.broken_run()
    run = scene.run()
    assert found(run, scene.prepared(stages)) == []
    assert [note.partition(" at ")[2] for note in scene.outcomes.notes] == [
        f"600 of {SIZE} bytes, where a run broke off" for _path in FILES
    ]
    taken = [run.staged(scene.transfer(path)) for path in FILES]
    assert [(one.stage, one.begun) for one in taken] == [(stage, 600) for stage in stages]
    assert scene.names.open == set(stages)


@pytest.mark.parametrize(("size", "taken"), [(1, True), (SIZE, True), (0, False), (SIZE + 1, False)])
def test_a_part_has_from_one_byte_to_the_whole_file(scene: Scene, size: int, *, taken: bool) -> None:
    stages = scene.broken_run(1)
    for stage in stages:
        os.truncate(scene.far / os.fsdecode(stage), size)
    run = scene.run()
    found(run, scene.prepared(stages))
    assert [run.staged(scene.transfer(path)).begun for path in FILES] == [int(taken)] * len(FILES)


def test_files_that_a_run_did_not_come_to_stay(scene: Scene) -> None:
    """It broke off before; the names that it did come to, and did not finish, stay too."""
    stages = scene.broken_run()
    run = scene.run()
    found(run, scene.prepared(stages))
    run.staged(scene.transfer(FILES[0]))
    run.ended()
    again = scene.run()
    found(again, scene.prepared(stages))
    assert [again.staged(scene.transfer(path)).begun for path in FILES] == [600, 600]


def test_a_file_that_was_stored_or_failed_leaves_the_record(scene: Scene) -> None:
    """Its stage was released."""
    stages = scene.broken_run()
    run = scene.run()
    found(run, scene.prepared(stages))
    for path in FILES:
        scene.names.release(run.staged(scene.transfer(path)).stage)
    run.ended()
    assert list((scene.place / "state").iterdir()) == []


def test_a_part_of_no_use_is_not_continued(scene: Scene) -> None:
    """If this run cannot remove it, the next run does."""
    stages = scene.broken_run()
    run = scene.run()
    found(run, scene.prepared(stages))
    for kept in [run.staged(scene.transfer(path)).kept for path in FILES]:
        kept.start_over()
    run.ended()
    assert scene.names.open == set(stages)
    assert found(scene.run(), scene.prepared(stages)) == stages


def test_a_second_transfer_of_a_file_has_another_stage(scene: Scene) -> None:
    (stage, *_others) = scene.broken_run()
    run = scene.run()
    found(run, scene.prepared())
    run.staged(scene.transfer(FILES[0]))
    second = run.staged(scene.transfer(FILES[0]))
    assert second.begun == 0
    assert second.stage != stage
    assert scene.names.lasts(second.stage)


def test_a_stage_that_moves_after_a_loss(scene: Scene) -> None:
    run = scene.run()
    one = run.staged(scene.transfer(FILES[0]))
    one.kept.reached(500)
    moved = one.kept.moved(scene.names.beside(FILES[0]))
    assert scene.names.lasts(moved)
    run.ended()
    assert found(scene.run(), scene.prepared()) == []
    assert scene.outcomes.notes == []


@pytest.mark.parametrize("change", ["size", "mtime", "content", "inode"])
def test_a_changed_source(scene: Scene, change: str) -> None:
    stages = scene.broken_run()
    source = scene.near / "a"
    before = source.stat()
    if change == "inode":
        source.rename(scene.near / "b")
    source.write_bytes(b"x" * (SIZE + (change == "size")))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns + (change == "mtime")))
    run = scene.run()
    assert found(run, scene.prepared(stages)) == stages[:1]
    assert [run.staged(scene.transfer(path)).begun for path in FILES] == [0, 600]


def test_an_old_record(scene: Scene) -> None:
    stages = scene.broken_run()
    assert found(scene.run(max_age=0), scene.prepared(stages)) == stages


def test_files_of_other_tasks_stay_until_they_are_old(scene: Scene) -> None:
    names = StageNames(os.fsencode(scene.far), "f" * 16)
    short = names.beside(FILES[0])
    young, old = (names.lasting(names.beside(FILES[0])) for _number in range(2))
    for stage in (short, young, old):
        (scene.far / os.fsdecode(stage)).write_bytes(b"")
    os.utime(scene.far / os.fsdecode(old), (1, 1))
    assert found(scene.run(), scene.prepared([short, young, old])) == [short, old]


def test_a_state_directory_that_cannot_be_written(scene: Scene) -> None:
    (scene.place / "state").write_bytes(b"")
    run = scene.run()
    one = run.staged(scene.transfer(FILES[0]))
    one.kept.reached(500)
    run.ended()
    assert scene.names.open == {one.stage}, "removed at the end of the run"
    (note,) = scene.outcomes.notes
    assert note.startswith("partial: nothing can be recorded in state_dir")


def test_nothing_is_continued_or_left_while_another_run_lives(scene: Scene) -> None:
    """Only its end is proof that it writes no more: it may have lost its lock without having noticed."""
    claim: Any = object()
    stages = scene.broken_run()
    first, second, third = scene.run(), scene.run(), scene.run()
    first.begin(claim)
    second.begin(claim)
    assert found(second, scene.prepared(stages)) == []
    transfer = scene.transfer(FILES[0])
    assert second.staged(transfer) is transfer
    second.ended()
    second.close()
    first.close()
    third.begin(claim)
    assert found(third, scene.prepared(stages)) == []
    assert third.staged(scene.transfer(FILES[0])).begun == 600


def test_the_record_is_written_once_a_second(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(partials.time, "monotonic", lambda: now[0])
    one = scene.run().staged(scene.transfer(FILES[0]))
    (file,) = (scene.place / "state").iterdir()
    first = file.read_bytes()
    one.kept.reached(10)
    assert file.read_bytes() == first
    now[0] += 1
    one.kept.reached(20)
    assert b" 20 " in file.read_bytes()


def test_small_files_and_files_by_blocks(scene: Scene) -> None:
    """A copied block that is not proven again does not last; on a pull only changed blocks move."""
    run = scene.run(min_size=SIZE + 1)
    assert run.staged(scene.transfer(FILES[0])).kept.__class__ is Kept
    basis = Basis(Blocks(100, b"", strong=True))
    run = scene.run()
    assert run.staged(scene.transfer(FILES[0], basis=basis)).kept.__class__ is partials.Partial
    assert run.staged(scene.transfer(FILES[0], basis=basis._replace(read_back=True))).kept.__class__ is Kept
    scene.push = False
    assert scene.run().staged(scene.transfer(FILES[0], basis=basis)).kept.__class__ is Kept
