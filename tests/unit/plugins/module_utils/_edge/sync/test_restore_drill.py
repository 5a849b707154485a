# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of restore_drill become a drill, and its report a result."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import restore_drill
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.request import (
    Check,
    ChecksRequest,
    DrillPolicy,
    DrillReport,
    DrillRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    InvalidRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import Sample
from support.running.tasks import params_of, refusals_of, run_task
from support.scenes.drill_scene import DrillScene
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL, Sender

VERIFY = {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]}
RECEIPTS = {"path": "/var/lib/receipts", "private_key_file": str(key("receipts").path)}
LEAST = {
    "host": "files.example.com",
    "password": "secret",
    "host_keys": ["SHA256:abc"],
    "src": "release",
    "scratch": "/srv/drill/scratch",
    "live": ["/srv/release"],
    "verify": VERIFY,
    "receipts": RECEIPTS,
}
CHECKED = {"state": "checked", "scratch": "/srv/drill/scratch", "receipts": RECEIPTS}


def task(options: dict[str, Any], *, check: bool = False) -> Task:
    return Task(params_of(restore_drill, options), check_mode=check)


def asked(**options: Any) -> DrillRequest:
    made = restore_drill.request(task({**LEAST, **options}))
    assert isinstance(made, DrillRequest)
    return made


def result(report: DrillReport, **options: Any) -> dict[str, Any]:
    return restore_drill.result(report, task({**LEAST, **options}))


def test_defaults() -> None:
    made = asked()
    assert (made.scratch, made.live, made.cold, made.waits) == (b"/srv/drill/scratch", (b"/srv/release",), True, False)
    assert made.policy == DrillPolicy()
    assert made.receipts.job == "restore_drill"
    pull = made.pull
    assert (pull.direction, pull.remote_root, pull.links, pull.delete) == ("pull", b"release", "copy", False)
    assert (pull.receipts, pull.preserve_mode, pull.preserve_mtime) == (None, True, True)
    assert made.sample is None


def test_every_option_arrives() -> None:
    made = asked(
        state="restored", content="sample", sample={"rotate": 7}, cold=False, parallel="3", bandwidth_limit="1M",
        policy={"max_age": "100d", "rto": "4h", "rpo": "26h", "min_coverage": 90}, state_dir="/var/lib/state",
    )  # fmt: skip
    assert (made.waits, made.cold) == (True, False)
    assert made.policy == DrillPolicy(100 * 86400, 4 * 3600, 26 * 3600, 90)
    assert made.sample == Sample(7)
    assert (made.pull.parallel, made.pull.state_dir) == (3, b"/var/lib/state")


def test_the_keys_of_encrypted_files() -> None:
    assert asked().pull.decrypt is None
    decrypt = asked(decrypt={"identities": ["AGE-SECRET-KEY-1X"]}).pull.decrypt
    assert decrypt is not None
    assert decrypt.texts == ("AGE-SECRET-KEY-1X",)
    with pytest.raises(InvalidRequest, match="decrypt"):
        asked(decrypt={"identities": [" "]})


def test_the_end_of_a_drill() -> None:
    made = restore_drill.request(task({**CHECKED, "checks": [{"name": "it starts", "passed": True}]}, check=True))
    assert isinstance(made, ChecksRequest)
    assert (made.checks, made.check_mode) == ((Check("it starts", passed=True),), True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scratch": "/"}, "scratch: "),
        ({"scratch": "/srv/drill/.."}, "scratch: "),
        ({"sample": {"rotate": 3}}, "sample: has no meaning with content: whole"),
        ({"content": "sample", "sample": {"percent": 0}}, "sample.percent: "),
        ({"policy": {"rto": "4 hours"}}, "policy.rto: "),
        ({"policy": {"min_coverage": 101}}, "policy.min_coverage: "),
        ({"checks": [{"name": "a", "passed": True}]}, "checks: has no meaning with state: finished"),
        ({"receipts": {**RECEIPTS, "path": "/srv/drill/scratch/receipts"}}, "receipts.path: "),
        ({"receipts": {**RECEIPTS, "job": "a\nb"}}, "receipts.job: "),
        ({"max_listed": -1}, "max_listed: "),
        ({"progress": -1}, "progress: "),
        ({"parallel": "many"}, "parallel: "),
    ],
)
def test_values_that_cannot_be(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(**options)
    assert caught.value.message.startswith(words)
    assert caught.value.cure


@pytest.mark.parametrize("option", ["src", "verify", "decrypt", "live", "sample", "policy"])
def test_options_of_a_restore_have_no_meaning_at_its_end(option: str) -> None:
    value = {**LEAST, "sample": {"rotate": 3}, "policy": {}, "decrypt": {"identities": ["k"]}}[option]
    with pytest.raises(InvalidRequest, match=f"{option}: has no meaning with state: checked"):
        restore_drill.request(task({**CHECKED, option: value}))


@pytest.mark.parametrize("missing", ["src", "verify", "live", "scratch", "receipts"])
def test_ansible_names_what_is_missing(missing: str) -> None:
    given = {name: value for name, value in LEAST.items() if name != missing}
    assert missing in str(refusals_of(restore_drill, given))


def test_a_record_needs_a_key() -> None:
    given = {**LEAST, "receipts": {"path": "/r"}}
    assert "one of the following is required" in str(refusals_of(restore_drill, given))


def test_a_passed_drill(tmp_path: Path) -> None:
    report = DrillScene(tmp_path).drill(policy={"max_age": 86400})
    found = result(report)
    assert (found["changed"], "failed" in found, found["failed_items"]) == (False, False, [])
    drill = found["drill"]
    assert (drill["verdict"], drill["causes"]) == ("passed", [])
    assert drill["next_due"] > drill["ended"]
    assert found["msg"].startswith("passed: restored 3 of 3 files (405 B) in ")
    assert found["receipt"]["sequence"] == 1
    assert found["set"]["sequence"] == 1
    assert "tree" not in found


def test_a_drill_that_waits(tmp_path: Path) -> None:
    scene = DrillScene(tmp_path)
    found = result(scene.drill(waits=True), state="restored")
    assert (found["changed"], found["tree"]) == (True, str(scene.scratch / "tree"))
    assert found["msg"].startswith("the restored tree waits for checks: ")
    assert "receipt" not in found
    ended = restore_drill.result(scene.end(("a", False)), task(CHECKED))
    assert ended["error"]["code"] == "policy_not_met"
    assert "the check a failed" in ended["msg"]
    assert ended["drill"]["next_due"] is None


def test_a_number_above_the_policy(tmp_path: Path) -> None:
    found = result(DrillScene(tmp_path).drill(policy={"rto": 0, "max_age": 60}))
    assert (found["failed"], found["error"]["code"], found["error"]["path"]) == (True, "policy_not_met", None)
    assert [each["id"] for each in found["drill"]["causes"]] == ["rto_exceeded"]
    assert found["drill"]["next_due"] is None
    assert found["receipt"]["sequence"] == 1


def test_files_that_are_not_proven_are_listed(tmp_path: Path) -> None:
    scene = DrillScene(tmp_path)
    scene.server.fill({b"a": b"ALPHA", b"sub/b": b"BETA" * 100})
    found = result(scene.drill(), max_listed=1)
    assert (found["failed"], found["error"]["code"]) == (True, "digest_mismatch")
    assert [each["path"] for each in found["failed_items"]] == ["a"]
    assert found["drill"]["verdict"] == "failed"


def test_a_failed_login(tmp_path: Path) -> None:
    scene = DrillScene(tmp_path)
    scene.server.faults.fail("root_entry", b"", ConnectionFailed("no answer", cure="Check host."))
    found = result(scene.drill(pull={"retries": 0}))
    assert (found["failed"], found["error"]["code"]) == (True, "connection_failed")
    assert "set" not in found


def test_the_record_of_a_killed_drill_is_shown_with_a_warning(tmp_path: Path) -> None:
    scene, warnings = DrillScene(tmp_path), []
    with pytest.raises(Exception, match="receipts"):
        scene.drill(during=lambda: scene.chain.directory.chmod(0o777))
    scene.chain.directory.chmod(0o700)
    report = scene.drill()
    found = restore_drill.result(report, task(LEAST)._replace(warn=warnings.append))
    assert (found["aborted"]["sequence"], found["receipt"]["sequence"]) == (1, 2)
    assert len(warnings) == 1


def test_check_mode(tmp_path: Path) -> None:
    report = DrillScene(tmp_path).drill(pull={"check_mode": True})
    found = restore_drill.result(report, task(LEAST, check=True))
    assert (found["msg"], found["changed"]) == ("would restore a set of 3 files (405 B)", False)
    assert "verdict" not in found["drill"]


def test_a_refused_scratch_is_recorded_by_the_module(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o755)
    receipts = {**RECEIPTS, "path": str(tmp_path / "receipts")}
    found = run_task(restore_drill, **{**LEAST, "scratch": str(scratch), "receipts": receipts})
    assert (found["error"]["code"], found["receipt"]["sequence"]) == ("unsafe_path", 1)
    assert os.listdir(scratch) == []


@pytest.mark.parametrize(("file", "files"), [("", []), ("/run/progress", ["/run/progress"])])
def test_progress_is_written_to_a_file_only_if_the_action_asks_for_it(
    file: str, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file, a slow drill wrote `None.PID` to the working directory."""
    asked: list[str] = []
    monkeypatch.setattr(restore_drill, "written", lambda progress, path: nullcontext(asked.append(path)))
    monkeypatch.setattr(restore_drill, "sync", lambda request, progress: request)
    task = Task({}, progress_file=file)
    request: Any = object()
    assert restore_drill._shown(task, request) is request
    assert asked == files
