# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a collection, with stand-ins as in support.running.host_steps; real hosts are in tests/hosts."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.evidence import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.digest import sha256
from support.running.host_steps import answered
from support.servers.ssh_keys import key

ARCHIVE = b"archive"
MADE = {"size": 7, "sha256": sha256(ARCHIVE).hexdigest(), "members": 1, "left_out": []}
PART = {"data": base64.b64encode(ARCHIVE).decode()}


def run(
    monkeypatch: pytest.MonkeyPatch, directory: Path, *answers: Any, check: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    given = {
        "path": str(directory / "evidence"),
        "case": "secret-case",
        "reason": "secret reason",
        "responder": "alice",
        "sign": {"private_key_file": str(key("incident").path)},
    }
    result, asked = answered(monkeypatch, list(answers), given, ActionModule, check_mode=check)
    return result, [options for _module, options in asked]


def made() -> dict[str, Any]:
    return {**MADE, "moment": f"{time.time():.6f}"}


def test_the_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result, asked = run(monkeypatch, tmp_path, made(), PART, {})
    assert result["bundle"] == f"{tmp_path}/evidence/secret-case/0001-before-files1", result
    assert Path(result["bundle"], "evidence.tar.gz").read_bytes() == ARCHIVE
    assert [(each["state"], each.get("offset")) for each in asked] == [
        ("captured", None),
        ("read", 0),
        ("absent", None),
    ]
    assert len({each["name"] for each in asked}) == 1


def test_the_host_learns_neither_case_nor_reason_nor_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _result, asked = run(monkeypatch, tmp_path, made(), PART, {})
    assert not any(word in str(asked) for word in ("secret", "alice", "incident", str(tmp_path)))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([{"failed": True, "msg": "disk full"}, {}], "operation_failed"),
        ([{}, {}], "evidence_changed"),
        ([MADE | {"moment": "1.000000", "size": 1 << 40}, {}], "evidence_too_large"),
        ([MADE | {"moment": "1.000000"}, {"data": "eA=="}, {}], "evidence_changed"),
        ([MADE | {"moment": "1.000000"}, {"failed": True}, {}], "operation_failed"),
        ([MADE | {"moment": "1.000000"}, {"ansible_facts": {"ansible_host": "x"}}, {}], "facts_refused"),
    ],
)
def test_a_failure_has_the_archive_removed(
    answers: list[Any], code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result, asked = run(monkeypatch, tmp_path, *answers)
    assert (result["failed"], result["error"]["code"]) == (True, code)
    assert asked[-1]["state"] == "absent"
    assert [path.name for path in (tmp_path / "evidence/secret-case").iterdir()] == ["custody"]


def test_check_mode_and_a_wrong_option(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result, asked = run(monkeypatch, tmp_path, check=True)
    assert (result["changed"], asked) == (True, [])
    assert not (tmp_path / "evidence").exists()
