# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module secret_scan: options, results, failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import secret_scan
from support.running.tasks import refusals_of, run_task
from support.trees.planted_secrets import Planted, plant


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return plant(tmp_path)


def run(planted: Planted, *names: str, **options: Any) -> dict[str, Any]:
    return run_task(secret_scan, paths=[str(planted.root / name) for name in names], **options)


def test_a_clean_file(planted: Planted) -> None:
    result = run(planted, "clean.yml")
    assert result == {
        "changed": False,
        "time": result["time"],
        "findings": [],
        "counts": {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
        "checked": {"files": 1, "lines": 33, "values": 0},
        "not_checked": [],
        "msg": "no findings",
    }


def test_findings_fail_the_task_by_their_severity(planted: Planted) -> None:
    result = run(planted, "hosts.ini", known=["inv-pass-6612"])
    assert result["failed"]
    assert result["error"]["code"] == "policy_not_met"
    assert result["error"]["message"] == (
        f"{planted.root}/hosts.ini: 2 of severity high or more against secret_scan: "
        f"{planted.root}/hosts.ini:2: known item 1 (and 1 more)"
    )
    assert [(each["pass"], each["kind"]) for each in result["findings"]] == [
        ("known", "known item 1"),
        ("ansible", "value of ansible_become_password"),
    ]
    assert "failed" not in run(planted, "hosts.ini", fail_on="none")


def test_the_list_is_bounded_and_the_counts_are_not(planted: Planted) -> None:
    result = run(planted, "site.yml", fail_on="none", max_listed=2)
    assert (len(result["findings"]), result["counts"]["high"]) == (2, 8)


def test_values_of_variables_have_their_names(planted: Planted) -> None:
    variables = {"pw of web1": "inv-pass-6612", "other of web1": None}
    result = run(planted, "hosts.ini", fail_on="none", _known_variables=variables)
    assert result["findings"][0]["kind"] == "pw of web1"
    assert result["not_checked"] == ["other of web1: cannot be evaluated"]
    assert result["msg"] == "2 high; not checked: 1"


def test_nothing_to_scan_is_refused() -> None:
    result = run_task(secret_scan, known=["canary-4471"])
    assert result["error"]["message"] == "paths and logs: both are empty"


@pytest.mark.parametrize("text", ["no", "{}", None])
def test_a_file_that_is_no_baseline(planted: Planted, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "baseline"
    if text is not None:
        file.write_text(text)
    result = run(planted, "clean.yml", baseline=str(file))
    assert result["error"]["code"] == "invalid_request"
    assert result["error"]["message"].startswith(f"baseline: {file} ")


def test_names_are_printable(planted: Planted) -> None:
    (planted.root / "a\x1b[31m.ini").write_text("password=hunter2\n")
    result = run(planted, "a\x1b[31m.ini", fail_on="none")
    assert result["findings"][0]["file"] == f"{planted.root}/a\\x1b[31m.ini"


def test_other_values_of_options_are_refused() -> None:
    assert refusals_of(secret_scan, {"paths": ["x"], "fail_on": "always"}) != []
    assert run_task(secret_scan, paths=["x"], max_listed=-1)["error"]["code"] == "invalid_request"
