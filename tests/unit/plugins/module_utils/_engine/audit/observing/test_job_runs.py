# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import results, secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import jobs as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.handover import values
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.metrics import counted
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.records import (
    HISTORY,
    Records,
    Sources,
    record,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import parse_utc

PEER = results.peer_result(PeerIdentity("SSH-2.0", host_key_fingerprint="SHA256:abc"))


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "nightly.json").write_text(json.dumps({"schema": 1, "job": "nightly", "options": {}}))
    (tmp_path / "nightly.json").chmod(0o644)
    monkeypatch.setattr(subject, "records", lambda job: f"{tmp_path}/records/{job}")
    (tmp_path / "records").mkdir()
    return tmp_path


def run(directory: Path, day: int, state: str = "ok", **fields: Any) -> None:
    """Record a run as its recorder does, from the result of secure_sync."""
    left = values({**secure_sync.blank(), "run": "8f3a", "peer": PEER, "proofs": {"read_back": 3}, **fields})
    ended = parse_utc(f"2025-12-0{day}T02:00:00Z")
    made = record("nightly", left, run="8f3a", state=state, facts="", ended=ended, sources=Sources("", ""))
    Records(f"{directory}/records/nightly", keep=10).append(made, counted)


def test_the_newest_success_counts(directory: Path) -> None:
    run(directory, 1)
    run(directory, 2, proofs={"read_back": 3, "none": 2})
    run(directory, 3, "failed")
    run(directory, 4, peer=None)
    found = subject.job_runs(str(directory))
    assert found == [
        {
            "job": "nightly",
            "runs": 4,
            "broken_line": 0,
            "oldest": "2025-12-01T02:00:00Z",
            "ended": "2025-12-02T02:00:00Z",
            "protocol": "SSH-2.0",
            "identity": "SHA256:abc",
            "files": 5,
            "unproven": 2,
        }
    ]
    assert fits(found, FORMS["job_runs"])


def test_the_identity_of_an_ftps_server(directory: Path) -> None:
    peer = PeerIdentity("TLSv1.3", certificate_fingerprint="SHA256:00ff")
    run(directory, 1, peer=results.peer_result(peer), proofs={"server_hash": 2})
    (found,) = subject.job_runs(str(directory))
    assert (found["protocol"], found["identity"], found["unproven"]) == ("TLSv1.3", "SHA256:00ff", 0)


def test_a_job_that_never_ran(directory: Path) -> None:
    (found,) = subject.job_runs(str(directory))
    assert (found["runs"], found["ended"], found["oldest"]) == (0, "", "")
    assert fits([found], FORMS["job_runs"])


def test_a_changed_record_breaks_the_chain(directory: Path) -> None:
    for day in (1, 2, 3):
        run(directory, day)
    history = directory / "records/nightly" / HISTORY
    history.write_bytes(history.read_bytes().replace(b'"read_back": 3', b'"read_back": 4', 1))
    (found,) = subject.job_runs(str(directory))
    assert found["broken_line"] == 2
    history.write_bytes(b"[]\nno record\n")
    (found,) = subject.job_runs(str(directory))
    assert (found["runs"], found["ended"], found["oldest"]) == (2, "", "")
    odd = {"result": "ok", "ended": 5, "peer": {"protocol": 1}, "proofs": {"none": "many", "read_back": 2}}
    history.write_text(json.dumps(odd) + "\n")
    (found,) = subject.job_runs(str(directory))
    assert (found["ended"], found["protocol"], found["files"], found["unproven"]) == ("5", "1", 2, 0)
    history.write_text(json.dumps({**odd, "peer": "x", "proofs": []}) + "\n")
    assert subject.job_runs(str(directory))[0]["protocol"] == ""
