# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.parameters import _list_no_log_values
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit import audit_report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc
from support.running.tasks import refusals_of, run_task
from support.scenes.audit_site import good_site, of_today

NOW = utc(time.time())
CHECKED = {
    "time": NOW,
    "profile": "intermediate-2026",
    "findings": [],
    "not_checked": [],
    "observed": {"certificates": []},
}


def answer(**changes: Any) -> dict[str, Any]:
    """Return the answer of a good host, observed now."""
    seen = [of_today(each._asdict()) for each in good_site().observations["files1"].values()]
    return {"observations": [{**each, "value": changes.get(each["what"], each["value"])} for each in seen]}


def run(**options: Any) -> dict[str, Any]:
    given = {
        "scope": {"sftp_servers": ["files1"]},
        "accounts": {"files1": ["partner"]},
        "observed": {"files1": answer()},
        "fail_on": "none",
    }
    return run_task(audit_report, **{**given, **options})


def state(result: dict[str, Any], control: str) -> str:
    return next(row["state"] for row in result["rows"] if row["control"] == control)


def test_hosts_are_judged() -> None:
    result = run()
    assert [state(result, control) for control in ("6.2", "6.3", "10.1", "6.1", "9.2")] == [
        *("pass", "pass", "not_measured", "not_measured", "not_measured")
    ]
    assert (result["changed"], result["report"]) == (False, None)
    assert (
        result["msg"]
        == "%(fail)d fail, %(not_measured)d not measured, %(exempt)d exempt, %(pass)d pass" % result["counts"]
    )


def test_a_failed_control_fails_the_task_after_the_report_was_written(tmp_path: Path) -> None:
    bad = answer(revocation_list={**good_site().values()["revocation_list"], "form": "text"})
    result = run(observed={"files1": bad}, path=str(tmp_path / "reports"), fail_on="high")
    assert (result["failed"], result["error"]["code"]) == (True, "policy_not_met")
    assert "10.1 Compromised keys are revoked" in result["msg"]
    assert (Path(result["report"]) / "audit.html").exists()
    assert "failed" not in run(observed={"files1": bad}, fail_on="critical")


def test_a_host_of_the_scope_that_no_one_observed_is_named() -> None:
    result = run(scope={"sftp_servers": ["files1", "files2"]})
    row = next(row for row in result["rows"] if row["control"] == "6.2")
    assert row["missing"][0] == {"host": "files2", "reason": "sshd_settings: it was not observed"}


def test_an_answer_of_a_host_outside_of_the_scope_has_no_effect() -> None:
    assert run(observed={"files1": answer(), "other": {"observations": [1]}})["counts"] == run()["counts"]


def test_a_host_with_several_functions_is_one_host() -> None:
    scope = {"sftp_servers": ["files1"], "ftps_servers": ["files1"], "clients": ["files1"]}
    result = run(scope=scope, tls={"files1": CHECKED})
    row = next(row for row in result["rows"] if row["control"] == "7.2")
    assert row["hosts"] == ["files1"]
    assert state(result, "6.1") == "pass"


def test_a_check_of_an_endpoint_that_facts_could_have_chosen_does_not_count() -> None:
    refused = {"failed": True, "msg": "facts of files1", "error": {"code": "facts_refused"}}
    result = run(scope={"ftps_servers": ["files1"]}, observed={"files1": refused}, tls={"files1": CHECKED})
    row = next(row for row in result["rows"] if row["control"] == "6.1")
    assert row["missing"] == [{"host": "files1", "reason": "tls: the observation failed: facts of files1"}]


def test_the_controller_is_always_in_scope() -> None:
    result = run(scope={"clients": ["localhost"]}, observed={"localhost": answer()})
    rows = {row["control"]: row for row in result["rows"]}
    assert rows["8.3"]["missing"] == [{"host": "localhost", "reason": "secret_scan: it was not observed"}]
    assert rows["4.1"]["hosts"] == ["localhost"]
    pins = {"time": NOW, "pins": [{"hosts": "a", "kind": "key", "pattern": False, "state": "expired"}]}
    result = run(controller={"pins": {"partners": pins}})
    row = next(row for row in result["rows"] if row["control"] == "3.2")
    assert (row["state"], row["findings"][0]["host"]) == ("fail", "localhost")


def test_people_and_encrypted_directories_are_named_by_the_controller() -> None:
    assert (state(run(), "2.3"), state(run(), "7.1")) == ("not_measured", "not_measured")
    result = run(people={"files1": ["owner"]}, encrypted={"files1": ["/srv/jail/partner"]})
    assert (state(result, "2.3"), state(result, "7.1")) == ("pass", "pass")
    result = run(people={"files1": ["root"]}, encrypted={"files1": ["/srv/other"]})
    assert (state(result, "2.3"), state(result, "7.1")) == ("fail", "not_measured")


def test_policies_are_declared() -> None:
    document = {"text": "A text.", "approved_by": "A. Person", "approved": "2000-01-01"}
    names = ("retention", "access", "encryption", "rotation", "contacts")
    assert state(run(policies=dict.fromkeys(names, document)), "10.2") == "fail"
    today = {**document, "approved": utc(time.time())[:10]}
    assert state(run(policies=dict.fromkeys(names, today)), "10.2") == "pass"


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    result = run(check=True, path=str(tmp_path / "reports"))
    assert (result["changed"], result["report"]) == (True, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"observed": {"files1": ["text"]}}, "observed: the value of files1 is not a result"),
        ({"accounts": {"files1": "partner"}}, "accounts: partner is not a list"),
        ({"people": {"files1": "owner"}}, "people: owner is not a list"),
        ({"attacks": {"files1": {"findings": []}}}, "attacks: the value of files1 is not a list of results"),
        ({"policy": {"key_max_age": "old"}}, "policy.key_max_age: 'old' is not a valid duration"),
    ],
)
def test_invalid_options(options: dict[str, Any], words: str) -> None:
    result = run(**options)
    assert result["error"]["code"] == "invalid_request"
    assert words in result["msg"]


def test_an_exemption_of_an_unknown_control_is_refused() -> None:
    exemption = {"control": "99", "who": "a", "why": "b", "until": "2030-01-01"}
    assert refusals_of(audit_report, {"scope": {}, "exemptions": [exemption]})


@pytest.mark.parametrize("error", ["text", ["facts_refused"], 5, None])
def test_an_error_of_another_form_is_no_error_of_the_report(error: Any) -> None:
    assert state(run(observed={"files1": {**answer(), "error": error}}), "6.2") == "pass"


def test_an_old_check_fails_the_control() -> None:
    old = {**CHECKED, "time": utc(time.time() - 7200)}
    scope = {"ftps_servers": ["files1"]}
    assert state(run(scope=scope, tls={"files1": old}), "6.1") == "pass"
    assert state(run(scope=scope, tls={"files1": old}, policy={"evidence_max_age": "1h"}), "6.1") == "fail"


def test_the_result_of_a_scan_is_shown_and_a_passphrase_is_not() -> None:
    """By Ansible's own rule for the output of a task."""
    given = {"controller": {"secret_scan": {"files": "shown"}}, "sign": {"private_key": "key", "passphrase": "canary"}}
    assert _list_no_log_values(audit_report.spec()["argument_spec"], given) == {"key", "canary"}
