# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module evidence_custody on real cases: findings, the witness, and evidence that is handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.evidence import evidence_custody
from support.running.tasks import run_task
from support.scenes.evidence_case import EvidenceCase

BUNDLE = "0001-before-files1"


@pytest.fixture
def case(tmp_path: Path) -> EvidenceCase:
    case = EvidenceCase(tmp_path)
    case.collect()
    return case


def run(case: EvidenceCase, **options: Any) -> dict[str, Any]:
    return run_task(evidence_custody, path=str(case.root), **{"case": "case", "verify": case.verify, **options})


def hand_over(case: EvidenceCase, **changed: Any) -> dict[str, Any]:
    given = {"bundle": BUNDLE, "to": "Sergeant Miller", "reason": "complaint", "responder": "alice"}
    return {**given, "private_key_file": str(case.responder.path), **changed}


def test_a_good_case(case: EvidenceCase) -> None:
    done = run(case)
    assert (done["findings"], done["bundles"], done["changed"], done["msg"]) == ([], [BUNDLE], False, "no findings")
    assert done["custody"][0]["who"] == "alice"
    assert run(case, head=done["head"])["findings"] == []


def test_a_tampered_case_fails(case: EvidenceCase) -> None:
    case.change_line(1, b"alice", b"mallo")
    done = run(case)
    assert (done["failed"], done["error"]["code"]) == (True, "custody_broken")
    assert "case: line 1: signature: " in done["msg"]
    refused = run(case, hand_over=hand_over(case))
    assert (refused["failed"], len(refused["custody"])) == (True, 1)


def test_a_whole_case_that_lacks_the_head(case: EvidenceCase) -> None:
    assert [each["id"] for each in run(case, head="0" * 64)["findings"]] == ["cut_tail"]


def test_evidence_is_handed_over(case: EvidenceCase) -> None:
    planned = run_task(
        evidence_custody,
        check=True,
        path=str(case.root),
        case="case",
        verify=case.verify,
        hand_over=hand_over(case),
    )
    assert (planned["changed"], len(planned["custody"])) == (True, 1)
    done = run(case, hand_over=hand_over(case))
    first, last = done["custody"]
    assert (done["changed"], done["findings"], last["action"], last["to"]) == (
        True,
        [],
        "handed_over",
        "Sergeant Miller",
    )
    assert (last["from"], last["sha256"]) == (first["to"], first["sha256"])
    again = run(case, hand_over=hand_over(case, to="Judge", reason="trial"))
    assert again["custody"][2]["from"] == "Sergeant Miller"


def test_a_bundle_that_is_not_there(case: EvidenceCase) -> None:
    refused = run(case, hand_over=hand_over(case, bundle="0002"))
    assert "hand_over.bundle: 0002 is not in the case" in refused["msg"]


def test_no_case(tmp_path: Path) -> None:
    assert run(EvidenceCase(tmp_path))["error"]["code"] == "not_found"
