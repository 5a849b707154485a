# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publication of signed sets on a server in memory, with real signatures: when, in which order, and after a kill at
each step."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NoSpace,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.published_manifest import (
    complete_pairs,
    read_published,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.set_state import (
    FreshnessPolicy,
    accept,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signer import Signer
from support.scenes.set_sender import FILES, FIRST, SECOND, SetSender
from support.scenes.sync_pair import codes, done
from support.servers.ssh_keys import key
from support.trees.tree_spec import Directory, Link

DAY = 86400


class Killed(BaseException):
    """The end of the process, as far as the engine can see it."""


def notes(report: SyncReport) -> str:
    return "; ".join(report.notes)


def test_the_manifest_is_the_last_file_and_extras_go_after_it() -> None:
    sender = SetSender()
    report = sender.good()
    log = sender.pair.peer.faults.log
    final = [path for operation, path in log if operation == "rename_new" and path.startswith(b"MANIFEST/")]
    order = [(operation, path) for operation, path in log if operation in ("rename", "rename_new", "remove_files")]
    commit = max(index for index, each in enumerate(order) if each[0] == "rename_new" and b"MANIFEST" in each[1])
    assert order.index(("remove_files", b"extra")) > commit
    assert len(final) == 2
    assert done(report)[-1] == (FIRST, "publish")
    assert sender.is_whole()
    found = report.signed_set
    assert found is not None
    assert (found.sequence, found.path, found.key_fingerprint) == (1, FIRST, key("signer").fingerprint)
    assert found.expires - found.issued == 14 * DAY


def test_nothing_to_do_publishes_nothing_and_reads_nothing() -> None:
    sender = SetSender()
    first = sender.good()
    moved = sender.pair.content_moved()
    report = sender.good()
    assert done(report) == []
    assert sender.pair.content_moved() == moved
    assert report.signed_set == first.signed_set
    assert sender.names == [b"000001.mtree", b"000001.mtree.sig"]


def test_each_change_of_the_set_is_published() -> None:
    sender = SetSender(links="copy")
    sender.good()
    for number, change in enumerate(
        [{b"a": b"another"}, {b"new": b""}, {b"hollow": Directory()}, {b"l": Link(b"a")}], 2
    ):
        sender.pair.source.fill(change)
        assert (b"MANIFEST/%06d.mtree" % number, "publish") in done(sender.good())
        assert sender.is_whole()
    for _removed in sender.pair.source.remove_files([RelPath(b"new")]):
        pass
    assert done(sender.good()) == [(b"new", "remove"), (b"MANIFEST/000006.mtree", "publish")]
    assert sender.is_whole()


def test_a_manifest_follows_the_one_before() -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.good()
    read = sender.newest()
    assert read is not None
    assert (read.header.sequence, read.header.previous.hex()) == (2, hashlib.sha256(sender.content(FIRST)).hexdigest())
    assert read.header.tree == read_published(sender.content(FIRST), directory=b"MANIFEST").header.tree


def test_half_of_the_validity_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = SetSender()
    sender.good()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 6.9 * DAY)
    assert done(sender.good()) == []
    monkeypatch.setattr(time, "time", lambda: now + 7.1 * DAY)
    planned = sender.good(check_mode=True).plan.actions
    assert [(action.path, action.reason) for action in planned] == [(SECOND, "renewal")]
    assert done(sender.good()) == [(SECOND, "publish")]
    assert done(sender.good()) == []


@pytest.mark.parametrize("hours", [1, -1])
def test_the_clock_of_the_sender_was_wrong_by_an_hour(hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ahead: readers refuse that set, and the next run replaces it. Back: a set is published too early, and counts."""
    sender, now = SetSender(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600 * hours)
    sender.good()
    assert taken(sender, now) == ("manifest_not_yet_valid" if hours > 0 else "1")
    monkeypatch.setattr(time, "time", lambda: now)
    assert done(sender.good()) == ([(SECOND, "publish")] if hours > 0 else [])
    assert taken(sender, now) == ("2" if hours > 0 else "1")
    sender.write(b"a", b"changed")
    sender.good()
    assert done(sender.good()) == []


@pytest.mark.parametrize("changed", [True, False])
def test_the_clock_of_the_sender_goes_back_by_an_hour(changed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, now = SetSender(), time.time()
    sender.good()
    if changed:
        sender.write(b"a", b"changed")
    monkeypatch.setattr(time, "time", lambda: now - 3600)
    assert (SECOND, "publish") in done(sender.good())
    assert done(sender.good()) == []
    monkeypatch.setattr(time, "time", lambda: now)
    assert taken(sender, now) == "2"
    assert done(sender.good()) == []


def taken(sender: SetSender, now: float) -> str:
    """Return the number of the newest set that a new reader takes, or the code of the refusal."""
    newest = sender.newest()
    assert newest is not None
    number = newest.header.sequence
    try:
        accept(newest.header, number=number, digest="", seen=None, policy=FreshnessPolicy(), now=now)
    except SyncError as error:
        return error.code
    return str(number)


def test_a_shorter_validity_is_published_once() -> None:
    sender = SetSender()
    sender.good()
    assert done(sender.good(sign={"valid_for": DAY})) == [(SECOND, "publish")]
    assert done(sender.good(sign={"valid_for": DAY})) == []


def test_check_mode_plans_it_and_writes_nothing() -> None:
    sender = SetSender()
    before = sender.there
    report = sender.good(check_mode=True)
    assert sender.there == before
    (planned,) = (action for action in report.plan.actions if action.action == "publish")
    assert not os.path.exists(sender.pair.state_dir)
    sender.good()
    assert planned.path == FIRST
    assert planned.wanted.size == len(sender.content(FIRST))
    assert sender.good(check_mode=True).plan.actions == ()


def test_only_so_many_are_kept() -> None:
    sender = SetSender(sign={"keep": 2})
    for number in range(4):
        sender.write(b"a", b"%d" % number)
        sender.good()
    assert sender.names == [b"000003.mtree", b"000003.mtree.sig", b"000004.mtree", b"000004.mtree.sig"]


@pytest.mark.parametrize("sign", [{"attributes": True}, {"sums": True}, {"path": b"SIGNED"}])
def test_another_form_is_published_once(sign: dict[str, Any]) -> None:
    sender = SetSender()
    sender.good()
    assert [action for _path, action in done(sender.good(sign=sign))].count("publish") == 1
    assert done(sender.good(sign=sign)) == []


def test_a_change_without_sign_is_published_by_the_next_run_with_it() -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.pair.run(delete=False)
    assert done(sender.good()) == [(SECOND, "publish")]
    assert sender.is_whole()


# the directory of manifests is no content


def test_it_is_not_removed_not_filtered_and_not_synced() -> None:
    sender = SetSender({**FILES, b"MANIFEST/000009.mtree": b"mine", b"MANIFEST/x/y": b"mine"}, include=("a", "sub"))
    report = sender.good()
    assert sender.names == [b"000001.mtree", b"000001.mtree.sig"]
    assert [(skipped.path, skipped.reason) for skipped in report.plan.skipped] == [
        (b"MANIFEST", "name of the files of signed sets")
    ]
    sender.pair.destination.fill({b"MANIFEST/other": b"of a person"})
    sender.write(b"a", b"other")
    sender.good(exclude=("M*",))
    assert sender.names == [b"000001.mtree", b"000001.mtree.sig", b"000002.mtree", b"000002.mtree.sig", b"other"]


@pytest.mark.parametrize("there", [{b"MANIFEST": b"a file"}, {b"MANIFEST": Link(b"elsewhere")}])
def test_another_entry_of_its_name_is_refused(there: dict[bytes, Any]) -> None:
    sender = SetSender(there=there)
    assert sender.run().error.code == "kind_conflict"
    assert b"a" not in sender.there


def test_a_list_of_sums_in_the_source_is_refused() -> None:
    sender = SetSender({**FILES, b"SHA256SUMS": b"mine"})
    assert sender.run(sign={"sums": True}).error.code == "refused"
    assert codes(sender.run()) == set()


def test_a_single_file_is_refused() -> None:
    sender = SetSender()
    sender.pair.source.root += b"/a"
    assert sender.run().error.code == "invalid_request"


# failures leave the old set


@pytest.mark.parametrize("operation", ["upload", "rename"])
def test_a_failed_file_publishes_nothing(operation: str) -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.pair.destination.fill({b"extra": b"extra"})
    sender.pair.peer.faults.fail(operation, b"a", PermissionDenied("denied"))
    report = sender.run()
    assert codes(report) == {"permission_denied"}
    assert "the old set stays published" in notes(report)
    assert sender.newest().header.sequence == 1
    assert b"extra" in sender.there
    sender.pair.peer.faults.forget()
    assert (SECOND, "publish") in done(sender.good())
    assert sender.is_whole()


def test_a_key_that_does_not_work_stops_the_run_before_any_file() -> None:
    sender = SetSender(there={})
    report = sender.run(sign={"private_key_file": "/nowhere/key"})
    assert report.error.code == "signing_failed"
    assert sender.there == {}


def test_a_failed_signature_leaves_the_old_set(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.pair.destination.fill({b"extra": b"extra"})
    with monkeypatch.context() as patch:
        patch.setattr(Signer, "has_signed_file", lambda *_arguments: False)  # as an agent that signs with another key
        report = sender.run()
    assert codes(report) == {"signing_failed"}
    assert sender.names == [b"000001.mtree", b"000001.mtree.sig"]
    assert b"extra" in sender.there
    assert done(sender.good())[-1] == (SECOND, "publish")
    assert sender.is_whole()


@pytest.mark.parametrize("file", [b"MANIFEST/000002.mtree.sig", b"MANIFEST/000002.mtree"])
def test_no_room_for_a_file_of_the_set(file: bytes) -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.pair.peer.faults.fail("upload.finish", file, NoSpace("the disk is full"))
    report = sender.run()
    assert codes(report) == {"no_space"}
    assert sender.newest().header.sequence == 1
    sender.pair.peer.faults.forget()
    sender.good()
    assert sender.newest().header.sequence == (3 if file.endswith(b"mtree") else 2)
    assert b"000002.mtree.sig" not in sender.names or sender.newest().header.sequence == 2
    assert sender.is_whole()


def test_a_damaged_manifest_gets_no_name() -> None:
    sender = SetSender()
    sender.pair.peer.faults.flip(FIRST)
    assert codes(sender.run()) == {"proof_failed"}
    assert sender.newest() is None


# killed at each step


def points(*, first: bool) -> list[tuple[str, bytes, int]]:
    """Every operation of a publication that changes the server, or follows on a new name, and its place in the order of
    all operations."""
    sender = about_to_publish(first=first)
    sender.pair.peer.faults.log.clear()
    sender.good(sign={"keep": 1, "sums": True})
    changing = ("make_directories", "upload", "upload.finish", "rename", "rename_new", "remove_files", "set_attributes")
    log = sender.pair.peer.faults.log
    return [
        (name, path, number)
        for number, (name, path) in enumerate(log)
        if name in changing or (number and log[number - 1][0] == "rename_new")
    ]


def about_to_publish(*, first: bool) -> SetSender:
    sender = SetSender()
    if not first:
        sender.good()
        sender.write(b"a", b"other")
    return sender


@pytest.mark.parametrize("first", [False, True], ids=["another", "first"])
@pytest.mark.parametrize("lost", [False, True])
def test_ended_before_each_step(lost: bool, first: bool) -> None:
    """Readers see the old set or the new set, validly signed; the next run finishes and publishes."""
    every = points(first=first)
    assert sum(name == "rename_new" for name, _path, _number in every) >= 2
    for name, path, number in every:
        sender = about_to_publish(first=first)
        faults = sender.pair.peer.faults
        faults.log.clear()
        left = [number]

        def end(_operation: str, _path: bytes, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise ConnectionLost("killed") if lost else Killed

        faults.on_operation = end
        options: dict[str, Any] = {"sign": {"keep": 1, "sums": True}, "retries": 0}
        try:
            report = sender.run(**options)
            assert codes(report) <= {"connection_lost"}, (name, path)
        except Killed:
            pass
        faults.on_operation = None
        seen = sender.newest()
        assert (0 if seen is None else seen.header.sequence) in ((0, 1) if first else (1, 2)), (name, path)
        sender.good(**options)
        assert sender.is_whole(), (name, path)
        assert done(sender.good(**options)) == [], (name, path)
        numbers = complete_pairs(sender.names)
        if seen is not None and seen.header.sequence == 1 and not first:
            assert len(numbers) == 1, (name, path, sender.names)


def test_an_incomplete_listing_publishes_nothing() -> None:
    sender = SetSender()
    sender.good()
    sender.write(b"a", b"other")
    sender.pair.peer.faults.cut_listing(b"MANIFEST", 0, PermissionDenied("denied"))
    assert codes(sender.run()) == {"permission_denied"}
    assert sender.newest().header.sequence == 1


# without the option


def test_without_the_option_there_is_no_new_module_file_or_operation() -> None:
    engine = "ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine"
    program = (
        "import sys\n"
        "from support.scenes.sync_pair import SyncPair\n"
        "pair = SyncPair({b'a': b'1'}, {})\n"
        "assert pair.run().error is None\n"
        f"print(*(name for name in sys.modules if name.startswith('{engine}')))\n"
    )
    tests = next(path for path in Path(__file__).parents if path.name == "tests")
    environment = {**os.environ, "PYTHONPATH": f"{tests}:{os.environ['PYTHONPATH']}"}
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    modules = {name.rpartition("_engine.")[2] for name in loaded.stdout.split()}
    new = {"sync.publish", "sync.past_manifests", "sync.set_files", "sync.receipts"}
    new |= {"integrity.header", "integrity.published_manifest"}
    assert "sync.run" in modules
    assert not new & modules
    assert not [name for name in modules if name.startswith("signing.")]
