# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded digests, and the records that are trusted."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import write_manifest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.tree_record import TreeRecord
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, LINK, STAMP, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import (
    DAY,
    LOCAL,
    PEER,
    SECOND,
    Record,
    unsettled,
    unsettled_stamps,
)
from support.scenes.former_state import ACCOUNT, former_name
from support.scenes.sync_pair import SyncPair

TREE = {RelPath(b"a\n\xff"): Entry(FILE, 3, 1_600_000_000_123_456_789, 0o644)}
STAMPS = {RelPath(b"a\n\xff"): STAMP.pack(1_650_000_000_000_000_001, 4711)}
PAIR = b"0123456789abcdef" * 4
NAME = PAIR[:32].decode()
DIGESTS = {RelPath(b"a\n\xff"): bytes(range(32))}
NOW = 1_700_000_000 * SECOND


def record(directory: Path) -> Record:
    return Record(os.fsencode(directory / "state" / "deep"), PAIR, "0123456789abcdef")


def test_written_private_and_read_back(tmp_path: Path) -> None:
    one = record(tmp_path)
    assert one.digests(LOCAL, TREE) == {}
    one.save_tree(LOCAL, TREE, DIGESTS)
    one.save_tree(PEER, {}, {})
    assert record(tmp_path).digests(LOCAL, TREE) == DIGESTS
    assert one.digests(PEER, TREE) == {}
    assert one.notes == []
    folder = tmp_path / "state" / "deep"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("harm", ["cut", "flipped", "writable", "link", "fifo", "directory"])
def test_what_cannot_be_believed_is_a_note(tmp_path: Path, harm: str) -> None:
    record(tmp_path).save_tree(LOCAL, TREE, DIGESTS)
    file = tmp_path / "state" / "deep" / (NAME + ".local.tree")
    data = file.read_bytes()
    if harm == "cut":
        file.write_bytes(data[:-1])
    elif harm == "flipped":
        file.write_bytes(data[:-40] + bytes([data[-40] ^ 1]) + data[-39:])
    elif harm == "writable":
        file.chmod(0o620)
    else:
        file.unlink()
        {"link": lambda: file.symlink_to("/etc/passwd"), "fifo": lambda: os.mkfifo(file), "directory": file.mkdir}[
            harm
        ]()
    one = record(tmp_path)
    assert one.digests(LOCAL, TREE) == {}
    assert len(one.notes) == 1


def test_a_file_that_was_replaced_with_size_and_mtime_kept_is_not_known(tmp_path: Path) -> None:
    record(tmp_path).save_tree(LOCAL, TREE, DIGESTS, STAMPS.get)
    path = next(iter(TREE))
    changed, inode = STAMP.unpack(STAMPS[path])
    assert record(tmp_path).digests(LOCAL, TREE, STAMPS) == DIGESTS
    assert record(tmp_path).digests(LOCAL, TREE, {path: STAMP.pack(changed + 1, inode)}) == {}
    assert record(tmp_path).digests(LOCAL, TREE, {path: STAMP.pack(changed, inode + 1)}) == {}
    assert record(tmp_path).digests(LOCAL, TREE, {}) == {}
    assert record(tmp_path).digests(LOCAL, TREE) == DIGESTS, "where stamps do not count"


def test_an_older_record_is_read_and_made_again_where_stamps_count(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "deep"
    folder.mkdir(parents=True, mode=0o700)
    for side in (LOCAL, PEER):
        file = folder / f"{NAME}.{side}.mtree"
        file.write_bytes(write_manifest(TREE, DIGESTS))
        file.chmod(0o600)
        file.with_suffix(".compiled").write_bytes(b"")
    one = record(tmp_path)
    assert not one.is_former
    assert one.digests(PEER, TREE) == DIGESTS
    assert one.digests(LOCAL, TREE, STAMPS) == {}
    assert one.notes == []
    assert one.is_former
    one.save_tree(PEER, TREE, DIGESTS)
    assert sorted(file.suffix for file in folder.glob("*.peer.*")) == [".tree"]
    assert record(tmp_path).digests(PEER, TREE) == DIGESTS


@pytest.mark.parametrize("what", ["to another pair", "of the other side"])
def test_the_record_of_something_else_is_not_believed(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "state" / "deep"
    other = b"f" * 64 if what == "to another pair" else PAIR
    side = LOCAL if what == "to another pair" else PEER
    Record(os.fsencode(folder), other, "0123456789abcdef").save_tree(side, TREE, DIGESTS)
    (folder / f"{other[:32].decode()}.{side}.tree").rename(folder / f"{NAME}.local.tree")
    one = record(tmp_path)
    assert one.digests(LOCAL, TREE) == {}
    assert one.notes == ["the record of proven digests is not used: it belongs to another pair of trees"]


@pytest.mark.parametrize("harm", ["group", "others", "owner"])
def test_a_directory_that_others_can_write_to_is_not_used(tmp_path: Path, harm: str) -> None:
    record(tmp_path).save_tree(LOCAL, TREE, DIGESTS)
    folder = tmp_path / "state" / "deep"
    before = sorted((file.name, file.read_bytes()) for file in folder.iterdir())
    if harm == "owner":
        if os.geteuid():
            return  # only root can give a directory away; the tests, which run as root in CI, try it
        os.chown(folder, 4711, 4711)
    else:
        folder.chmod(0o770 if harm == "group" else 0o707)
    one = record(tmp_path)
    assert one.digests(LOCAL, TREE) == {}
    one.save_tree(LOCAL, {}, {})
    assert sorted((file.name, file.read_bytes()) for file in folder.iterdir()) == before
    assert len(one.notes) == 2
    assert all(f"others can write to {folder}" in note for note in one.notes)


def test_a_failed_write_leaves_the_old_record_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path).save_tree(LOCAL, TREE, DIGESTS)
    one = record(tmp_path)
    # A mock: a disk that is full at this very moment cannot be had without root.
    monkeypatch.setattr(os, "replace", Mock(side_effect=OSError(28, "No space left on device")))
    one.save_tree(LOCAL, {}, {})
    assert "No space" in one.notes[0]
    assert len(list((tmp_path / "state" / "deep").iterdir())) == 1
    assert record(tmp_path).digests(LOCAL, TREE) == DIGESTS


@pytest.mark.parametrize(
    ("mtime", "sure"),
    [
        (NOW - 21_000_000 + 1, True),
        (NOW - 19_000_001, False),
        (NOW - 3 * SECOND, True),
        (NOW - SECOND, False),
        (NOW, False),
        (NOW + 3600 * SECOND, False),
        (NOW + 2 * DAY, True),
    ],
)
def test_racily_clean(mtime: int, sure: bool) -> None:
    path = RelPath(b"a")
    assert list(unsettled({path: Entry(FILE, 1, mtime, 0o644)}, [path], NOW)) == [path] * (not sure)
    assert list(unsettled({path: Entry(LINK, 0, mtime, 0o777)}, [path], NOW)) == [path]
    assert list(unsettled({}, [path], NOW)) == [path]


def test_racily_clean_by_the_change_time() -> None:
    path = RelPath(b"a")
    for changed, sure in ((NOW - 21_000_001, True), (NOW - 19_000_001, False), (NOW + 2 * DAY, False)):
        assert list(unsettled_stamps({path: STAMP.pack(changed, 1)}, [path], NOW)) == [path] * (not sure)
    assert list(unsettled_stamps({}, [path], NOW)) == [path]


def test_the_direction_is_no_part_of_the_key(tmp_path: Path) -> None:
    state = os.fsencode(tmp_path)
    push = SyncPair({b"a": b"1"}, {}, state_dir=state)
    push.run()
    pull = SyncPair(push.destination, push.source, push=False, state_dir=state)
    assert pull.run().proofs["recorded"] == 1


@pytest.mark.parametrize("other", [{"exclude": ("x",)}, {"include": ("a",)}])
def test_filters_are_part_of_the_key(other: dict) -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.run()
    pair.run(**other)
    assert pair.run().proofs["recorded"] == 1
    assert len(os.listdir(pair.state_dir)) == 4


def test_a_size_mtime_run_keeps_what_was_recorded() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.run()
    pair.source.fill({b"b": b"2"})
    pair.run(compare="size_mtime")
    assert pair.run().proofs["recorded"] == 2


def test_the_record_of_a_former_version_is_written_again_by_the_next_run() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.run()
    state = Path(os.fsdecode(pair.state_dir))
    for file in state.glob("*.tree"):
        record_of = _opened(file)
        tree = {RelPath(path): Entry(FILE, each[0], each[1], 0o644) for path, each in record_of.files()}
        digests = {path: each[2] for path, each in record_of.files()}
        manifest = file.with_suffix(".mtree")
        manifest.write_bytes(write_manifest(tree, digests))
        manifest.chmod(0o600)
        file.unlink()
    assert pair.run().proofs["recorded"] == 1
    assert sorted({file.suffix for file in state.iterdir()}) == [".tree"]
    assert pair.run().proofs["recorded"] == 1


def _opened(file: Path) -> TreeRecord:
    """Open a record, whose second line names its tree."""
    data = file.read_bytes()
    return TreeRecord(BytesIO(data), data.split(b"\n")[1], len(data))


def kept(pair: SyncPair) -> set[str]:
    return {path.name.partition(".")[0] for path in Path(os.fsdecode(pair.state_dir)).iterdir() if path.is_file()}


def test_a_server_decides_no_name_of_a_file(tmp_path: Path) -> None:
    pair = SyncPair({b"a": b"1"}, {}, state_dir=os.fsencode(tmp_path / "state"))
    pair.run()
    before = kept(pair)
    for number in range(3):
        pair.peer.answered_root = b"/answer/%d" % number
        moved = pair.content_moved()
        pair.run()
        assert kept(pair) == before
        assert pair.content_moved() == moved + 1, "digests of another directory do not count"
    moved = pair.content_moved()
    pair.run()
    assert pair.content_moved() == moved


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_record_of_a_former_version_is_used(tmp_path: Path, check_mode: bool) -> None:
    pair = SyncPair({b"a": b"1"}, {}, state_dir=os.fsencode(tmp_path / "state"))
    pair.run()
    (new,) = kept(pair)
    former = former_name(*ACCOUNT, pair.peer.root, pair.local.root, b"", b"")[:32]
    for path in (tmp_path / "state").iterdir():
        path.rename(path.with_name(path.name.replace(new, former)))
    moved = pair.content_moved()
    pair.run(check_mode=check_mode)
    assert pair.content_moved() == moved
    assert kept(pair) == {former if check_mode else new}
