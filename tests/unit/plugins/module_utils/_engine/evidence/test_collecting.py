# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection from hosts that send another archive than they announced; whole bundles or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    EvidenceChanged,
    EvidenceTooLarge,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence import collecting
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from support.scenes.evidence_case import ARCHIVE, EvidenceCase, HostInMemory


def test_a_bundle(tmp_path: Path) -> None:
    case = EvidenceCase(tmp_path)
    found = case.collect()
    assert Path(found.path.decode(), found.archive).read_bytes() == ARCHIVE
    facts = json.loads(Path(found.path.decode(), "capture.json").read_text())
    assert (facts["host"], facts["archive"]["sha256"]) == ("files1", found.digest)
    assert abs(found.clock_offset) < 60
    assert case.collect().placed == ("0002-before-files1", 2)
    assert case.left() == ["0001-before-files1", "0002-before-files1"]


@pytest.mark.parametrize(
    ("host", "error"),
    [
        (HostInMemory(sent=ARCHIVE[:-1] + b"x"), EvidenceChanged),
        (HostInMemory(sent=ARCHIVE[:-1]), EvidenceChanged),
        (HostInMemory(sent=b""), EvidenceChanged),
        (HostInMemory(size=len(ARCHIVE) - 1), EvidenceChanged),
        (HostInMemory(size=1 << 40), EvidenceTooLarge),
        (HostInMemory(size=0), EvidenceChanged),
    ],
)
def test_another_archive_leaves_nothing(host: HostInMemory, error: type[SyncError], tmp_path: Path) -> None:
    case = EvidenceCase(tmp_path)
    with pytest.raises(error):
        case.collect(host)
    assert (case.left(), case.custody.exists()) == ([], False)


class Endless(HostInMemory):
    """Sends more than it was asked for, and single bytes."""

    def __init__(self, *, single: bool) -> None:
        super().__init__()
        self._part = b"x" if single else bytes(1 << 24)

    def read(self, offset: int, size: int) -> bytes:
        self.asked += 1
        return self._part


@pytest.mark.parametrize("single", [True, False])
def test_a_host_that_sends_for_ever(single: bool, tmp_path: Path) -> None:
    host = Endless(single=single)
    with pytest.raises(EvidenceChanged):
        EvidenceCase(tmp_path).collect(host)
    assert host.asked == 2


def test_parts_of_a_large_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "PART", 1000)
    found = EvidenceCase(tmp_path).collect()
    assert Path(found.path.decode(), found.archive).read_bytes() == ARCHIVE


def test_the_key_is_tried_before_the_host_is_asked(tmp_path: Path) -> None:
    host = HostInMemory()
    with pytest.raises(SyncError):
        EvidenceCase(tmp_path).collect(host, signing=Signing(private_key_file=str(tmp_path / "none")))
    assert host.asked == 0


def test_a_directory_that_others_can_read(tmp_path: Path) -> None:
    case = EvidenceCase(tmp_path)
    case.root.mkdir()
    case.root.chmod(0o755)
    assert case.collect().placed.name == "0001-before-files1"


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702])
def test_a_directory_that_others_can_write_to(tmp_path: Path, mode: int) -> None:
    case = EvidenceCase(tmp_path)
    case.root.mkdir()
    case.root.chmod(mode)
    host = HostInMemory()
    with pytest.raises(SyncError, match="others can write"):
        case.collect(host)
    assert host.asked == 0
