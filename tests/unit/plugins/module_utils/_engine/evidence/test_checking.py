# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of a case: every change of custody and of bundles is named."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.verifying import signature_policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.checking import check_case
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import EVIDENCE
from support.scenes.evidence_case import EvidenceCase, HostInMemory
from support.servers.ssh_keys import key

FIRST = "0001-before-files1"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("collected")
    case = EvidenceCase(directory)
    case.collect()
    case.collect(HostInMemory(b"another archive"))
    return directory


@pytest.fixture
def case(collected: Path, tmp_path: Path) -> EvidenceCase:
    shutil.copytree(collected, tmp_path, dirs_exist_ok=True)
    return EvidenceCase(tmp_path)


def found(case: EvidenceCase, verify: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    given = {"allowed_signers_file": None, "revoked_keys_file": None, **(verify or case.verify)}
    report = check_case(str(case.directory).encode(), signature_policy(given, EVIDENCE))
    return [(each.id, each.place) for each in report.findings]


def test_a_good_case(case: EvidenceCase) -> None:
    assert found(case) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_tampered_line(case: EvidenceCase, number: int) -> None:
    case.change_line(number, b'"alice"', b'"mallo"')
    broken = [("broken_link", "line 2")] if number == 1 else []
    assert found(case) == [*broken, ("signature", f"line {number}")]


def test_a_line_that_was_removed(case: EvidenceCase) -> None:
    lines = case.custody.read_bytes().splitlines(keepends=True)
    case.custody.write_bytes(lines[0])
    assert found(case) == [("cut_tail", "line 2"), ("not_in_custody", "0002-before-files1")]
    case.custody.write_bytes(lines[1])
    assert ("broken_link", "line 1") in found(case)
    case.custody.unlink()
    assert found(case)[:2] == [("no_custody", "custody.jsonl"), ("cut_tail", "line 1")]


@pytest.mark.parametrize("name", ["evidence.tar.gz", "capture.json", "SHA256SUMS", "SHA256SUMS.sig"])
def test_a_changed_file(case: EvidenceCase, name: str) -> None:
    file = case.directory / FIRST / name
    file.write_bytes(file.read_bytes().replace(b"a", b"b", 1))
    assert found(case) == [("changed", FIRST)]


def test_files_that_are_missing_or_new(case: EvidenceCase) -> None:
    (case.directory / FIRST / "more").touch()
    assert found(case) == [("changed", FIRST)]
    shutil.rmtree(case.directory / FIRST)
    assert found(case) == [("missing", FIRST)]


def test_a_bundle_in_the_place_of_another(case: EvidenceCase) -> None:
    """Its signature is good, and its line of custody is of another."""
    shutil.rmtree(case.directory / FIRST)
    shutil.copytree(case.directory / "0002-before-files1", case.directory / FIRST)
    assert found(case) == [("changed", FIRST)]


def test_an_archive_that_is_a_link(case: EvidenceCase) -> None:
    file = case.directory / FIRST / "evidence.tar.gz"
    file.rename(case.root / "elsewhere")
    file.symlink_to(case.root / "elsewhere")
    assert found(case) == [("changed", FIRST)]


def test_the_key_of_another_person(case: EvidenceCase) -> None:
    line = str(case.verify["allowed_signers"][0]).replace(case.responder.public, key("mallory").public)
    wrong = [("signature", "line 1"), ("changed", FIRST), ("changed", "0002-before-files1")]
    assert found(case, {**case.verify, "allowed_signers": [line]}) == wrong
