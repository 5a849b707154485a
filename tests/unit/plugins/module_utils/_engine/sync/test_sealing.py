# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs with `encrypt` and `decrypt` between trees in memory: nothing leaves in plain form, and a second run does
nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, NoSpace
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.human import human_size
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    CHECKSUM,
    SIZE_MTIME,
    FileLimits,
    Recipients,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing import age
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import sealed_listing, sealing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.claim import Claim
from support.scenes.sealed_pair import SealedPair, age_key
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link

CANARY = b"CANARY-in-plain-form"
FILES: dict[bytes, Any] = {b"a": CANARY, b"sub/b": b"beta" * 1000, b"empty": b""}


def files(pair: SyncPair) -> dict[bytes, bytes]:
    return {path: each.content for path, each in pair.local.snapshot().items() if isinstance(each, File)}


@pytest.mark.parametrize("compare", ["recorded", CHECKSUM, SIZE_MTIME])
def test_a_push_seals_and_the_second_does_nothing(compare: str) -> None:
    scene = SealedPair(FILES, compare=compare)
    scene.push()
    assert scene.contents() == FILES
    report = scene.push()
    assert done(report) == []
    assert report.stats["bytes_sent"] == 0
    assert report.stats["files_compared"] == (len(FILES) if compare == CHECKSUM else 0), "nothing is read again"


def test_plaintext_leaves_in_no_operation() -> None:
    scene = SealedPair(FILES, {b"a.age": b"old"}, trash=b".trash", delete=True)
    scene.push()
    scene.pair.source.fill({b"a": File(CANARY * 2, mtime=MTIME + SECOND)})
    scene.push()
    assert all(CANARY not in content for content in scene.there().values())
    assert any(path.startswith(b".trash/") for path in scene.there())


def test_only_what_changed_is_sealed_again() -> None:
    scene = SealedPair(FILES)
    scene.push()
    before = scene.there()
    scene.pair.source.fill({b"a": File(b"other", mtime=MTIME + SECOND)})
    assert done(scene.push()) == [(b"a.age", "store")]
    after = scene.there()
    assert {path for path in after if after[path] != before.get(path)} == {b"a.age"}
    assert scene.contents()[b"a"] == b"other"
    assert done(scene.push()) == []


def test_a_touched_file_is_not_sealed_again() -> None:
    scene = SealedPair(FILES)
    scene.push()
    scene.pair.source.fill({b"a": File(CANARY, mtime=MTIME + SECOND)})
    assert done(scene.push()) == [(b"a.age", "set_attributes")]


def test_content_that_changed_with_its_size_and_time_kept_is_found_by_checksum() -> None:
    scene = SealedPair(FILES)
    scene.push()
    scene.pair.source.fill({b"a": CANARY[::-1]})
    assert done(scene.push(compare=CHECKSUM)) == [(b"a.age", "store")]
    assert scene.contents()[b"a"] == CANARY[::-1]


def test_other_recipients_seal_everything_again_and_check_mode_says_how_much() -> None:
    scene = SealedPair(FILES)
    scene.push()
    scene.keys.append(age_key())
    planned = scene.push(check_mode=True)
    assert [(action.path, action.reason) for action in planned.plan.actions] == [
        (b"a.age", "recipients"), (b"empty.age", "recipients"), (b"sub/b.age", "recipients"),
    ]  # fmt: skip
    size = human_size(sum(map(len, FILES.values())))
    assert sealed_listing.RECIPIENTS % ("3 files", size) in planned.notes
    report = scene.push()
    assert len(done(report)) == 3
    assert scene.contents(scene.keys[1]) == FILES
    assert done(scene.push()) == []


def test_the_order_of_recipients_does_not_matter() -> None:
    scene = SealedPair(FILES, keys=[age_key(), age_key()])
    scene.push()
    scene.keys.reverse()
    assert done(scene.push()) == []


def test_recipients_that_change_in_the_middle_of_a_run_leave_no_file_for_the_old_ones() -> None:
    scene = SealedPair(FILES)
    scene.push()
    scene.keys = [age_key()]
    scene.pair.peer.faults.fail("upload", b"empty.age", NoSpace("No space left on device"), times=2)
    assert codes(scene.run()) == {"no_space"}
    assert {outcome.action.reason for outcome in scene.push().outcomes} == {"recipients"}
    assert scene.contents() == FILES


def test_without_pairs_everything_is_sealed_again_and_a_note_says_so(tmp_path: Path) -> None:
    scene = SealedPair(FILES, state_dir=os.fsencode(tmp_path / "state"))
    scene.push()
    [pairs] = (tmp_path / "state").glob("*.pairs")
    assert pairs.stat().st_mode & 0o777 == 0o600
    pairs.unlink()
    report = scene.push()
    assert len(done(report)) == 3
    assert any("no pairs of sealed files are known" in note for note in report.notes)
    [pairs] = (tmp_path / "state").glob("*.pairs")
    pairs.write_bytes(pairs.read_bytes()[:-3])
    assert any("are not used" in note for note in scene.push().notes)


def test_the_pairs_of_removed_files_are_forgotten(tmp_path: Path) -> None:
    scene = SealedPair(FILES, state_dir=os.fsencode(tmp_path / "state"), delete=True)
    scene.push()
    scene.pair.source.discard(b"a")
    assert done(scene.push()) == [(b"a.age", "remove")]
    [pairs] = (tmp_path / "state").glob("*.pairs")
    assert re.findall(rb"^([!-~]+) \d", pairs.read_bytes(), re.M) == [b"empty", b"sub/b"]


def test_pairs_are_saved_while_a_long_run_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sealing, "_SAVE_EVERY", 0.0)
    monkeypatch.setattr(sealing.SealedRun, "save", lambda *args: None)
    scene = SealedPair(FILES, {b"extra": b"x"}, state_dir=os.fsencode(tmp_path / "state"), delete=True)
    scene.push()
    [pairs] = (tmp_path / "state").glob("*.pairs")
    assert len(re.findall(rb"^[!-~]+ \d", pairs.read_bytes(), re.M)) == 3


def test_a_lost_session_is_taken_up_again() -> None:
    scene = SealedPair(FILES)
    scene.pair.peer.faults.fail("upload", b"a.age", ConnectionLost("the session ended"), times=1)
    scene.push()
    assert scene.contents() == FILES
    assert done(scene.push()) == []


def test_patterns_are_for_the_names_of_contents() -> None:
    scene = SealedPair({**FILES, b"c.tmp": b"no", b"k.pub": b"yes"}, {b"old.tmp.age": b"kept"}, delete=True)
    scene.push(exclude=("*.tmp",))
    assert set(scene.there()) == {b"a.age", b"sub/b.age", b"empty.age", b"k.pub.age", b"old.tmp.age"}
    only = SealedPair({b"k.pub": b"yes", b"k": b"no"})
    only.push(include=("*.pub",))
    assert set(only.there()) == {b"k.pub.age"}


@pytest.mark.parametrize("limits", [FileLimits(max_size=5), FileLimits(min_size=5)])
def test_limits_of_size_are_for_contents_in_every_run(limits: FileLimits) -> None:
    scene = SealedPair({b"five": b"12345", b"other": b"123456" if limits.max_size else b"1234"}, delete=True)
    for _run in range(2):
        report = scene.push(limits=limits)
        assert set(scene.there()) == {b"five.age"}
    assert done(report) == []
    scene.push()
    assert set(scene.there()) == {b"five.age", b"other.age"}
    scene.push(limits=limits)
    assert done(scene.push()) == [], "the pair of a hidden file is kept"


def test_plain_files_of_the_time_before_go_with_delete_and_are_reported_without() -> None:
    scene = SealedPair(FILES, FILES)
    assert sealed_listing.PLAIN_TOO % (3, "a") in scene.push().notes
    report = scene.push(delete=True)
    assert not any("in plain form" in note for note in report.notes)
    assert scene.contents() == FILES
    assert not any("in plain form" in note for note in scene.push().notes)


def test_links_and_directories_keep_their_names() -> None:
    scene = SealedPair({b"a": b"1", b"l": Link(b"a"), b"hollow": Directory()}, links="copy")
    scene.push()
    assert set(scene.pair.peer.snapshot()) == {b"a.age", b"l", b"hollow"}
    assert done(scene.push()) == []


def test_check_mode_writes_nothing() -> None:
    scene = SealedPair(FILES)
    report = scene.push(check_mode=True)
    assert scene.there() == {}
    assert len(report.plan.actions) == 4
    assert not os.path.exists(scene.pair.state_dir)


def test_a_single_file_gets_the_name_of_dest(tmp_path: Path) -> None:
    scene = SealedPair({b"a": b"alpha"})
    local, remote = scene.pair.local.root, scene.pair.peer.root
    scene.push(local_root=local + b"/a", remote_root=remote + b"/in.bin")
    assert set(scene.there()) == {b"in.bin"}
    assert done(scene.push(local_root=local + b"/a", remote_root=remote + b"/in.bin")) == []
    scene.push(local_root=local + b"/a", remote_root=remote)
    assert set(scene.there()) == {b"in.bin", b"a.age"}
    reader = scene.reader()
    back = reader.run(local_root=reader.local.root + b"/b", remote_root=remote + b"/in.bin")
    assert codes(back) == set()
    assert files(reader) == {b"b": b"alpha"}
    again = reader.run(local_root=reader.local.root + b"/b", remote_root=remote + b"/in.bin")
    assert (codes(again), done(again)) == (set(), [])


def test_a_wrong_recipient_ends_the_run_before_any_contact() -> None:
    scene = SealedPair(FILES)
    report = scene.run(encrypt=Recipients("age", ("age1wrong",)))
    assert codes(report) == {"recipient_invalid"}
    assert "peer" not in scene.pair.opened


@pytest.fixture
def without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "has_pyrage", lambda: False)


@pytest.mark.usefixtures("without_the_library")
def test_the_program_age_does_the_same() -> None:
    """The large file is sealed by a thread, whose program ends with a session that is lost."""
    content = {**FILES, b"large": os.urandom(3 << 20)}
    scene = SealedPair(content)
    scene.pair.peer.faults.fail("upload.finish", b"large.age", ConnectionLost("the session ended"), times=1)
    assert any("the connection was lost" in note for note in scene.push().notes)
    assert scene.contents() == content
    assert done(scene.push()) == []
    reader = scene.reader()
    assert codes(reader.run()) == set()
    assert files(reader) == content
    assert done(reader.run()) == []
    assert codes(scene.reader(key=age_key()).run()) == {"identity_missing"}


# pulls


def test_a_pull_opens_and_the_second_does_nothing() -> None:
    scene = SealedPair({**FILES, b"m": File(b"x", 0o600, MTIME - SECOND)})
    scene.push()
    reader = scene.reader({b"extra": b"x"}, delete=True)
    report = reader.run()
    assert codes(report) == set()
    assert reader.local.snapshot() == scene.pair.local.snapshot()
    assert any("without verify" in note for note in report.notes)
    again = reader.run()
    assert (done(again), again.stats["bytes_received"]) == ([], 0)


def test_a_changed_file_comes_alone() -> None:
    scene = SealedPair(FILES)
    scene.push()
    reader = scene.reader()
    reader.run()
    scene.pair.source.fill({b"a": File(b"newer", mtime=MTIME + SECOND)})
    scene.push()
    assert done(reader.run()) == [(b"a.age", "store")]
    assert files(reader)[b"a"] == b"newer"


def test_files_that_cannot_be_opened_fail_by_name_and_the_others_arrive() -> None:
    scene = SealedPair(FILES)
    scene.push()
    there = scene.there()
    theirs = SealedPair({b"theirs": b"x"})
    theirs.push()
    scene.pair.peer.fill({b"theirs.age": theirs.there()[b"theirs.age"], b"cut.age": there[b"sub/b.age"][:-1]})
    reader = scene.reader({b"cut": b"as it was"})
    report = reader.run()
    failed = {bytes(each.action.path): each.error.code for each in report.outcomes if each.error is not None}
    assert failed == {b"theirs.age": "identity_missing", b"cut.age": "sealed_damaged"}
    assert files(reader) == {**FILES, b"cut": b"as it was"}
    scene.pair.peer.fill({b"theirs.age": there[b"a.age"], b"cut.age": there[b"sub/b.age"]})
    assert {path for path, _action in done(reader.run())} == {b"theirs.age", b"cut.age"}


def test_files_that_are_not_sealed_are_skipped() -> None:
    scene = SealedPair(FILES)
    scene.push()
    scene.pair.peer.fill({b"readme": b"plain"})
    reader = scene.reader({b"readme": b"mine"})
    report = reader.run()
    assert [(bytes(item.path), item.reason) for item in report.plan.skipped] == [(b"readme", "not a sealed file")]
    assert files(reader)[b"readme"] == b"mine"


def test_replaced_and_removed_files_go_to_the_trash_in_plain_form() -> None:
    scene = SealedPair({b"a": b"new"})
    scene.push()
    reader = scene.reader({b"a": b"old", b"extra": b"x"}, trash=b".trash", delete=True)
    assert codes(reader.run()) == set()
    assert files(reader) == {b"a": b"new", b".trash/a": b"old", b".trash/extra": b"x"}


def test_an_expired_day_of_the_trash_has_plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trash of this host is no part of the sealed tree: a name with the extension there is no clash."""
    monkeypatch.setattr(Claim, "clock_ahead", 0)  # the sides in memory have a clock of their own
    scene = SealedPair({b"a": b"new"})
    scene.push()
    day = b".trash/secure_sync-2020-01-01/"
    old = {day + b"x": b"1", day + b"x.age/y": b"2", b".trash/other.age": b"3"}
    reader = scene.reader({b"a": b"old", **old}, trash=b".trash", trash_max_age=30)
    report = reader.run()
    assert codes(report) == set()
    assert [path for path, action in done(report) if action == "expire_trash"] == [
        day + b"x.age/y", day + b"x.age", day + b"x", day[:-1],
    ]  # fmt: skip
    assert sorted(files(reader).values()) == [b"3", b"new", b"old"]


@pytest.mark.parametrize("delete", [True, False])
def test_a_file_that_became_a_directory(delete: bool) -> None:
    scene = SealedPair({b"x/in": b"1"})
    scene.push()
    reader = scene.reader({b"x": b"a file"}, delete=delete)
    report = reader.run()
    assert codes(report) == set()
    assert files(reader) == {b"x/in": b"1"}
    assert done(reader.run()) == []


def test_a_link_that_became_a_file() -> None:
    scene = SealedPair({b"x": b"1"})
    scene.push()
    reader = scene.reader({b"x": Link(b"y")}, delete=True)
    assert codes(reader.run()) == set()
    assert files(reader) == {b"x": b"1"}
    assert done(reader.run()) == []


def test_a_directory_in_the_place_of_a_file_is_refused() -> None:
    scene = SealedPair({b"x": b"1"})
    scene.push()
    reader = scene.reader({b"x/in": b"mine"}, delete=True)
    assert codes(reader.run()) == {"kind_conflict"}
    assert files(reader) == {b"x/in": b"mine"}


def test_the_other_direction_uses_the_same_pairs() -> None:
    scene = SealedPair(FILES)
    scene.push()
    back = SyncPair(
        scene.pair.peer, scene.pair.local, push=False, state_dir=scene.pair.state_dir,
        decrypt=scene.keys[0].identities,
    )  # fmt: skip
    report = back.run()
    assert (codes(report), done(report)) == (set(), [])


def test_a_mode_without_read_permission_is_set_last() -> None:
    scene = SealedPair({b"a": File(b"alpha", 0o200)})
    scene.push()
    reader = scene.reader()
    assert codes(reader.run()) == set()
    assert reader.local.snapshot()[b"a"] == File(b"alpha", 0o200)


def test_nothing_of_a_pull_is_left_behind() -> None:
    scene = SealedPair(FILES)
    scene.push()
    reader = scene.reader()
    reader.local.faults.fail("rename", b".", NoSpace("No space left on device"), times=1)
    reader.run()
    assert all(b".secure_sync" not in path for path in reader.local.snapshot())


def test_leftovers_of_a_killed_pull_are_removed() -> None:
    scene = SealedPair(FILES)
    scene.push()
    reader = scene.reader()
    reader.run()
    from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames

    stage = StageNames(reader.local.real_root(), "0123456789abcdef").beside(RelPath(b"a"))
    reader.local.fill({bytes(stage): b"sealed", stage + b".open": CANARY})
    assert codes(reader.run()) == set()
    assert set(files(reader)) == set(FILES)
