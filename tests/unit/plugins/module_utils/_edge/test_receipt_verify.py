# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module receipt_verify on real chains: findings, the witness, and a reset."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify
from support.running.tasks import refusals_of, run_task
from support.servers.ssh_keys import key
from support.trees.receipt_chain import LINE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL

VERIFY = {"principal": PRINCIPAL, "allowed_signers": [LINE]}


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    chain = ReceiptChain(tmp_path / "receipts")
    chain.write(4)
    return chain


def run(chain: ReceiptChain, **options: Any) -> dict[str, Any]:
    return run_task(receipt_verify, path=str(chain.directory), **{"verify": VERIFY, **options})


def reset(chain: ReceiptChain, good: str) -> dict[str, Any]:
    return {"reason": "restored", "good": good, "private_key_file": str(key("receipts").path)}


def test_a_whole_chain(chain: ReceiptChain) -> None:
    result = run(chain, head=chain.digest(3))
    head = {"seq": 4, "digest": chain.digest(4)}
    assert result == {
        "changed": False,
        "time": result["time"],
        "findings": [],
        "counts": {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
        "chain": {"job": "sync", "last": head, "good": head, "newest": chain.fields(4)},
        "msg": "no findings",
    }


def test_a_broken_chain_fails_with_its_findings(chain: ReceiptChain) -> None:
    chain.remove(2)
    result = run(chain)
    assert result["failed"]
    assert result["error"]["code"] == "receipt_broken"
    assert result["error"]["message"] == f"{chain.directory}: receipt 2: gap: receipt 2 is missing"
    assert [each["id"] for each in result["findings"]] == ["gap"]
    assert result["chain"]["good"] == {"seq": 1, "digest": chain.digest(1)}
    assert "failed" not in run(chain, fail_on="none")


def test_severe_findings_come_first_and_the_list_is_bounded(chain: ReceiptChain) -> None:
    chain.write(started="2020-01-01T00:00:00Z", ended="2020-01-01T00:00:00Z")
    chain.signature(5).write_bytes(chain.signature(4).read_bytes())
    result = run(chain, max_listed=1)
    assert [each["id"] for each in result["findings"]] == ["signature"]
    assert (result["counts"]["critical"], result["counts"]["low"]) == (1, 1)


def test_a_witness_shows_a_cut_tail(chain: ReceiptChain) -> None:
    lost = chain.digest(4)
    chain.remove(4)
    assert "failed" not in run(chain)
    assert run(chain, head=lost)["findings"][0]["id"] == "cut_tail"


def test_a_reset_needs_the_consent_of_a_person(chain: ReceiptChain) -> None:
    chain.remove(2)
    refused = run(chain, reset=reset(chain, chain.digest(4)))
    assert refused["error"]["code"] == "invalid_request"
    assert refused["error"]["message"].startswith("reset.good: ")
    agreed = reset(chain, chain.digest(1))
    foreseen = run_task(receipt_verify, check=True, path=str(chain.directory), verify=VERIFY, reset=agreed)
    assert foreseen["changed"]
    assert chain.numbers == [1, 3, 4]
    result = run(chain, reset=agreed)
    assert result["changed"]
    assert "failed" not in result
    assert result["receipt"] == {"path": str(chain.path(5)), "sequence": 5, "digest": chain.digest(5)}
    assert [(each["id"], each["severity"]) for each in result["findings"]] == [("closed", "info")]
    again = run(chain, reset=agreed)
    assert not again["changed"]
    assert chain.numbers == [1, 3, 4, 5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "AB" * 32}, "head: "),
        ({"reset": {"reason": "r", "good": "x", "public_key": "k"}}, "reset.good: 'x' is not a SHA-256"),
        ({"reset": {"reason": "a\nb", "good": "none", "public_key": "k"}}, "reset.reason: is empty"),
        ({"max_listed": -1}, "max_listed: "),
        ({"verify": {**VERIFY, "principal": "*"}}, "verify.principal: "),
        ({"verify": {**VERIFY, "allowed_signers": [key("receipts").public]}}, "verify.allowed_signers: line 1"),
    ],
)
def test_what_cannot_be_is_refused(chain: ReceiptChain, options: dict[str, Any], message: str) -> None:
    error = run(chain, **options)["error"]
    assert error["code"] == "invalid_request"
    assert error["message"].startswith(message)
    assert error["cure"]


def test_a_line_without_a_purpose_gets_the_purpose_of_receipts_as_its_cure(chain: ReceiptChain) -> None:
    lines = [f"{PRINCIPAL} {key('receipts').public}"]
    error = run(chain, verify={**VERIFY, "allowed_signers": lines})["error"]
    assert error["cure"] == 'Add namespaces="receipt@ftp-synchronize" before the key type.'


def test_ansible_refuses_a_reset_without_a_key(chain: ReceiptChain) -> None:
    given = {"path": "/r", "verify": VERIFY, "reset": {"reason": "r", "good": "none"}}
    assert "one of the following is required" in str(refusals_of(receipt_verify, given))


def drills(chain: ReceiptChain, *ages: float, **fields: Any) -> None:
    """Write drills that ended so many days ago."""
    for age in ages:
        ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age * 86400))
        drill = {"type": "drill", "verdict": "passed", "ended": ended, "coverage": {"percent": 100}}
        chain.write(**{**drill, **fields})


def test_a_reset_does_not_hide_the_drill_that_failed(chain: ReceiptChain) -> None:
    drills(chain, 20)
    drills(chain, 1, verdict="failed")
    drills(chain, 0.5, verdict="aborted")
    chain.signature(7).unlink()
    closed = run(chain, reset=reset(chain, chain.digest(6)), drill={"max_age": "30d"})
    for result in (closed, overdue(chain)):
        assert (result["chain"]["newest"]["type"], result["chain"]["newest"]["seq"]) == ("reset", 8)
        assert (result["newest_drill"]["seq"], result["newest_drill"]["verdict"]) == (6, "failed")
        assert result["drill"]["seq"] == 5


def overdue(chain: ReceiptChain, **options: Any) -> dict[str, Any]:
    return run(chain, drill={"max_age": "30d", **options})


def test_a_drill_in_time(chain: ReceiptChain) -> None:
    drills(chain, 90, 29)
    result = overdue(chain)
    assert "failed" not in result, result["msg"]
    assert result["drill"]["seq"] == 6


@pytest.mark.parametrize(
    ("ages", "fields", "words"),
    [
        ((), {}, "has no passed drill"),
        ((90, 31), {}, "has the newest passed drill, of 20"),
        ((1,), {"verdict": "failed"}, "has no passed drill"),
        ((1,), {"verdict": "aborted"}, "has no passed drill"),
        ((1,), {"type": "sync"}, "has no passed drill"),
        ((-1,), {}, "has the newest passed drill, of 20"),
    ],
)
def test_an_overdue_drill(chain: ReceiptChain, ages: tuple[float, ...], fields: dict[str, Any], words: str) -> None:
    drills(chain, *ages, **fields)
    result = overdue(chain)
    assert (result["failed"], result["error"]["code"]) == (True, "drill_overdue")
    assert words in result["error"]["message"]
    assert (result["drill"] is None) == ("no passed" in words)


def test_only_drills_with_the_demanded_coverage_count(chain: ReceiptChain) -> None:
    drills(chain, 20)
    drills(chain, 1, coverage={"percent": 99})
    assert overdue(chain)["drill"]["seq"] == 6
    assert overdue(chain, min_coverage=100)["drill"]["seq"] == 5
    drills(chain, 0, coverage=None)
    assert overdue(chain, min_coverage=1)["drill"]["seq"] == 6


def test_a_drill_after_a_broken_place_proves_nothing(chain: ReceiptChain) -> None:
    drills(chain, 3, 2, 1)
    chain.remove(6)
    result = overdue(chain)
    assert result["error"]["code"] == "receipt_broken"
    assert result["drill"]["seq"] == 5
    run(chain, reset=reset(chain, chain.digest(5)))
    result = overdue(chain)
    assert "failed" not in result, result["msg"]
    assert result["drill"]["seq"] == 5


@pytest.mark.parametrize("drill", [{"max_age": "soon"}, {"max_age": "1d", "min_coverage": 101}])
def test_wrong_numbers_of_a_drill(chain: ReceiptChain, drill: dict[str, Any]) -> None:
    assert run(chain, drill=drill)["error"]["message"].startswith("drill.")


def test_a_transfer_that_left_no_receipt(chain: ReceiptChain) -> None:
    place = {"direction": "push", "host": "files.example.com", "local_root": "/srv/out/./", "remote_root": "in"}
    endpoint = {"protocol": "sftp", "host": "files.example.com", "port": 22, "username": "us"}
    run_of = {**place, "local_root": "/srv/out", "endpoint": endpoint}
    del run_of["host"]
    for verdict in ("passed", "failed"):
        chain.write(**run_of, verdict=verdict)
    asked = [{"name": "orders", **place}]
    (found,) = run(chain, transfers=asked)["transfers"]
    assert (found["name"], found["newest"]["seq"], found["passed"]["seq"]) == ("orders", 6, 5)
    for other in ({"direction": "pull"}, {"host": "a.example.com"}, {"local_root": "/srv"}, {"remote_root": "in/a"}):
        result = run(chain, transfers=[*asked, {"name": "other", **place, **other}])
        assert result["transfers"][1] == {"name": "other", "newest": None, "passed": None}
        (finding,) = result["findings"]
        assert (finding["id"], finding["severity"]) == ("no_receipt", "high")
        assert result["error"]["message"].endswith("no_receipt: no run of the transfer other left a receipt")
        assert result["error"]["cure"].startswith("Run the transfer.")
    chain.remove(5)
    assert run(chain, transfers=asked)["transfers"] == [{"name": "orders", "newest": None, "passed": None}]
