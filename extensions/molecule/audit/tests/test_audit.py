# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports about a whole site: when it was set up, and after one host was weakened."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

REPORTS = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"]) / ".cache/hosts/audit/reports"
HOSTS = ["batch1", "files1", "files2", "ftps1", "localhost"]
EXEMPT, WEAKENED = "7.1", "7.2"


@pytest.fixture(scope="module")
def reports() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(REPORTS.glob("2*/audit.json"))]


def states(report: dict[str, Any]) -> dict[str, str]:
    return {row["control"]: row["state"] for row in report["rows"]}


def test_each_control_passes_on_the_hosts_that_the_roles_set_up(reports: list[dict[str, Any]]) -> None:
    report = reports[0]
    unmet = {row["control"]: row["findings"] + row["missing"] for row in report["rows"] if row["state"] != "pass"}
    assert list(unmet) == [EXEMPT], unmet
    assert len(report["rows"]) == 27
    assert sorted(report["hosts"]) == HOSTS


def test_a_control_that_does_not_pass_says_why(reports: list[dict[str, Any]]) -> None:
    (row,) = [row for row in reports[0]["rows"] if row["state"] != "pass"]
    assert row["state"] == "exempt"
    assert {each["host"] for each in row["missing"]} == {"batch1", "files1", "files2", "ftps1"}
    assert "no directory that must be encrypted is named" in row["missing"][0]["reason"]
    assert row["exemptions"][0]["who"] == "A. Person"


def test_each_pass_has_an_observation_of_each_of_its_hosts(reports: list[dict[str, Any]]) -> None:
    for row in reports[0]["rows"]:
        assert {each["host"] for each in row["observations"]} == set(row["hosts"]), row["control"]


def test_the_event_of_each_mark_is_found(reports: list[dict[str, Any]]) -> None:
    (row,) = [row for row in reports[0]["rows"] if row["control"] == "6.4"]
    marks = [(each["host"], mark) for each in row["observations"] if each["what"] == "marks" for mark in each["value"]]
    assert {(host, mark["mark"].rpartition("-")[0]) for host, mark in marks} == {
        *(("files1", "probe"), ("files1", "jail_probe"), ("files2", "probe"), ("files2", "jail_probe")),
        ("ftps1", "tls_probe"),
    }
    assert {(bool(mark["events"]), len(mark["forged"])) for _host, mark in marks} == {(True, 0)}


def test_one_weak_host_of_four_fails_its_control_alone(reports: list[dict[str, Any]]) -> None:
    assert len(reports) == 2
    assert states(reports[1]) == {**states(reports[0]), WEAKENED: "fail"}
    (row,) = [row for row in reports[1]["rows"] if row["control"] == WEAKENED]
    assert [(each["host"], "mode 0644" in each["observed"]) for each in row["findings"]] == [("ftps1", True)]
    assert [(each["control"], each["before"], each["state"]) for each in reports[1]["changes"]] == [
        (WEAKENED, "pass", "fail")
    ]


def test_the_newest_report_is_whole(reports: list[dict[str, Any]]) -> None:
    newest = REPORTS / "latest"
    assert json.loads((newest / "audit.json").read_text()) == reports[-1]
    assert {path.name for path in newest.iterdir()} == {
        *("audit.json", "audit.html", "audit.sarif", "audit.junit.xml", "audit.oscal.json", "SHA256SUMS"),
        *("policies.html", "policies.md"),
    }


def test_no_report_has_a_password() -> None:
    password = (REPORTS.parent / "partner.password").read_text().strip()
    assert len(password) == 32
    assert all(password not in path.read_text() for path in REPORTS.glob("2*/*"))
