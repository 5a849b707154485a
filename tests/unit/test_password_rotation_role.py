# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the role password_rotation that Ansible evaluates; real hosts are in
tests/hosts/test_password_rotation_jobs.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).parents[2] / "roles/password_rotation"
OTHER = "other content"


def job(name: str, **options: Any) -> dict[str, Any]:
    """Return a job as role_options gives it. password: None for none"""
    secrets = {"password": options.pop("password", "new")}
    options = {"protocol": "ftps", "username": "partner", **options}
    return {"name": name, "options": options, "secrets": {} if secrets["password"] is None else secrets}


def change(name: str, before: str = OTHER) -> dict[str, Any]:
    return {"path": f"secret password of {name}", "before": before, "after": "stored"}


def value(name: str, *jobs: dict[str, Any], listed: bool = False, **variables: Any) -> Any:
    """Return a variable of the role for jobs of one host."""
    loader = DataLoader()
    own = loader.load_from_file(str(ROLE / "vars/main.yml"), trusted_as_template=True)
    found = {"texts": {"jobs": list(jobs)}, "options": {"source": "of the host"}}
    given = {
        "account": {"name": "partner", "job_hosts": ["batch1"] if listed else None},
        "job_host": "batch1",
        "password_rotation_stored": {"fields": {"password": "new"}},
        "password_rotation_place": {"secret": "ftps/files1/partner"},
        "__password_rotation_job_host" if listed else "__password_rotation_transfers": found,
        "__password_rotation_exchange_job_host": found,
        "__password_rotation_compared": {"changes": [change(each["name"]) for each in jobs]},
        "__password_rotation_gave": {"skipped": True},
    }
    engine = Templar(loader, variables={**own, **given, **variables})
    return engine.template(trust_as_template("{{ __password_rotation_%s }}" % name))


@pytest.mark.parametrize("listed", [False, True])
def test_the_jobs_with_the_password_of_the_account(listed: bool) -> None:
    """A job that reads its password at run time has none here, and an absent job has no options."""
    others = (
        job("old", password="former"),
        job("another", username="collector"),
        job("over-ssh", protocol="sftp"),
        job("run-time", password=None),
        {"name": "unset", "options": {"username": "partner"}, "secrets": {"password": "new"}},
        {"name": "gone", "state": "absent"},
    )
    assert [each["name"] for each in value("users", job("a"), *others, job("b"), listed=listed)] == ["a", "b"]
    behind = value("jobs_now_behind", job("a"), *others, listed=listed)
    assert [each["name"] for each in behind] == ([] if listed else ["old"]), "a list may be for other servers too"


def test_the_mark_of_the_jobs() -> None:
    assert value("deployed")["source"] == "exchange"
    assert value("deployed", listed=True)["source"] == "of the host"


def test_only_deployed_jobs_with_another_password_get_it() -> None:
    changes = [change("a"), change("b", before="missing"), {**change("c"), "path": "/etc/x"}, change("d")]
    assert value("outdated", job("a"), job("b"), job("c"), __password_rotation_compared={"changes": changes}) == ["a"]
    assert value("outdated", job("a"), __password_rotation_compared={"skipped": True}) == []


COMPARE, GIVE = "Compare the passwords of the jobs", "Give the jobs the password"
UNREACHABLE = {"unreachable": True, "msg": "no \x1b[2Jroute"}
ERROR = {"code": "check_failed", "message": "a: in check mode: 530", "cure": "Correct it."}


@pytest.mark.parametrize(
    ("compared", "gave", "expected"),
    [
        (UNREACHABLE, {}, [("a", COMPARE, "no  [2Jroute"), ("b", COMPARE, "no  [2Jroute")]),
        ({"changes": [change("a")]}, UNREACHABLE, [("a", GIVE, "no  [2Jroute")]),
        (
            {"changes": [change("a"), change("b")]},
            {"failed": True, "jobs": [{"name": "a", "error": ERROR}, {"name": "b", "error": None}]},
            [("a", GIVE, "a: in check mode: 530. Correct it.")],
        ),
        ({"changes": [change("a")]}, {"failed": True}, [("a", GIVE, "no reason given")]),
        ({"changes": [change("a")]}, {"changed": True}, []),
        ({"changes": []}, {"skipped": True}, []),
    ],
)
def test_the_jobs_that_are_behind(
    compared: dict[str, Any], gave: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    answers = {"__password_rotation_compared": compared, "__password_rotation_gave": gave}
    found = value("jobs_now_behind", job("a"), job("b"), **answers)
    assert [(each["name"], each["behind_at"], each["reason"]) for each in found] == expected
    assert {each["host"] for each in found} <= {"batch1"}


@pytest.mark.parametrize(
    ("behind", "given", "overlap", "ready"),
    [([], [], 1, True), ([], ["a"], 1, False), ([], ["a"], 0, True), (["a"], [], 0, False), (["a"], [], 1, False)],
)
def test_the_old_password_waits(behind: list[str], given: list[str], overlap: float, ready: bool) -> None:
    variables: dict[str, Any] = {
        "__password_rotation_jobs_behind": behind,
        "__password_rotation_jobs_given": given,
        "__password_rotation": {"options": {"overlap": overlap}},
    }
    assert value("jobs_are_ready", **variables) == ready


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ""),
        ({"exchange_job_host": "batch1"}, ""),
        ({"exchange_transfers": []}, ""),
        ({"exchange_transfers": [], "exchange_job_host": None}, ""),
        ({"exchange_transfers": [], "exchange_job_host": "batch1"}, "batch1"),
    ],
)
def test_the_host_of_the_jobs_of_transfers(variables: dict[str, Any], expected: str) -> None:
    assert value("exchange_host", **variables) == expected
