# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options and results of incident_drill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.incident import incident_drill
from support.running.tasks import run_task
from support.servers.ssh_keys import key

SIGNER = key("receipts")
CLOSED = {"files1": {"error": {"code": "authentication_failed"}}}


def step(directory: Path, state: str, **given: Any) -> dict[str, Any]:
    receipts = {"path": str(directory / "receipts"), "private_key_file": str(SIGNER.path)}
    if state in ("begun", "finished"):
        given = {"receipts": receipts, **given}
    if state == "begun":
        given = {"account": "canary", "servers": ["files1"], **given}
    return run_task(incident_drill, state=state, directory=str(directory / "drill"), **given)


def test_a_drill_that_failed_has_a_record_and_an_error(tmp_path: Path) -> None:
    begun = step(tmp_path, "begun")
    assert begun["fingerprints"] == [begun["fingerprint"]]
    assert begun["public_key"] != begun["new_public_key"]
    assert step(tmp_path, "noted", event="detected", answers={})["msg"] == "missed: files1"
    assert step(tmp_path, "awaited")["msg"].startswith("not every server")
    done = step(tmp_path, "finished", refusals=[CLOSED, {}])
    assert (done["failed"], done["error"]["code"]) == (True, "policy_not_met")
    assert done["drill"]["verdict"] == "failed"
    assert [each["id"] for each in done["drill"]["causes"]] == ["canary_open", "not_begun"]
    assert Path(done["receipt"]["path"]).exists()
    words = "refused not measured, all hosts not measured"
    assert words in incident_drill._summary({"verdict": "failed", "phases": done["drill"]["phases"]})


def test_a_failed_drill_is_no_drill_for_the_check_of_records(tmp_path: Path) -> None:
    step(tmp_path, "begun")
    step(tmp_path, "finished", refusals=[CLOSED])
    line = f'drills@example.com namespaces="receipt@ftp-synchronize" {SIGNER.public}'
    verify = {"principal": "drills@example.com", "allowed_signers": [line]}
    checked = run_task(receipt_verify, path=str(tmp_path / "receipts"), verify=verify, drill={"max_age": "1d"})
    assert (checked["error"]["code"], checked["findings"]) == ("drill_overdue", [])


def test_a_killed_drill_is_named(tmp_path: Path) -> None:
    first = step(tmp_path, "begun")
    second = step(tmp_path, "begun")
    assert second["fingerprints"] == [second["fingerprint"], first["fingerprint"]]
    assert second["aborted"]["sequence"] == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"account": "a b"}, "account"),
        ({"servers": ["x\ny"]}, "servers"),
        ({"limits": {"refused": "soon"}}, "limits.refused"),
        ({"limits": {"all_hosts": "11m"}}, "limits.all_hosts"),
        ({"patience": 0.0}, "patience"),
    ],
)
def test_options_that_are_refused(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    refused = step(tmp_path, "begun", **given)
    assert refused["error"]["code"] == "invalid_request"
    assert words in refused["msg"]
    assert not (tmp_path / "drill").exists()


def test_check_mode_does_nothing(tmp_path: Path) -> None:
    receipts = {"path": str(tmp_path / "receipts"), "private_key_file": str(SIGNER.path)}
    options = {"account": "canary", "servers": ["files1"], "receipts": receipts}
    run_task(incident_drill, check=True, state="begun", directory=str(tmp_path / "drill"), **options)
    assert [*tmp_path.iterdir()] == []
