# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of tree_verify become a check, and its report a result."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import tree_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    InvalidRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import WrittenReceipt
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import (
    Coverage,
    Sample,
    TreeCheck,
    TreeCheckReport,
    TreeFinding,
)
from support.running.tasks import params_of, refusals_of
from support.servers.ssh_keys import key
from support.trees.signed_tree import PRINCIPAL, Sender

VERIFY = {"principal": PRINCIPAL, "allowed_signers": [Sender(key("release")).line]}
LEAST = {"host": "files.example.com", "src": "release", "verify": VERIFY}
CHANGED = TreeFinding("changed_content", "critical", b"bin/\xff", "sha256 00", "sha256 11", "read_back")


def asked(**options: Any) -> TreeCheck:
    return tree_verify.request(Task(params_of(tree_verify, {**LEAST, **options})))


def result(report: TreeCheckReport, **options: Any) -> dict[str, Any]:
    return tree_verify.result(report, Task(params_of(tree_verify, {**LEAST, **options})))


def test_defaults_read_a_rotating_sample() -> None:
    check = asked()
    assert (check.content, check.sample, check.allow) == ("sample", Sample(20), ())
    assert check.request.remote_root == b"release"
    assert check.request.verify is not None


def test_samples_and_patterns_arrive() -> None:
    assert asked(sample={"rotate": 30}).sample == Sample(30)
    assert asked(sample={"percent": 2.5}).sample == Sample(20, 2.5)
    assert asked(sample={"bytes": "1K"}).sample == Sample(20, None, 1024)
    assert asked(allow=["*.tmp"]).allow == ("*.tmp",)


@pytest.mark.parametrize(
    "options",
    [
        {"sample": {"rotate": 0}},
        {"sample": {"percent": 101}},
        {"sample": {"bytes": "many"}},
        {"sample": {"rotate": 3}, "content": "whole"},
        {"allow": ["[a"]},
        {"max_listed": -1},
        {"src": "~/x"},
    ],
)
def test_wrong_values_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(**options)
    assert caught.value.message.startswith(next(iter(options)))
    assert caught.value.cure


def test_ansible_demands_a_signer_and_one_kind_of_sample() -> None:
    assert refusals_of(tree_verify, {"host": "h", "src": "x"})
    assert refusals_of(tree_verify, {**LEAST, "sample": {"rotate": 3, "percent": 1}})


def test_a_check_may_leave_receipts() -> None:
    assert asked().request.receipts is None
    receipts = asked(receipts={"path": "/var/r", "private_key_file": "/k", "job": "audit"}).request.receipts
    assert receipts is not None
    assert (receipts.path, receipts.key.private_key_file, receipts.job) == (b"/var/r", "/k", "audit")
    with pytest.raises(InvalidRequest) as caught:
        asked(receipts={"path": "/var/r"})
    assert caught.value.cure == "Set private_key_file, private_key or public_key in receipts."
    written = result(TreeCheckReport(receipt=WrittenReceipt(b"/var/r/00000001.json", 1, "51ab")))
    assert written["receipt"] == {"path": "/var/r/00000001.json", "sequence": 1, "digest": "51ab"}
    assert "receipt" not in result(TreeCheckReport())


def test_the_severity_of_a_failure_arrives() -> None:
    assert (asked().fail_on, asked(fail_on="none").fail_on) == ("high", "none")


def test_findings_fail_the_task_from_a_severity_on() -> None:
    report = TreeCheckReport((CHANGED,), Coverage(3, 9, 0))
    failed = result(report)
    assert (failed["failed"], failed["error"]["code"]) == (True, "policy_not_met")
    assert failed["findings"][0] == {
        "id": "changed_content",
        "severity": "critical",
        "path": "bin/\\xff",
        "observed": "sha256 00",
        "wanted": "sha256 11",
        "evidence": "read_back",
    }
    assert failed["coverage"] == {"files": 3, "bytes": 9, "since": "1970-01-01T00:00:00Z"}
    for fail_on, severity, fails in (("none", "critical", False), ("critical", "high", False), ("low", "low", True)):
        made = result(TreeCheckReport((CHANGED._replace(severity=severity),)), fail_on=fail_on)
        assert ("failed" in made) == fails


def test_lists_are_bounded_and_counts_are_not() -> None:
    made = result(TreeCheckReport((CHANGED,) * 5), max_listed=2, fail_on="none")
    assert len(made["findings"]) == 2
    assert made["counts"]["critical"] == 5


def test_an_error_comes_with_the_findings_so_far() -> None:
    made = result(TreeCheckReport((CHANGED,), error=ConnectionFailed("no route")))
    assert made["error"]["code"] == "connection_failed"
    assert len(made["findings"]) == 1
