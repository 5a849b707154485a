# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a feature can add to the steps of a run, and when."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Remove
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DropBoxRequest,
    FileLimits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import run
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.feature import Feature
from support.scenes.sync_pair import SyncPair, done

STEPS = ["begin", "arrange", "hide", "know", "settle", "left_alone", "adapt", "planned"]
WORK = ["trash_place", "before_step", "before_removals", "ended", "finish"]


class Noting(Feature):
    """Notes its steps; fails in one of them. acts_alone: there is work without a plan."""

    def __init__(self, noted: list[str], *, fails_in: str = "", acts_alone: bool = False) -> None:
        super().__init__()
        self.noted, self.fails_in, self.acts_alone = noted, fails_in, acts_alone

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in (*STEPS, *WORK, "close"):
            return found

        def step(*arguments: Any) -> Any:
            self.noted.append(name)
            if name == self.fails_in:
                raise OperationFailed("no")
            return found(*arguments)

        return step


def run_with(monkeypatch: pytest.MonkeyPatch, pair: SyncPair, *features: Feature, **options: Any) -> Any:
    monkeypatch.setattr(run, "features_of", lambda *arguments: features)
    return pair.run(**options)


def test_each_step_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    report = run_with(monkeypatch, SyncPair({b"a": b"1"}, {b"b": b"2"}, delete=True), Noting(noted))
    assert done(report) == [(b"a", "store"), (b"b", "remove")]
    assert [*dict.fromkeys(noted)] == [*STEPS, *WORK, "close"]
    assert noted.count("before_step") == 3, "before obstacles give way, before the files, and before the removal"


@pytest.mark.parametrize(("options", "steps"), [({"check_mode": True}, STEPS), ({}, [*STEPS, "ended", "finish"])])
def test_without_work(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], steps: list[str]) -> None:
    noted: list[str] = []
    run_with(monkeypatch, SyncPair({b"a": b"1"}, {b"a": b"1"}), Noting(noted), **options)
    assert noted == [*steps, "close"]


def test_a_feature_that_acts_alone_has_its_steps_without_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    run_with(monkeypatch, SyncPair({b"a": b"1"}, {b"a": b"1"}), Noting(noted, acts_alone=True))
    assert "before_removals" in noted


@pytest.mark.parametrize("step", [*STEPS, *WORK])
def test_a_failure_in_a_step_ends_the_run_and_releases_all_features(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    noted: list[str] = []
    other: list[str] = []
    pair = SyncPair({b"a": b"1"}, {})
    report = run_with(monkeypatch, pair, Noting(noted, fails_in=step), Noting(other))
    assert report.error.message == "no"
    assert noted[-1] == other[-1] == "close"
    assert ("finish" in other) is (step == "close")
    assert set(pair.destination.snapshot()) <= {b"a"}


def test_what_features_report(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Feature(), Feature()
    pair = SyncPair({b"a": b"1"}, {b"a": b"1"})
    gone = Remove(RelPath(b"gone"), "delivered", pair.source.entry_at(RelPath(b"a")), "delete_source")
    first.notes, first.actions, second.stats = ["a note"], (gone,), {"files_filtered": 3}
    report = run_with(monkeypatch, pair, first, second)
    assert "a note" in report.notes
    assert report.plan.actions[-1] == gone
    assert report.stats["files_filtered"] == 3


def test_a_feature_adapts_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing(Feature):
        def adapt(self, planned: Plan) -> Plan:
            return Plan()

    pair = SyncPair({b"a": b"1"}, {})
    assert done(run_with(monkeypatch, pair, Nothing())) == []
    assert pair.destination.snapshot() == {}


def test_the_order_of_the_features(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    features_of = run.features_of

    def noted(*arguments: Any) -> Any:
        found = features_of(*arguments)
        made.extend(type(feature).__name__ for feature in found)
        return found

    monkeypatch.setattr(run, "features_of", noted)
    pair = SyncPair({b"a": b"1"}, {b"b": b"2"}, delete=True)
    pair.run()
    assert made == []
    box = DropBoxRequest(deliver_once=True)
    pair.run(limits=FileLimits(max_size=1), drop_box=box, delete=True, trash=b".trash", trash_max_age=3)
    assert made == ["Limits", "DropBox", "TrashRetention"]
