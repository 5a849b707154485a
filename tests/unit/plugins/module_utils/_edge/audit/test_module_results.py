# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import (
    receipt_verify,
    secret_scan,
    ssh_probe,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.audit import module_results
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Edge, Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.incident import incident_drill
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import tree_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.forms import FORMS, fits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.incident.judgement import MODULE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.probe import (
    Report as JailReport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import Finding
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SignedSet
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import (
    Coverage,
    TreeCheckReport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import parse_utc, utc
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import pin_lines
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.found import Found
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.scan import ScanReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_chain import Chain
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_directory import (
    Head,
    format_receipt,
    parse_receipt,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.probe import Report as SshReport
from support.running.tasks import params_of, run_task
from support.servers.ssh_keys import key

NOW = utc(time.time())
COUNTS = {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0}
RESTORE = "secure.ftp_synchronize.restore_drill"
NOT_MET = {"failed": True, "msg": "1 high", "error": {"code": "policy_not_met"}}
BROKEN = {"failed": True, "msg": "refused", "error": {"code": "connection_failed"}}
ENDED = "2025-12-01T04:00:00Z"
LINE = f'a@example.com namespaces="receipt@ftp-synchronize,manifest@ftp-synchronize" {key("receipts").public}'
VERIFY = {"principal": "a@example.com", "allowed_signers": [LINE]}


def task(edge: Edge, **options: Any) -> Task:
    return Task(params_of(edge, {"fail_on": "none", **options}))


# The results are those of the modules: a name that only the audit knows is red here.
FINDING = Finding("a", "high", "b", "c", "left out")
ACCOUNT = {"host": "files.example.com", "username": "partner"}
PROBED = jail_probe.result(
    JailReport((FINDING,), mark="jail_probe-51ab"), jail_probe.request(task(jail_probe, **ACCOUNT)), "none"
)
ASKED = task(ssh_probe, host="files.example.com", accounts=["root"])
ATTACKED = ssh_probe.result(SshReport((FINDING,), ("algorithms",), (), 2), ssh_probe.request(ASKED), ASKED.params)
PLACE = Found("a", "high", "/a", 1, "k", "known", "left out")
SCANNED = secret_scan.result(
    ScanReport((PLACE,), 1, 2, 3, ("detect-secrets: not installed",)), task(secret_scan, paths=["/a"]), []
)
PINNED = host_key_pin_info.result(pin_lines([f"a {key('host').public}".encode()]), "known_hosts")
CHECK = task(tree_verify, host="files.example.com", src="release", verify=VERIFY)
SET = SignedSet(b".manifest", "release", 17, "5" * 64, "SHA256:x", 0, 1)
VERIFIED = tree_verify.result(TreeCheckReport((), Coverage(3, 9, parse_utc(ENDED)), SET), CHECK)
RECEIPT: dict[str, Any] = {"format": 1, "type": "sync", "seq": 1, "prev": "0" * 64, "job": "nightly"}
RECEIPT.update(started=ENDED, ended=ENDED)
NEWEST = parse_receipt(format_receipt(RECEIPT))
CHAIN = receipt_verify.result(
    Chain((), Head(1, "1" * 64), None, "nightly", NEWEST), task(receipt_verify, path="/r", verify=VERIFY)
)


def seen(what: str, answer: Any) -> Any:
    """Return the observation of one result."""
    given = {"attacks": [answer], "secret_scan": answer, "ssh_attacks": answer}.get(what, {"one": answer})
    return getattr(module_results, what)("localhost", given)


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("attacks", PROBED),
        ("ssh_attacks", ATTACKED),
        ("attacks", {**PROBED, **NOT_MET}),
        ("secret_scan", SCANNED),
        ("secret_scan", {**SCANNED, **NOT_MET}),
        ("pins", PINNED),
        ("sets", VERIFIED),
        ("sets", {**VERIFIED, **NOT_MET}),
        ("receipts", CHAIN),
        ("receipts", {**CHAIN, "failed": True, "error": {"code": "receipt_broken"}}),
        ("receipts", {**CHAIN, "failed": True, "error": {"code": "drill_overdue"}, "drill": None}),
    ],
)
def test_results_have_the_form_of_their_observation(what: str, answer: Any) -> None:
    found = seen(what, answer)
    assert (found.what, found.host, found.reason) == (what, "localhost", "")
    assert fits(found.value, FORMS[what])
    assert "left out" not in str(found.value)


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("attacks", PROBED),
        ("ssh_attacks", ATTACKED),
        ("secret_scan", SCANNED),
        ("pins", PINNED),
        ("sets", VERIFIED),
        ("receipts", CHAIN),
    ],
)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (BROKEN, "the observation failed: refused"),
        ({"unreachable": True, "failed": True, "msg": "no route"}, "the host was unreachable: no route"),
        ({"findings": None, "pins": 5, "counts": {"high": 1}}, ""),
    ],
)
def test_a_failed_result_has_no_value(what: str, answer: Any, change: dict[str, Any], reason: str) -> None:
    found = seen(what, {**answer, **change})
    assert found.value is None
    assert reason in found.reason
    assert seen(what, {}).value is None


def test_the_marks_of_attacks_are_sought_in_the_logs() -> None:
    assert seen("attacks", PROBED).value[0]["mark"] == "jail_probe-51ab"
    assert seen("ssh_attacks", ATTACKED).value["mark"] == ATTACKED["mark"] != ""


def test_attacks_that_are_not_allowed() -> None:
    found = seen("ssh_attacks", {"changed": False, "findings": [], "tried": [], "not_checked": [], "allowed": False})
    assert (found.value, found.reason.partition(":")[0]) == (None, "no attack was allowed")


def test_nothing_was_asked() -> None:
    for what in ("pins", "sets", "receipts"):
        assert getattr(module_results, what)("localhost", {}).reason == "it was not observed"
    assert module_results.attacks("files1", []).reason == "it was not observed"
    assert module_results.policies("localhost", []).reason == "it was not observed"
    assert module_results.secret_scan("localhost", None).reason == "it was not observed"


def test_findings_that_are_not_listed_are_no_value() -> None:
    found = seen("sets", {**VERIFIED, "counts": {**COUNTS, "high": 3}})
    assert (found.value, found.reason) == (None, "one: 0 of 3 findings are listed: raise max_listed")


def test_the_time_and_the_number_of_a_set() -> None:
    """A tree whose set was not read has neither."""
    (found,), (other,) = (seen("sets", each).value for each in (VERIFIED, {**VERIFIED, "coverage": None, "set": None}))
    assert (found["since"], found["sequence"]) == ("2025-12-01T04:00:00Z", 17)
    assert (other["since"], other["sequence"]) == ("", 0)


@pytest.mark.parametrize("code", ["signature_invalid", "manifest_expired", "manifest_missing", "signer_revoked"])
def test_a_set_that_readers_refuse_is_a_finding(code: str) -> None:
    error = {"code": code, "message": "release: refused"}
    (found,) = seen("sets", {"time": NOW, "failed": True, "msg": "refused", "error": error}).value
    assert found["findings"][0]["observed"] == "release: refused"
    assert (found["findings"][0]["id"], found["findings"][0]["severity"], found["sequence"]) == (code, "critical", 0)


def test_drills() -> None:
    values = {
        name: seen("receipts", {**CHAIN, **more}).value[0]["drill"]
        for name, more in {
            "not asked": {},
            "none": {"drill": None},
            "passed": {"drill": {"ended": "2025-12-01T04:00:00Z"}},
        }.items()
    }
    assert values == {"not asked": "none", "none": "", "passed": "2025-12-01T04:00:00Z"}


@pytest.mark.parametrize(
    ("more", "kind", "took"),
    [
        ({"drill": {"ended": NOW, "module": MODULE, "phases": {"all_hosts": 3400}}}, "revocation", 3400),
        ({"drill": {"ended": NOW, "module": MODULE, "phases": {"all_hosts": None}}}, "revocation", -1),
        ({"drill": None, "chain": {"newest": {"module": MODULE}}}, "revocation", -1),
        ({"drill": {"ended": NOW, "module": "other", "phases": {"all_hosts": 3400}}}, "restore", -1),
        ({"drill": None, "chain": {"newest": None}}, "restore", -1),
    ],
)
def test_drills_of_a_revocation(more: dict[str, Any], kind: str, took: int) -> None:
    (value,) = seen("receipts", {**CHAIN, **more}).value
    assert (value["of"], value["revoked_in"]) == (kind, took)
    assert fits([value], FORMS["receipts"])


@pytest.mark.parametrize(
    ("module", "verdict", "failed"),
    [
        *((module, "passed", False) for module in (MODULE, RESTORE)),
        *((module, verdict, True) for module in (MODULE, RESTORE) for verdict in ("failed", "aborted")),
        ("other", "failed", False),
    ],
)
def test_a_drill_that_failed_since(module: str, verdict: str, failed: bool) -> None:
    drill = {"ended": "2025-12-01T04:00:00Z", "module": MODULE, "phases": {"all_hosts": 3400}}
    last = {"module": module, "verdict": verdict, "ended": NOW}
    reset = {"type": "reset", "ended": NOW}
    for more in ({"chain": {"newest": last}}, {"chain": {"newest": reset}, "newest_drill": last}):
        (value,) = seen("receipts", {**CHAIN, "drill": drill, **more}).value
        assert (value["failed"], value["drill"]) == (NOW if failed else "", "2025-12-01T04:00:00Z")


def test_the_record_of_a_drill_reaches_the_audit(tmp_path: Path) -> None:
    """The drill is written, verified and observed by the modules themselves."""
    signed = {"path": str(tmp_path / "receipts"), "private_key_file": str(key("receipts").path), "job": "drills"}
    where = {"directory": str(tmp_path / "drill"), "receipts": signed}
    run_task(incident_drill, state="begun", account="canary", servers=["files1"], **where)
    done = run_task(incident_drill, state="finished", refusals=[], **where)
    assert done["drill"]["verdict"] == "failed"
    answer = run_task(receipt_verify, path=signed["path"], verify=VERIFY, drill={"max_age": "1d"})
    (value,) = seen("receipts", answer).value
    assert (value["of"], value["drill"], value["revoked_in"]) == ("revocation", "", -1)
    assert value["failed"] == value["newest"] == answer["newest_drill"]["ended"] != ""


def test_policies_as_declared() -> None:
    approval = {"approved_by": "B.", "approved": "2025-10-01T00:00:00Z"}
    declared = [{"name": "access", "text": "A.", **approval, "statements": [{"text": "A.", "controls": ["2.1"]}]}]
    found = module_results.policies("localhost", declared)
    assert found.value == declared
    assert fits(found.value, FORMS["policies"])


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("attacks", PROBED),
        ("ssh_attacks", ATTACKED),
        ("secret_scan", SCANNED),
        ("pins", PINNED),
        ("sets", VERIFIED),
        ("receipts", CHAIN),
    ],
)
def test_a_result_is_as_old_as_its_time(what: str, answer: Any) -> None:
    assert seen(what, {**answer, "time": "2001-01-01T00:00:00Z"}).time == "2001-01-01T00:00:00Z"
    for moment in ("", utc(time.time() + 3600)):
        found = seen(what, {**answer, "time": moment})
        assert (found.value, "time" in found.reason) == (None, True)


def test_the_oldest_of_several_results_counts() -> None:
    old = {**PINNED, "time": "2001-01-01T00:00:00Z"}
    assert module_results.pins("localhost", {"a": PINNED, "b": old}).time == old["time"]


def test_an_account_without_a_result_leaves_the_others_their_findings() -> None:
    for bad in (BROKEN, {**PROBED, "counts": {"high": 3}}, {**PROBED, "time": None}):
        found = module_results.attacks("files1", [bad, PROBED])
        assert fits(found.value, FORMS["attacks"])
        assert [each["findings"] == [] for each in found.value] == [True, False]
        assert [each["problem"][:11] for each in found.value] == ["account 1: ", ""]
        assert (found.value[1]["account"], found.time) == ("partner", PROBED["time"])


@pytest.mark.parametrize(("what", "good"), [("pins", PINNED), ("sets", VERIFIED), ("receipts", CHAIN)])
def test_a_result_without_a_value_leaves_the_others_their_values(what: str, good: dict[str, Any]) -> None:
    for bad, reason in (
        (BROKEN, "b: the observation failed: refused"),
        ({}, "b: it was not observed"),
        ({**good, "time": None}, "b: the result has no time: measure again"),
        ({**good, "pins": 5, "counts": {"high": 1}}, "b: "),
    ):
        found = getattr(module_results, what)("localhost", {"a": good, "b": bad})
        assert fits(found.value, FORMS[what])
        assert [(each["name"], each["problem"][: len(reason)]) for each in found.value] == [("a", ""), ("b", reason)]
        assert found.time == good["time"]


FLOW = {
    "at": "localhost",
    "job": "",
    "host": "sftp.example.com",
    "protocol": "sftp",
    "tls_mode": "",
    "proof": "auto",
    "late_after": 93600,
    "receipts": "/r",
    "secrets": ["left out"],
}


def test_transfers_with_their_receipts_and_jobs() -> None:
    passed = {"ended": NOW, "proofs": {"server_hash": 2, "recorded": 1, "none": 3, "delta": 1}}
    chain = {**CHAIN, "transfers": [{"name": "p: a", "newest": None, "passed": passed}]}
    chains = {"p: /r": chain, "q: /r": {**BROKEN, "transfers": []}}
    flows = {"p: a": FLOW, "p: b": {**FLOW, "job": "p-b", "at": "batch1"}, "q: a": {**FLOW, "job": "x"}, "r": BROKEN}
    found = module_results.transfers("localhost", flows, chains, lambda host: ["p-b"] if host == "batch1" else [])
    assert fits(found.value, FORMS["transfers"])
    assert "left out" not in str(found.value)
    assert [(each["ended"], each["files"], each["unproven"]) for each in found.value] == [
        (NOW, 7, 4),
        *[("", 0, 0)] * 3,
    ]
    assert [each["deployed"] for each in found.value] == [False, True, False, False]
    assert [each["problem"] for each in found.value] == ["", "", "", "the observation failed: refused"]
    (kind,) = {each["of"] for each in module_results.receipts("localhost", chains).value}
    assert kind == "transfers"


def test_a_chain_that_is_asked_for_transfers_and_drills_is_judged_by_its_drills() -> None:
    chain = {**CHAIN, "transfers": []}
    for asked, of in (({}, "transfers"), ({"drill": None, "newest_drill": None}, "restore")):
        (found,) = module_results.receipts("localhost", {"a": {**chain, **asked}}).value
        assert found["of"] == of


def test_a_host_of_other_partners_tells_nothing_about_a_transfer() -> None:
    lie = [{"name": "p: a", "newest": None, "passed": {"ended": NOW, "proofs": {"server_hash": 2}}}]
    for told in (lie, 5, [{}], "x"):
        chains = {"q: /r": {**CHAIN, "transfers": told}, "p: /r": {**CHAIN, "transfers": []}}
        flows = {"q: b": {**FLOW, "job": "q-b", "at": "batch1"}, "p: a": FLOW}
        found = module_results.transfers("localhost", flows, chains, lambda _host: [])
        assert [each["ended"] for each in found.value] == ["", ""]


def test_a_partner_that_was_left_out() -> None:
    (found,) = module_results.transfers("localhost", {"p": {}}, {}, lambda _host: []).value
    assert found["problem"] == "it was not observed"
