# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs with `trash_max_age`: expired days leave the trash, oldest first, and nothing else does."""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import claim, trash_retention
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import Directory, Link, Special

NOW = calendar.timegm((2026, 12, 1, 12, 0, 0))
TODAY, YOUNG = b".t/secure_sync-2026-12-01", b".t/secure_sync-2026-11-01"
OLD, OLDER = b".t/secure_sync-2026-10-31", b".t/secure_sync-2025-01-01"
OPTIONS: dict[str, Any] = {"delete": True, "trash": b".t", "trash_max_age": 30}
TRASH: dict[bytes, Any] = {
    OLD + b"/a": b"old a",
    OLD + b"/d/e/f": b"old f",
    OLD + b"/d/l": Link(b"../../../keep"),
    OLDER + b"/a": b"older a",
    YOUNG + b"/a": b"young a",
}
SIDES = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW)
    monkeypatch.setattr(claim.Claim, "clock_ahead", 0)  # the sides in memory have a clock of their own


def at(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr(trash_retention, "time", SimpleNamespace(**{**vars(time), "time": lambda: now}))


def expired(report: SyncReport) -> list[bytes]:
    return [path for path, action in done(report) if action == "expire_trash"]


def in_trash(pair: SyncPair) -> set[bytes]:
    """The files and links of the trash."""
    tree = pair.destination.snapshot()
    return {path for path, entry in tree.items() if path.startswith(b".t/") and not isinstance(entry, Directory)}


@SIDES
def test_expired_days_leave_the_trash_oldest_first(push: bool) -> None:
    pair = SyncPair({b"keep": b"1"}, {b"keep": b"1", **TRASH}, push=push, **OPTIONS)
    report = pair.run()
    assert expired(report) == [
        OLDER + b"/a", OLDER,
        OLD + b"/d/l", OLD + b"/d/e/f", OLD + b"/d/e", OLD + b"/d", OLD + b"/a", OLD,
    ]  # fmt: skip
    assert {outcome.action.reason for outcome in report.outcomes} == {"expired"}
    assert (codes(report), report.notes, report.stats["removed"]) == (set(), (), 0)
    assert pair.destination.snapshot().keys() == {b"keep", b".t", YOUNG, YOUNG + b"/a"}
    assert done(pair.run()) == []


@SIDES
def test_removed_and_replaced_files_go_to_today(push: bool) -> None:
    pair = SyncPair({b"a": b"new"}, {b"a": b"old", b"d/x": b"gone", b".t/a": b"before"}, push=push, **OPTIONS)
    assert codes(pair.run()) == set()
    assert in_trash(pair) == {b".t/a", TODAY + b"/a", TODAY + b"/d/x"}
    assert done(pair.run()) == []


def test_a_file_of_the_trash_can_have_expired_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"1", b"gone": b"2"}, **OPTIONS)
    pair.run()
    at(monkeypatch, NOW + 30 * 86400)
    assert done(pair.run()) == []
    at(monkeypatch, NOW + 31 * 86400)
    assert expired(pair.run()) == [TODAY + b"/gone", TODAY]


def test_the_day_is_the_day_after_a_wait_for_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"1", b"gone": b"2"}, **OPTIONS)

    def pass_midnight(operation: str, _path: bytes) -> None:
        if operation == "rename_new":
            at(monkeypatch, NOW + 86400)

    pair.destination.faults.on_operation = pass_midnight
    pair.run()
    assert in_trash(pair) == {b".t/secure_sync-2026-12-02/gone"}


def when(pair: SyncPair, operation: str, path: bytes, act: Callable[[], object]) -> None:
    """Act right before the operation on this path, once."""
    acts = [act]

    def look(found: str, where: bytes) -> None:
        if acts and (found, where) == (operation, path):
            acts.pop()()

    pair.destination.faults.on_operation = look


def test_a_run_over_days_names_the_day_of_each_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file that is removed on the fifth day of a run has the age of the first day."""
    pair = SyncPair({b"a": b"new"}, {b"a": b"old", b"gone": b"2"}, **OPTIONS)
    when(pair, "rename", b"a", lambda: at(monkeypatch, NOW + 5 * 86400))
    pair.run()
    assert in_trash(pair) == {TODAY + b"/a", b".t/secure_sync-2026-12-06/gone"}


def test_without_the_option_the_trash_is_as_it_was() -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"1", b"gone": b"2", **TRASH}, delete=True, trash=b".t")
    pair.run()
    assert in_trash(pair) == {*TRASH, b".t/gone"}


@SIDES
def test_check_mode_plans_the_same_and_removes_nothing(push: bool) -> None:
    pair = SyncPair({b"keep": b"1"}, {b"keep": b"1", **TRASH}, push=push, **OPTIONS)
    before = pair.destination.snapshot()
    planned = [(action.path, action.action) for action in pair.run(check_mode=True).plan.actions]
    assert pair.destination.snapshot() == before
    assert planned == done(pair.run())


def test_check_mode_of_a_run_to_a_new_place() -> None:
    assert codes(SyncPair({b"a": b"1"}, None, **OPTIONS).run(check_mode=True)) == set()


def test_everything_else_in_the_trash_is_left_and_named() -> None:
    others: dict[bytes, Any] = {
        b".t/2020-01-01/a": b"of a run without the option",
        b".t/a": b"1",
        b".t/b": b"1",
        b".t/secure_sync-2020-01-01": Link(b"../kept"),
    }
    pair = SyncPair({b"kept/x": b"1"}, {b"kept/x": b"1", **others, **TRASH}, **OPTIONS)
    report = pair.run()
    assert in_trash(pair) == {*others, YOUNG + b"/a"}
    assert pair.destination.snapshot()[b"kept/x"].content == b"1"
    assert report.notes == ("trash: entries left outside the directories of days (4): 2020-01-01, a, b, ...",)


def test_a_special_file_stays_with_its_directories() -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH, OLD + b"/d/pipe": Special()}, **OPTIONS)
    report = pair.run()
    assert [(item.path, item.reason) for item in report.plan.skipped] == [(OLD + b"/d/pipe", "fifo, socket or device")]
    assert codes(report) == set()
    assert in_trash(pair) == {OLD + b"/d/pipe", YOUNG + b"/a"}


def test_a_day_in_which_a_run_goes_on_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH, OLD + b"/d/" + LOCK_NAME: b"1"}, **OPTIONS)
    report = pair.run()
    assert (expired(report), codes(report)) == ([OLDER + b"/a", OLDER], set())
    assert report.notes == ("trash: .t/secure_sync-2026-10-31 was left, because it has a lock of a run",)


def test_a_day_that_became_a_link_stays() -> None:
    pair = SyncPair({b"a": b"new"}, {b"a": b"old", b"kept/x": b"1", **TRASH}, trash=b".t", trash_max_age=30)

    def replace() -> None:
        pair.destination.discard(OLD)
        pair.destination.fill({OLD: Link(b"../kept")})

    when(pair, "rename", b"a", replace)
    assert expired(pair.run()) == [OLDER + b"/a", OLDER]
    assert {b"kept/x", OLD} <= pair.destination.snapshot().keys()


class TestClock:
    """A day named too early would expire too early: with a clock in doubt, files go to the trash itself."""

    def changed(self, push: bool = True) -> SyncPair:
        return SyncPair({b"a": b"new"}, {b"a": b"old", b"gone": b"2", **TRASH}, push=push, **OPTIONS)

    @SIDES
    def test_a_clock_that_was_set_back(self, push: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        pair = self.changed(push)
        at(monkeypatch, calendar.timegm((1970, 1, 1, 0, 5, 0)))
        report = pair.run()
        assert (expired(report), codes(report)) == ([], set())
        assert report.notes[0] == trash_retention.AHEAD % YOUNG.decode()
        assert in_trash(pair) == {*TRASH, b".t/a", b".t/gone"}
        at(monkeypatch, NOW)
        assert len(expired(pair.run())) == 8
        assert in_trash(pair) == {YOUNG + b"/a", b".t/a", b".t/gone"}

    def test_a_clock_that_is_set_back_during_the_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It was ten years ahead at the begin, and on a pull nothing else shows that."""
        pair = self.changed(push=False)
        at(monkeypatch, NOW + 3650 * 86400)
        when(pair, "rename", b"a", lambda: at(monkeypatch, NOW))
        report = pair.run()
        assert YOUNG + b"/a" in in_trash(pair)
        assert len(expired(report)) == 8

    def test_a_clock_that_jumps_ahead_during_the_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The clock of the server was compared with it before."""
        pair = self.changed()
        when(pair, "rename", b"a", lambda: at(monkeypatch, NOW + 3650 * 86400))
        assert len(expired(pair.run())) == 8
        assert YOUNG + b"/a" in in_trash(pair)

    def test_a_clock_that_is_set_back_never_names_an_earlier_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pair = self.changed()
        when(pair, "rename", b"a", lambda: at(monkeypatch, NOW - 86400))
        pair.run()
        assert TODAY + b"/gone" in in_trash(pair)

    @pytest.mark.parametrize("ahead", [-86401, 86401])
    def test_files_of_a_run_with_clocks_that_differ(self, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
        monkeypatch.setattr(claim.Claim, "clock_ahead", ahead * 10**9)
        pair = self.changed()
        assert trash_retention.CLOCKS in pair.run().notes
        assert in_trash(pair) == {*TRASH, b".t/a", b".t/gone"}

    @pytest.mark.parametrize("ahead", [-86401, 86401])
    def test_a_clock_that_is_far_from_the_clock_of_the_server(
        self, monkeypatch: pytest.MonkeyPatch, ahead: int
    ) -> None:
        monkeypatch.setattr(claim.Claim, "clock_ahead", ahead * 10**9)
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        report = pair.run()
        assert (done(report), report.notes) == ([], (trash_retention.CLOCKS,))

    def test_a_clock_that_is_almost_a_day_ahead(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(claim.Claim, "clock_ahead", 86400 * 10**9)
        assert expired(SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS).run())


class TestFailures:
    def test_a_run_with_failures_leaves_expired_entries(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {**TRASH}, **OPTIONS)
        pair.destination.faults.fail("upload", b"b", PermissionDenied("no"))
        report = pair.run()
        assert expired(report) == []
        assert trash_retention.FAILED in report.notes

    def test_an_entry_that_cannot_be_removed_is_a_failure_and_the_next_run_goes_on(self) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        pair.destination.faults.fail("remove_files", OLD + b"/a", PermissionDenied("no"))
        report = pair.run()
        assert "permission_denied" in codes(report)
        assert in_trash(pair) == {OLD + b"/a", YOUNG + b"/a"}
        pair.destination.faults.forget()
        assert expired(pair.run()) == [OLD + b"/a", OLD]

    def test_a_trash_that_cannot_be_listed(self) -> None:
        """The day after today may be in the rest."""
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", b"gone": b"2", **TRASH}, **OPTIONS)
        pair.destination.faults.cut_listing(b".t", 1, PermissionDenied("no"))
        report = pair.run()
        assert (done(report), codes(report)) == ([(b"gone", "remove")], {"permission_denied"})
        assert in_trash(pair) == {*TRASH, b".t/gone"}

    def test_a_trash_that_cannot_be_seen(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        pair.destination.faults.fail("look", b".t", PermissionDenied("no"))
        report = pair.run()
        assert (done(report), codes(report)) == ([(b"b", "store")], {"permission_denied"})

    def test_a_day_that_cannot_be_listed_whole(self) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        pair.destination.faults.cut_listing(OLD + b"/d", 1, PermissionDenied("no"))
        report = pair.run()
        assert (done(report), codes(report)) == ([], {"permission_denied"})

    def test_a_link_in_the_place_of_the_trash(self) -> None:
        other = {b"x/" + path[3:]: content for path, content in TRASH.items()}
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", b".t": Link(b"x"), **other}, trash=b".t", trash_max_age=30)
        report = pair.run()
        assert (done(report), report.notes) == ([], (trash_retention.NO_DIRECTORY,))


@pytest.mark.parametrize("effect", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("retries", [0, 3])
def test_a_session_that_is_lost_at_any_point(retries: int, effect: bool) -> None:
    """A run without retries ends there, and the next run goes on; a run with a retry does all."""
    points = 0
    while True:
        pair = SyncPair({b"keep": b"1"}, {b"keep": b"1", **TRASH}, **OPTIONS)
        faults = pair.destination.faults
        faults.disconnect_at, faults.effect_before_loss = points, effect
        report = pair.run(retries=retries)
        if faults.operations <= points:
            break
        assert YOUNG + b"/a" in in_trash(pair)
        if retries:
            assert (report.error, in_trash(pair)) == (None, {YOUNG + b"/a"}), points
        faults.disconnect_at = None
        assert codes(pair.run()) == set()
        assert pair.destination.snapshot().keys() == {b"keep", b".t", YOUNG, YOUNG + b"/a"}
        points += 1
    assert points > 20


class TestBounds:
    def test_entries_of_one_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trash_retention, "MOST_ENTRIES", 3)
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        report = pair.run()
        assert expired(report) == [OLDER + b"/a", OLDER, OLD + b"/d/l"]
        assert (report.notes, codes(report)) == ((trash_retention.MORE,), set())
        assert [len(expired(pair.run())) for _run in range(3)] == [3, 2, 0]

    def test_days_of_one_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trash_retention, "MOST_DAYS", 1)
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        report = pair.run()
        assert expired(report) == [OLDER + b"/a", OLDER]
        assert report.notes == (trash_retention.MORE,)
        assert expired(pair.run())[-1] == OLD

    def test_the_lock_is_confirmed_before_each_portion(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trash_retention, "AT_ONCE", 3)
        calls: list[int] = []
        pair = SyncPair({b"a": b"1"}, {b"a": b"1", **TRASH}, **OPTIONS)
        monkeypatch.setattr(claim.Claim, "still_ours", lambda _claim: calls.append(len(in_trash(pair))))
        pair.run()
        assert calls[-3:] == [5, 3, 1 + 1]


@SIDES
def test_a_run_on_one_file(push: bool) -> None:
    pair = SyncPair({b"f": b"new"}, {b"f": b"old", b"other": b"1", **TRASH}, push=push, trash=b".t", trash_max_age=30)
    roots = {"local_root": pair.local.root + b"/f", "remote_root": pair.peer.root + b"/f"}
    report = pair.run(**roots)
    assert codes(report) == set()
    assert len(expired(report)) == 8
    assert in_trash(pair) == {YOUNG + b"/a", TODAY + b"/f"}


def test_a_trash_in_a_directory() -> None:
    deep = {b"x/y/" + path: content for path, content in TRASH.items()}
    pair = SyncPair({b"x/y/a": b"1"}, {b"x/y/a": b"1", **deep}, **{**OPTIONS, "trash": b"x/y/.t"})
    assert len(expired(pair.run())) == 8
