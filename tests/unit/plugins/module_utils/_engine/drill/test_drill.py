# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drills against a server in memory: the restored tree, the record of every end, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill import drill as drill_module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.drill import CHECKS_WITHIN
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.scratch import MARKER
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    InvalidRequest,
    OperationFailed,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import SshTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import Sample
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import RECEIPTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_chain import (
    ReceiptCheck,
    check_receipts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from support.scenes.drill_scene import FILES, JOB, DrillScene
from support.trees.receipt_chain import LINE
from support.trees.signed_tree import PRINCIPAL, TREE, tree_of
from support.trees.tree_spec import Directory, File, Link

BYTES = 405


@pytest.fixture
def scene(tmp_path: Path) -> DrillScene:
    return DrillScene(tmp_path)


def refused(scene: DrillScene, code: str, **options: Any) -> SyncError:
    """Drill, and demand a record of the failure."""
    report = scene.drill(**options)
    assert report.error is not None
    assert report.error.code == code
    assert report.error.cure
    record = scene.record()
    assert (record["verdict"], record["error"], record["rto_seconds"]) == ("failed", code, None)
    assert report.receipt is not None
    return report.error


def test_a_whole_set_is_restored_measured_recorded_and_removed(tmp_path: Path) -> None:
    scene = DrillScene(tmp_path, issued=time.time() - 3600)
    restored: dict[bytes, Any] = {}
    report = scene.drill(during=lambda: restored.update(tree_of(scene.scratch / "tree")))
    assert report.error is None
    assert {path: each.content for path, each in restored.items() if isinstance(each, File)} == FILES
    assert scene.left() == ["missing"]
    record = scene.record()
    assert report.receipt == (os.fsencode(scene.chain.path(1)), 1, scene.chain.digest(1))
    assert (record["type"], record["job"], record["verdict"], record["error"]) == ("drill", JOB, "passed", None)
    assert record["set"] == {"tree": TREE, "sequence": 1, "digest": scene.sender.last}
    assert record["coverage"] == {"files": 3, "of_files": 3, "bytes": BYTES, "of_bytes": BYTES, "percent": 100}
    assert 3600 <= record["rpo_seconds"] < 3700
    assert 1 <= record["rto_seconds"] < 60
    assert record["estimate"] is None
    assert set(record["phases"]) == {"prepare", "connect", "manifest", "transfer"}
    assert (record["cold"], record["content"], record["causes"], record["checks"]) == (True, "whole", [], [])
    assert (scene.live / "precious").read_text() == "live data"


def test_the_record_is_a_good_receipt_without_names_of_files_and_secrets(scene: DrillScene) -> None:
    scene.drill()
    policy = SignaturePolicy(PRINCIPAL, parse_signers((LINE,), "x"), None, RECEIPTS)
    assert check_receipts(ReceiptCheck(os.fsencode(scene.chain.directory), policy)).findings == ()
    text = scene.chain.path(1).read_text()
    assert "deep" not in text
    assert "secret" not in text


def test_an_empty_directory_stays_and_a_disk_of_its_own_is_taken(scene: DrillScene) -> None:
    scene.scratch.mkdir(mode=0o700)
    (scene.scratch / "lost+found").mkdir()
    assert scene.drill().error is None
    assert scene.left() == ["lost+found"]


def test_directories_without_permissions_and_links_are_removed(tmp_path: Path) -> None:
    files = {b"shut": Directory(0o000), b"shut/read": File(b"1", 0o400), b"link": Link(b"shut"), b"x/y": b"2"}
    scene = DrillScene(tmp_path, files)
    restored: list[str] = []
    report = scene.drill(pull={"links": "copy"}, during=lambda: restored.extend(os.listdir(scene.scratch / "tree")))
    assert report.error is None
    assert sorted(restored) == ["link", "shut", "x"]
    assert scene.left() == ["missing"]


def test_an_entry_that_is_not_restored_fails_the_drill(tmp_path: Path) -> None:
    scene = DrillScene(tmp_path, {b"a": b"1", b"link": Link(b"a")})
    assert "1 entry, not 2" in refused(scene, "set_incomplete", pull={"links": "skip"}).message
    assert scene.left() == ["missing"]


def test_a_sample_gives_an_estimate(scene: DrillScene) -> None:
    report = scene.drill(sample=Sample(size=10))
    assert report.error is None
    record = scene.record()
    assert (record["content"], record["rto_seconds"], record["verdict"]) == ("sample", None, "passed")
    assert record["coverage"]["of_files"] == 3
    assert record["coverage"]["files"] < 3
    assert record["estimate"]["basis"] == record["coverage"]
    assert record["estimate"]["seconds"] >= 1


def test_a_rotating_sample_restores_each_file_once(scene: DrillScene) -> None:
    found: list[bytes] = []
    for _run in range(4):
        scene.drill(
            sample=Sample(rotate=4),
            during=lambda: found.extend(
                path for path, each in tree_of(scene.scratch / "tree").items() if isinstance(each, File)
            ),
        )
    assert sorted(found) == sorted(FILES)


def test_a_cold_drill_uses_nothing_of_earlier_runs(scene: DrillScene) -> None:
    assert scene.drill().error is None
    asked = scene.seen[0]
    assert asked.state_dir == os.fsencode(scene.scratch / "state")
    assert not asked.credentials.ssh_agent
    assert asked.endpoint.ssh_config_file == "none"
    assert not os.path.exists(scene.pair.state_dir)


def test_a_drill_that_is_not_cold_remembers_the_newest_set(scene: DrillScene) -> None:
    assert scene.drill(cold=False).error is None
    assert os.path.isdir(scene.pair.state_dir)
    assert scene.seen[0].credentials.ssh_agent


@pytest.mark.parametrize(
    ("policy", "cause"),
    [({"rto": 0}, "rto_exceeded"), ({"rpo": 60}, "rpo_exceeded"), ({"min_coverage": 100}, "coverage_low")],
)
def test_a_number_above_the_policy_fails_the_drill(tmp_path: Path, policy: dict[str, int], cause: str) -> None:
    scene = DrillScene(tmp_path, issued=time.time() - 3600)
    sample = Sample(size=10) if cause == "coverage_low" else None
    report = scene.drill(policy=policy, sample=sample)
    assert report.error is None
    record = scene.record()
    assert (record["verdict"], record["error"], record["causes"]) == ("failed", "policy_not_met", [cause])
    assert record["policy"][next(iter(policy))] == policy[next(iter(policy))]


def test_a_file_that_was_changed_at_the_server_fails_the_drill(scene: DrillScene) -> None:
    scene.server.fill({b"a": b"ALPHA"})
    refused(scene, "digest_mismatch")
    assert scene.record()["coverage"]["files"] == 2
    assert scene.left() == ["missing"]


def test_a_server_that_cannot_be_reached(scene: DrillScene) -> None:
    scene.server.faults.fail("scan", b"", ConnectionLost("gone", cure="Check the network."))
    scene.server.faults.fail("root_entry", b"", ConnectionLost("gone", cure="Check the network."))
    refused(scene, "connection_lost", pull={"retries": 0})
    assert scene.record()["set"] is None
    assert scene.left() == ["missing"]


def test_a_set_that_has_expired(tmp_path: Path) -> None:
    scene = DrillScene(tmp_path)
    now = time.time()
    scene.server.fill(scene.sender.publish(FILES, issued=now - 40 * 86400, expires=now - 86400))
    refused(scene, "manifest_expired")


def test_a_set_that_does_not_fit_is_refused_before_a_byte_is_moved(
    scene: DrillScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.statvfs_result((4096, 4096, 100, 0, 0, 100, 100, 100, 0, 255))
    monkeypatch.setattr(os, "fstatvfs", lambda descriptor: full)
    assert "0.0 of 0.4 MiB are free" in refused(scene, "no_space").message
    assert scene.record()["coverage"]["files"] == 0


def test_an_interrupted_drill_is_recorded_as_aborted(scene: DrillScene) -> None:
    def interrupt(operation: str, path: bytes) -> None:
        if operation == "download" and path == b"a":
            raise KeyboardInterrupt("it received SIGTERM")

    scene.server.faults.on_operation = interrupt
    report = scene.drill()
    assert report.error is not None
    assert report.error.code == "interrupted"
    assert (scene.record()["verdict"], scene.record()["error"]) == ("aborted", "interrupted")
    assert scene.left() == ["missing"]


def test_a_defect_is_recorded(scene: DrillScene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(drill_module, "restored", broken)
    with pytest.raises(ZeroDivisionError):
        scene.drill()
    assert (scene.record()["verdict"], scene.record()["error"]) == ("failed", "internal")
    assert scene.left() == ["missing"]


def test_without_a_key_or_a_chain_nothing_begins(scene: DrillScene) -> None:
    shutil.rmtree(scene.chain.directory)
    scene.chain.directory.write_text("a file")
    with pytest.raises(OperationFailed, match=r"receipts\.path"):
        scene.drill()
    assert scene.seen == []
    assert scene.left() == ["missing"]


def test_a_cold_drill_needs_what_the_runbook_gives(scene: DrillScene) -> None:
    with pytest.raises(InvalidRequest, match="cold"):
        scene.drill(pull={"trust": SshTrust()})
    assert scene.chain.numbers == []


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs in the killed process, so the test restores the scratch directory."""


def killed(scene: DrillScene, when: str = "transfer") -> None:
    """Leave the scratch directory as a drill does that is killed at the beginning of a phase."""
    copy = scene.place / "killed"

    def kill() -> None:
        shutil.copytree(scene.scratch, copy, symlinks=True)
        raise Killed

    with pytest.raises(Killed):
        scene.drill(during=kill)
    for number in scene.chain.numbers:
        scene.chain.remove(number)
    marker = json.loads((copy / MARKER).read_text())
    (copy / MARKER).write_text(json.dumps({**marker, "phase": when}))
    shutil.copytree(copy, scene.scratch, symlinks=True, dirs_exist_ok=True)
    scene.scratch.chmod(0o700)


@pytest.mark.parametrize("phase", ["prepare", "connect", "manifest", "transfer", "checks"])
def test_a_killed_drill_becomes_a_record_of_the_next(scene: DrillScene, phase: str) -> None:
    killed(scene, phase)
    assert MARKER in scene.left()
    report = scene.drill()
    assert report.error is None
    assert scene.chain.numbers == [1, 2]
    assert report.aborted == (os.fsencode(scene.chain.path(1)), 1, scene.chain.digest(1))
    first, second = scene.record(1), scene.record(2)
    assert (first["verdict"], first["phase"], first["error"]) == ("aborted", phase, "interrupted")
    assert first["run_id"] != second["run_id"]
    assert second["verdict"] == "passed"
    assert scene.left() == ["missing"]


def test_a_drill_that_was_killed_after_its_record_has_one_record(scene: DrillScene) -> None:
    killed(scene)
    marker = json.loads((scene.scratch / MARKER).read_text())
    scene.chain.write(type="drill", job=JOB, run_id=marker["fields"]["run_id"])
    report = scene.drill()
    assert report.aborted is None
    assert scene.chain.numbers == [1, 2]


def test_a_record_that_cannot_be_written_is_written_by_the_next_drill(scene: DrillScene) -> None:
    with pytest.raises(SyncError):
        scene.drill(during=lambda: scene.chain.directory.chmod(0o777))
    assert scene.left() == [MARKER]
    scene.chain.directory.chmod(0o700)
    report = scene.drill()
    assert report.aborted is not None
    assert [scene.record(number)["verdict"] for number in scene.chain.numbers] == ["aborted", "passed"]


def test_the_drill_of_another_job_is_left_alone(scene: DrillScene) -> None:
    killed(scene)
    marker = json.loads((scene.scratch / MARKER).read_text())
    marker["fields"]["job"] = "other"
    (scene.scratch / MARKER).write_text(json.dumps(marker))
    before = scene.left()
    refused(scene, "refused")
    assert scene.left() == before


def test_a_tree_that_waits_for_its_checks_is_left_alone_for_some_hours(
    scene: DrillScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = scene.drill(waits=True)
    assert report.tree == os.fsencode(scene.scratch / "tree")
    assert report.receipt is None
    assert "state: checked" in refused(scene, "locked").cure
    assert (scene.scratch / "tree/a").read_bytes() == b"alpha"
    later = time.time() + CHECKS_WITHIN + 60
    monkeypatch.setattr(time, "time", lambda: later)
    report = scene.drill()
    assert report.aborted is not None
    assert [scene.record(number)["verdict"] for number in scene.chain.numbers] == ["failed", "aborted", "passed"]


def test_a_failed_restore_does_not_wait(scene: DrillScene) -> None:
    scene.server.fill({b"a": b"ALPHA"})
    refused(scene, "digest_mismatch", waits=True)
    assert scene.left() == ["missing"]


@pytest.mark.parametrize("exists", [True, False])
def test_check_mode_writes_nothing(scene: DrillScene, exists: bool) -> None:
    if exists:
        scene.scratch.mkdir(mode=0o700)
    before = sorted(scene.place.rglob("*"))
    report = scene.drill(pull={"check_mode": True})
    assert report.error is None
    assert report.sync is not None
    assert len([action for action in report.sync.plan.actions if action.action == "store"]) == 3
    assert sorted(scene.place.rglob("*")) == before
    assert report.receipt is None
