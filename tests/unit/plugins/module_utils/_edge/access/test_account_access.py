# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of account_access."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.access import account_access
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.host import Access, AccessReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.job_timer import (
    JobReport,
    JobRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, NotFound
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from support.servers.ssh_keys import key


def request(state: str = "open", **options: Any) -> Any:
    defaults = {name: spec.get("default") for name, spec in account_access.spec()["argument_spec"].items()}
    return account_access.request(Task({**defaults, "state": state, **options}, check_mode=True, diff=False))


def test_requests() -> None:
    asked = request(account="partner", keys=[key("partner").public], password="a" * 16)
    assert isinstance(asked, Access)
    assert (asked.account, len(asked.keys), asked.password, asked.check_mode) == ("partner", 1, "a" * 16, True)
    checked = request(account="partner", checked_settings=["TrustedUserCAKeys"], login="admin")
    assert (checked.checked, checked.login) == (("TrustedUserCAKeys",), "admin")
    assert [each.name for each in request("closed", jobs=["nightly", "hourly"])] == ["nightly", "hourly"]


@pytest.mark.parametrize(
    "options",
    [
        {"account": "../x"},
        {"account": "partner", "keys": ["x"]},
        {"account": "partner", "password": "short"},
        {"account": "partner", "state": "closed", "password": "a" * 16},
        {"account": "partner", "state": "closed", "keys": [key("partner").public]},
        {"account": "partner", "state": "closed", "checked_settings": ["TrustedUserCAKeys"]},
        {"account": "partner", "ftps_list": "relative"},
        {"jobs": ["a.b"]},
        {"jobs": ["a"], "password": "a" * 16},
    ],
)
def test_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request(**options)
    assert "a" * 16 not in str(refused.value.message + refused.value.cure)


def test_a_result() -> None:
    report = AccessReport(
        (Change("account partner", "open", "locked and expired"),), "closed", ("a",), ("b",), 2, ("c",)
    )
    result = account_access.result(report)
    assert {name: result[name] for name in account_access.blank()} == {
        "changed": True,
        "changes": [{"path": "account partner", "before": "open", "after": "locked and expired"}],
        "state": "closed",
        "fingerprints": ["a"],
        "spared": ["b"],
        "sessions_ended": 2,
        "unrevoked": ["c"],
    }


def test_every_job_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of a job is reported after all jobs; notes are warnings."""
    seen: list[str] = []

    def close(asked: JobRequest) -> JobReport:
        seen.append(asked.name)
        if asked.name == "bad":
            raise NotFound("jobs: bad is not on this host")
        return JobReport((), "closed", note=f"{asked.name} is gone")

    monkeypatch.setattr(account_access, "close_job", close)
    given = {name: spec.get("default") for name, spec in account_access.spec()["argument_spec"].items()}
    warnings: list[str] = []
    task = Task({**given, "state": "closed", "jobs": ["bad", "nightly"]}, warn=warnings.append)
    with pytest.raises(NotFound):
        account_access.run(task)
    assert seen == ["bad", "nightly"]
    result = account_access.run(task._replace(params={**task.params, "jobs": ["nightly"]}))
    assert (result["state"], warnings) == ("closed", ["nightly is gone"])


def test_what_is_not_revoked_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        account_access, "close_account", lambda _asked: AccessReport((), "closed", unrevoked=("line 1 of x is odd",))
    )
    given = {name: spec.get("default") for name, spec in account_access.spec()["argument_spec"].items()}
    warnings: list[str] = []
    account_access.run(Task({**given, "state": "closed", "account": "partner"}, warn=warnings.append))
    assert warnings == ["partner: line 1 of x is odd, which no revocation covers"]
