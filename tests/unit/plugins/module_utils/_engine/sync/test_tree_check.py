# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a tree in memory: every change at the server is a finding, and nothing is changed there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import (
    Sample,
    TreeCheck,
    TreeCheckReport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.tree_check import check_tree
from support.scenes.signed_scene import Signed
from support.servers.ssh_keys import key
from support.trees.signed_tree import Sender
from support.trees.tree_spec import Directory, File, Link

PAST = 1_600_000_000 * 1_000_000_000
FIRST = ("first_seen", "info", None)
"""Of the first check of each scene."""


class Checked(Signed):
    """A server with a signed tree, and an auditor."""

    def check(self, content: str = "whole", *, sample: Sample | None = None, **options: Any) -> TreeCheckReport:
        before = self.server.snapshot()
        allow = options.pop("allow", ())
        request = self.pair.request(verify=self.demands, **options)
        report = check_tree(
            TreeCheck(request, content, sample or Sample(), allow), opener=lambda _request: self.server, sleep=_no_sleep
        )
        assert self.server.snapshot() == before
        return report

    def found(self, content: str = "whole", **options: Any) -> list[tuple[str, str, bytes | None]]:
        report = self.check(content, **options)
        assert report.error is None
        assert all(each.observed and each.wanted and each.evidence for each in report.findings)
        found = [(each.id, each.severity, each.path) for each in report.findings]
        return [each for each in found if each != FIRST]


def _no_sleep(_seconds: float) -> None:
    """Do not wait."""


def test_a_tree_as_it_was_signed_has_no_findings() -> None:
    scene = Checked()
    report = scene.check()
    assert (report.error, [each.id for each in report.findings]) == (None, ["first_seen"])
    assert scene.check().findings == ()
    assert (report.coverage.files, report.coverage.size) == (3, 9)
    assert report.signed_set is not None
    assert report.signed_set.sequence == 1


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({b"sub/b": b"BETA"}, ("changed_content", "critical", b"sub/b")),
        ({b"sub/b": b"longer"}, ("size", "high", b"sub/b")),
        ({b"sub/b": Link(b"a")}, ("kind", "critical", b"sub/b")),
        ({b"sub/b": Directory()}, ("kind", "critical", b"sub/b")),
        ({b"sub/b": None}, ("missing", "high", b"sub/b")),
        ({b"sub/new": b"x"}, ("unexpected", "high", b"sub/new")),
    ],
)
def test_each_change_is_found(change: dict[bytes, Any], finding: tuple[str, str, bytes]) -> None:
    scene = Checked()
    for path, spec in change.items():
        if path in scene.server.snapshot():
            scene.server.discard(path)
        if spec is not None:
            scene.server.fill({path: spec})
    assert finding in scene.found()


def test_a_file_that_is_longer_than_it_is_listed_is_a_change() -> None:
    scene = Checked()
    scene.server.faults.on_operation = lambda operation, path: (
        operation == "digest" and path == b"sub/b" and scene.server.node(path).content.extend(b"!")
    )
    report = check_tree(
        TreeCheck(scene.pair.request(verify=scene.demands), "whole", Sample(), ()),
        opener=lambda _request: scene.server,
        sleep=_no_sleep,
    )
    found = [(each.id, each.severity, each.path, each.observed) for each in report.findings if each.id != "first_seen"]
    assert found == [("changed_content", "critical", b"sub/b", "it has more than its 4 bytes")]


def test_expected_extra_entries_are_allowed() -> None:
    scene = Checked()
    scene.server.fill({b"inbox/x": b"1"})
    assert scene.found(allow=("/inbox/",)) == []


def test_a_manifest_that_no_reader_may_take_is_a_critical_finding() -> None:
    scene = Checked()
    scene.publish(issued=PAST // 10**9, expires=PAST // 10**9 + 60)
    assert scene.found() == [("manifest_expired", "critical", None)]
    scene.server.fill({b"MANIFEST/000003.mtree": b"#mtree", b"MANIFEST/000003.mtree.sig": b"rubbish"})
    assert [each[0] for each in scene.found()] == ["signature_invalid"]


def test_the_end_of_validity_is_announced() -> None:
    scene = Checked()
    now = time.time()
    scene.publish(issued=now - 900, expires=now + 100)
    assert scene.found() == [("expires_soon", "medium", None)]


def test_a_listing_reads_no_file() -> None:
    scene = Checked()
    scene.server.fill({b"sub/b": b"BETA"})
    assert scene.found("listing") == [("not_read", "info", None)]
    assert scene.server.faults.asked("digest") == []


def test_a_rotating_sample_reads_everything_in_its_number_of_checks() -> None:
    files = {b"%d" % number: File(b"%d" % number, mtime=PAST) for number in range(40)}
    scene = Checked(files)
    reports = [scene.check("sample", sample=Sample(rotate=4)) for _run in range(4)]
    assert sum(report.coverage.files for report in reports) == 40
    assert [report.coverage.since is None for report in reports] == [True, True, True, False]
    scene.server.fill({b"7": File(b"X", mtime=PAST)})
    found = [each for _run in range(4) for each in scene.found("sample", sample=Sample(rotate=4))]
    assert ("changed_content", "critical", b"7") in found


def test_check_mode_does_not_move_the_rotation() -> None:
    scene = Checked({b"%d" % number: File(b"x", mtime=PAST) for number in range(40)})
    counts = [scene.check("sample", sample=Sample(rotate=4), check_mode=True).coverage.files for _run in range(2)]
    assert counts[0] == counts[1] < 40


def test_files_newer_than_the_manifest_are_always_read() -> None:
    scene = Checked({b"%d" % number: File(b"x", mtime=PAST) for number in range(40)})
    scene.server.fill({b"%d" % number: File(b"y", mtime=time.time_ns() + 10**10) for number in range(40)})
    assert len(scene.check("sample", sample=Sample(rotate=40)).findings) >= 40


def test_random_samples_have_their_size() -> None:
    scene = Checked({b"%d" % number: File(b"xxxx", mtime=PAST) for number in range(40)})
    assert scene.check("sample", sample=Sample(percent=25)).coverage.files == 10
    assert scene.check("sample", sample=Sample(size=9)).coverage.files == 2


def test_unreadable_files_and_directories_are_findings() -> None:
    scene = Checked()
    scene.server.faults.fail("digest", b"a", PermissionDenied("permission denied"))
    scene.server.faults.fail("scan", b"sub/deep", OperationFailed("the disk is broken"))
    found = scene.found()
    assert ("unreadable", "high", b"a") in found
    assert [each.observed for each in scene.check().findings if each.path == b"a"] == ["permission denied"]
    assert ("unreadable", "high", b"sub/deep") in found
    assert ("missing", "high", b"sub/deep/c") in found


def test_a_sender_at_work_is_noted() -> None:
    scene = Checked()
    scene.server.fill({LOCK_NAME: b"a sender"})
    assert any("a sender is at work" in note for note in scene.check().notes)


def test_a_missing_source_is_an_error() -> None:
    scene = Checked()
    scene.server.faults.fail("root_entry", lambda path: True, PermissionDenied("permission denied"))
    report = scene.check()
    assert report.error is not None
    assert report.error.code == "source_missing"


def test_the_servers_own_hash_is_used_if_it_has_one() -> None:
    scene = Checked(server_hash="check-file")
    scene.check()
    scene.server.fill({b"sub/b": b"BETA"})
    assert {each.evidence for each in scene.check().findings} == {"server_hash"}


def test_a_set_that_is_seen_for_the_first_time_is_a_finding() -> None:
    scene = Checked()
    for _time in range(2):
        assert [each.id for each in scene.check(check_mode=True).findings] == ["first_seen"]
    scene.run()
    assert scene.check().findings == (), "a pull has accepted the set"


def test_a_check_of_an_older_set_behind_another_path_weakens_no_pull() -> None:
    scene = Checked()
    first = scene.server.snapshot()
    scene.publish()
    scene.run()
    scene.server.discard(b"MANIFEST")
    scene.server.fill({path: each for path, each in first.items() if path.startswith(b"MANIFEST/")})
    for number in range(2):
        scene.server.answered_root = b"/answer/%d" % number
        assert scene.found() == [("manifest_rollback", "critical", None)]
        assert scene.refused() == "manifest_rollback"


def test_a_rotation_goes_on_behind_another_path() -> None:
    scene = Checked({b"%d" % number: File(b"x", mtime=PAST) for number in range(40)})
    reports = []
    for number in range(4):
        scene.server.answered_root = b"/answer/%d" % number
        reports.append(scene.check("sample", sample=Sample(rotate=4)))
    assert sum(report.coverage.files for report in reports) == 40
    assert reports[3].coverage.since is not None


@pytest.mark.parametrize(("path", "rotate"), [(b"MANIFEST", 5), (b"SECOND", 4)])
def test_another_check_of_the_tree_does_not_hold_up_a_rotation(path: bytes, rotate: int) -> None:
    scene = Checked({b"%d" % number: File(b"x", mtime=PAST) for number in range(40)})
    scene.server.fill(Sender(key("release"), tree="f" * 32, directory="SECOND").publish(scene.files))
    tasks = [(scene.demands, 4), (scene.demands._replace(path=path), rotate)]
    coverage = []
    for _run in range(4):
        for scene.demands, parts in tasks:
            coverage.append(scene.check("sample", sample=Sample(rotate=parts)).coverage)
    assert sum(each.files for each in coverage[::2]) == 40
    assert coverage[-2].since is not None
