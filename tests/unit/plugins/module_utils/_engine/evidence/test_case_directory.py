# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of a case: bundles that are never replaced, and lines that are written whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.case_directory import (
    CaseDirectory,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.refusals import CustodyBroken
from support.scenes.evidence_case import EvidenceCase, HostInMemory


@pytest.fixture
def case(tmp_path: Path) -> EvidenceCase:
    case = EvidenceCase(tmp_path)
    case.collect()
    return case


def test_an_entry_of_the_next_name_is_not_replaced(case: EvidenceCase) -> None:
    (case.directory / "0002-something").mkdir()
    assert case.collect().placed.name == "0003-before-files1"


def test_a_line_that_cannot_be_written_takes_the_bundle_back(
    case: EvidenceCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = case.custody.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    real = os.fsync
    with monkeypatch.context() as patched:
        patched.setattr(
            os, "fsync", lambda fd: full(fd) if os.readlink(f"/proc/self/fd/{fd}").endswith(".jsonl") else real(fd)
        )
        with pytest.raises(Exception, match="is full"):
            case.collect()
    assert (case.custody.read_bytes(), case.left()) == (before, ["0001-before-files1"])
    assert case.collect().placed == ("0002-before-files1", 2)


def test_a_broken_chain_takes_no_more_evidence(case: EvidenceCase) -> None:
    case.collect()
    case.change_line(1, b"alice", b"mallo")
    host = HostInMemory()
    with pytest.raises(CustodyBroken, match="line 2 of the custody"):
        case.collect(host)
    assert host.asked == 0


def test_a_killed_run_before_its_line(case: EvidenceCase) -> None:
    """It left the signature of a line that is not there."""
    directory = CaseDirectory(str(case.root).encode(), "case")
    Path(directory.signature(2).decode()).write_text("x")
    assert case.collect().placed.step == 2
