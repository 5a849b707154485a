# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of a case: bundles that are never replaced, and lines that are written whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.verifying import signature_policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import CustodyBroken, SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.case_directory import (
    CaseDirectory,
    broken_lines,
    parse_steps,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.checking import check_case
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.collecting import Announced
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import EVIDENCE
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


class Timeout(BaseException):
    """As Ansible ends a task after its `timeout`."""


@pytest.mark.parametrize(
    ("place", "error"),
    [("case/custody.jsonl", Timeout()), ("case", Timeout()), ("case", OSError(5, "Input/output error"))],
    ids=["timeout, written", "timeout, on the disk", "error, on the disk"],
)
def test_an_error_after_the_line_takes_nothing_back(
    case: EvidenceCase, monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    before, real = case.custody.read_bytes(), os.fsync

    def broken(descriptor: int) -> None:
        if (
            Path(os.readlink(f"/proc/self/fd/{descriptor}")) == case.root / place
            and case.custody.read_bytes() != before
        ):
            raise error
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises((Timeout, SyncError)):
            case.collect()
    assert case.left() == ["0001-before-files1", "0002-before-files1"]
    given = {"allowed_signers_file": None, "revoked_keys_file": None, **case.verify}
    assert check_case(str(case.directory).encode(), signature_policy(given, EVIDENCE)).findings == []
    assert case.collect().placed == ("0003-before-files1", 3)


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


def test_a_line_is_appended_to_a_whole_chain_alone(case: EvidenceCase) -> None:
    directory = CaseDirectory(str(case.root).encode(), "case")
    (collected,), _malformed = parse_steps(directory.content())
    values = {
        name: str(collected.fields[name]) for name in collected.fields if name not in ("format", "seq", "previous")
    }
    signed: list[bytes] = []
    assert directory.append({**values, "who": "bob"}, lambda content: signed.append(content) or b"signature") == 2
    steps, malformed = parse_steps(directory.content())
    assert ([step.fields["who"] for step in steps], malformed, broken_lines(steps)) == (["alice", "bob"], [], [])
    assert signed == [directory.content()]
    assert Path(directory.signature(2).decode()).read_bytes() == b"signature"
    case.change_line(1, b"alice", b"mallo")
    before = directory.content()
    with pytest.raises(CustodyBroken, match="line 2 of the custody"):
        directory.append(values, lambda _content: b"signature")
    assert directory.content() == before
    assert not Path(directory.signature(3).decode()).exists()


def test_a_chain_that_is_broken_during_the_capture_takes_no_bundle(case: EvidenceCase) -> None:
    case.collect()

    class Host(HostInMemory):
        def capture(self) -> Announced:
            case.change_line(1, b"alice", b"mallo")
            return super().capture()

    with pytest.raises(CustodyBroken, match="line 2 of the custody"):
        case.collect(Host())
    assert case.left() == ["0001-before-files1", "0002-before-files1"]
