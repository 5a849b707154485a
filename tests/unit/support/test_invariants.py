# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker of the fault tests itself: correct states are accepted, and each violated invariant is found."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.judges.invariants import GRACE_SECONDS, Snapshot, Told, Trial, snapshot, unsettled, violations

PAST = 1_600_000_000
SOURCE = {"grown": b"new and longer", "new": b"new", "sub/same": b"same"}
DESTINATION = {"grown": b"old", "extra": b"extra", "sub/same": b"same"}
GOOD = Told(failed=False, changed=True, done=((b"grown", "store"), (b"new", "store"), (b"extra", "remove")), moved=17)
FAILED = Told(failed=True, changed=False, done=())


def write(root: Path, tree: dict[str, bytes]) -> None:
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o640)
        os.utime(path, (PAST, PAST))


class Ends:
    """A source, a destination and an area around them, and the trial of a test's action."""

    def __init__(self, place: Path) -> None:
        self.source, self.destination, self.beside = place / "source", place / "destination", place / "beside"
        write(self.source, SOURCE)
        write(self.destination, DESTINATION)
        write(self.beside, {"foreign": b"foreign"})
        self.before = self.look()

    def look(self) -> Snapshot:
        return snapshot(self.source, self.destination, self.beside)

    def trial(self, told: Told | None, **options: object) -> Trial:
        before, self.before = self.before, self.look()
        return Trial(before, self.before, told, **{"delete": True, **options})

    def sync(self) -> None:
        """Do the work of a good run."""
        write(self.destination, SOURCE)
        (self.destination / "extra").unlink(missing_ok=True)

    def put(self, name: str, content: bytes = b"", mode: int = 0o640) -> None:
        write(self.destination, {name: content})
        (self.destination / name).chmod(mode)


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    """Return the ends."""
    return Ends(tmp_path)


def found(trial: Trial) -> set[str]:
    return {each.invariant for each in violations(trial)}


def test_what_is_right_is_accepted(ends: Ends) -> None:
    ends.sync()
    assert violations(ends.trial(GOOD)) == []
    again = Told(failed=False, changed=False)
    assert unsettled(ends.trial(again), ends.trial(again)) == []


def test_a_run_that_stopped_half_way_is_accepted(ends: Ends) -> None:
    ends.put("new", SOURCE["new"])
    ends.put(".secure_sync-aaaaaaaaaaaa-bbbbbbbb-1.tmp", b"new and", mode=0o600)
    ends.put(".secure_sync-aaaaaaaaaaaa-bbbbbbbb-2.tmp", b"new and longer")
    ends.put(".secure_sync.lock", b"lock", mode=0o600)
    assert violations(ends.trial(None)) == []


def test_a_failed_run_that_did_nothing_is_accepted(ends: Ends) -> None:
    assert violations(ends.trial(FAILED)) == []


Break = Callable[[Ends], object]
BROKEN: list[tuple[str, Told | None, Break]] = [
    ("I1", replace(FAILED, changed=True), lambda ends: ends.put("grown", b"new and")),
    ("I1", None, lambda ends: ends.put("grown", b"")),
    ("I1", None, lambda ends: ends.put("nobody's", b"x")),
    ("I1", None, lambda ends: (ends.destination / "grown").unlink()),
    ("I2", None, lambda ends: (ends.beside / "foreign").write_bytes(b"x")),
    ("I2", None, lambda ends: (ends.beside / "foreign").chmod(0o600)),
    ("I2", None, lambda ends: (ends.source / "grown").unlink()),
    ("I4", replace(GOOD, done=()), lambda ends: None),
    ("I4", replace(GOOD, done=()), lambda ends: (ends.sync(), ends.put("extra", b"extra"))),
    ("I4", replace(GOOD, done=()), lambda ends: (ends.sync(), (ends.destination / "new").chmod(0o600))),
    ("I4", replace(GOOD, done=()), lambda ends: (ends.sync(), os.utime(ends.destination / "new", (0, 0)))),
    ("I4", replace(GOOD, changed=False), lambda ends: ends.sync()),
    ("I4", replace(FAILED, changed=True, done=((b"new", "store"),)), lambda ends: None),
    ("I4", replace(FAILED, changed=True, done=((b"grown", "store"),)), lambda ends: None),
    ("I4", replace(FAILED, changed=True, done=((b"extra", "remove"),)), lambda ends: None),
    ("I4", replace(FAILED, status=0), lambda ends: None),
    ("I4", replace(GOOD, status=2), lambda ends: ends.sync()),
    ("I6", None, lambda ends: ends.put("new", SOURCE["new"], mode=0o644)),
    ("I6", None, lambda ends: (ends.destination / "sub").chmod(0o777)),
    ("I6", None, lambda ends: ends.put(".secure_sync-aaaaaaaaaaaa-bbbbbbbb-1.tmp", b"new and")),
    ("I6", None, lambda ends: ends.put(".secure_sync-aaaaaaaaaaaa-bbbbbbbb-1.tmp", b"new and longer", mode=0o644)),
    ("I7", replace(FAILED, seconds=7.0 + GRACE_SECONDS, deadline=6.0), lambda ends: None),
    ("I8", replace(FAILED, output="cannot open a\x1b[31mb"), lambda ends: None),
    ("I8", replace(FAILED, output="user hunter2 refused"), lambda ends: None),
    ("I9", replace(FAILED, changed=True), lambda ends: (ends.destination / "extra").unlink()),
    ("I9", None, lambda ends: (ends.destination / "extra").unlink()),
    ("I9", replace(FAILED, changed=True, early=frozenset()), lambda ends: (ends.destination / "extra").unlink()),
]


@pytest.mark.parametrize(("invariant", "told", "act"), BROKEN)
def test_what_is_broken_is_found(invariant: str, told: Told | None, act: Break, ends: Ends) -> None:
    act(ends)
    assert found(ends.trial(told, secrets=("hunter2",))) == {invariant}


def test_a_removal_that_nobody_asked_for(ends: Ends) -> None:
    ends.sync()
    assert "I9" in found(ends.trial(GOOD, delete=False))


def test_a_run_that_fails_behind_its_removals_is_accepted(ends: Ends) -> None:
    ends.sync()
    assert violations(ends.trial(replace(GOOD, failed=True, early=frozenset()))) == []


def test_a_run_that_removes_behind_a_failure_is_found(ends: Ends) -> None:
    ends.sync()
    assert found(ends.trial(replace(GOOD, failed=True, early=frozenset([b"sub/same"])))) == {"I9"}


def test_a_directory_that_a_broken_run_left_open_to_its_owner(ends: Ends) -> None:
    (ends.destination / "sub").chmod(0o555)
    (ends.source / "sub").chmod(0o555)
    ends.before = ends.look()
    (ends.destination / "sub").chmod(0o755)
    assert violations(ends.trial(FAILED)) == []
    (ends.destination / "sub").chmod(0o775)
    assert "I4" in found(ends.trial(FAILED))


def test_a_trash_keeps_whole_files(ends: Ends) -> None:
    ends.sync()
    ends.put(".trash/grown", DESTINATION["grown"])
    ends.put(".trash/extra", DESTINATION["extra"])
    assert violations(ends.trial(GOOD, trash=b".trash")) == []
    ends.put(".trash/extra", b"ext")
    (ends.destination / "new").unlink()
    assert found(ends.trial(None, trash=b".trash")) == {"I1"}


@pytest.mark.parametrize(
    ("told", "hard_links", "kept", "wrong"),
    [
        (None, False, "grown", set()),
        (None, True, "grown", {"I1"}),
        (FAILED, False, "grown", {"I1"}),
        (None, False, "", {"I1"}),
        (None, False, "extra", {"I1"}),
    ],
)
def test_without_hard_links_a_killed_run_may_leave_a_replaced_file_in_the_trash(
    told: Told | None, hard_links: bool, kept: str, wrong: set[str], ends: Ends
) -> None:
    (ends.destination / "grown").unlink()
    if kept:
        ends.put(".trash/grown", DESTINATION[kept])
    seen = violations(ends.trial(told, trash=b".trash", hard_links=hard_links))
    assert {each.invariant for each in seen if "is lost" in each.text} == wrong


def test_what_stays_behind_two_good_runs(ends: Ends) -> None:
    again = Told(failed=False, changed=False)
    ends.sync()
    ends.put(".secure_sync-aaaaaaaaaaaa-bbbbbbbb-1.tmp", b"", mode=0o600)
    litter = unsettled(ends.trial(GOOD), ends.trial(again))
    assert {each.invariant for each in litter} == {"I3"}
    (ends.destination / ".secure_sync-aaaaaaaaaaaa-bbbbbbbb-1.tmp").unlink()
    ends.put(".secure_sync.lock", b"", mode=0o600)
    lock = unsettled(ends.trial(again), ends.trial(again))
    assert {each.invariant for each in lock} == {"I10"}


@pytest.mark.parametrize("second", [{"moved": 3}, {"changed": True}, {"failed": True}], ids=str)
def test_no_rest_behind_two_good_runs(second: dict, ends: Ends) -> None:
    ends.sync()
    told = replace(Told(failed=False, changed=False), **second)
    assert {each.invariant for each in unsettled(ends.trial(GOOD), ends.trial(told))} == {"I5"}


def test_a_second_run_that_changes_what_it_does_not_tell(ends: Ends) -> None:
    ends.sync()
    first = ends.trial(GOOD)
    (ends.destination / "new").chmod(0o600)
    assert "I5" in {each.invariant for each in unsettled(first, ends.trial(Told(failed=False, changed=False)))}
