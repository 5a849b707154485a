# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of a record as they become known."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.record import (
    aborted,
    begun,
    finished,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.request import Check, DrillPolicy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, RunEnded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import Sample
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_directory import (
    format_receipt,
    parse_receipt,
)
from support.scenes.drill_scene import DrillScene

PHASES = {"connect": 1500, "transfer": 500}
WHOLE = {"files": 2, "of_files": 2, "bytes": 10, "of_bytes": 10, "percent": 100}


@pytest.fixture
def scene(tmp_path: Path) -> DrillScene:
    return DrillScene(tmp_path)


def test_a_record_has_every_key_at_every_end(scene: DrillScene) -> None:
    fields = begun(scene.request(policy=DrillPolicy(rto=60)), 1700000000)
    passed = finished({**fields, "phases": PHASES, "coverage": WHOLE}, None)
    failed = finished(fields, ConnectionLost("gone"))
    assert set(passed) == set(failed)
    assert (passed["coverage"]["percent"], failed["coverage"]["percent"]) == (100, 0), "the set was never seen"
    assert set(aborted(fields, "transfer")) == set(passed) | {"phase"}
    assert (passed["started"], passed["policy"]["rto"]) == ("2023-11-14T22:13:20Z", 60)
    assert passed["changed"] is failed["changed"] is False, "a drill leaves the set as it is"


def test_it_is_a_receipt(scene: DrillScene) -> None:
    fields = finished({**begun(scene.request(), 1700000000), "phases": PHASES, "coverage": WHOLE}, None)
    text = format_receipt({**fields, "format": 1, "seq": 1, "prev": "0" * 64})
    assert parse_receipt(text).type == "drill"
    assert b"." not in text.replace(b"secure.ftp_synchronize", b"").replace(b"0.2.0", b"").split(b'"phases"')[1][:40]


def test_verdicts(scene: DrillScene) -> None:
    fields = {**begun(scene.request(), 0), "phases": PHASES, "coverage": WHOLE}
    cases = [
        (finished(fields, None), ("passed", None, 2)),
        (finished(fields, None, [Check("a", passed=False)]), ("failed", "policy_not_met", 2)),
        (finished(fields, ConnectionLost("gone")), ("failed", "connection_lost", None)),
        (finished(fields, RunEnded("SIGTERM")), ("aborted", "interrupted", None)),
        (aborted(fields, "transfer"), ("aborted", "interrupted", None)),
    ]
    for record, wanted in cases:
        assert (record["verdict"], record["error"], record["rto_seconds"]) == wanted


def test_a_sample_has_an_estimate_and_no_recovery_time(scene: DrillScene) -> None:
    fields = begun(scene.request(sample=Sample()), 0)
    record = finished({**fields, "phases": PHASES, "coverage": {**WHOLE, "of_files": 4, "percent": 50}}, None)
    assert (record["content"], record["rto_seconds"], record["estimate"]["seconds"]) == ("sample", None, 3)
