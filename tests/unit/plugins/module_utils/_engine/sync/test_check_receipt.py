# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipts of checks, with real signatures: of good, bad, failed and interrupted checks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Receipting, Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree_check import (
    Coverage,
    TreeCheck,
    TreeCheckReport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.tree_check import (
    _coverage,
    check_tree,
)
from support.scenes.signed_scene import Signed
from support.servers.ssh_keys import key
from support.trees.receipt_chain import ReceiptChain

KEY = Signing(private_key_file=str(key("receipts").path))
CANARY = b"canary-file-name"


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    return ReceiptChain(tmp_path / "receipts")


class Audit:
    """Checks of a signed tree in memory that leave receipts."""

    def __init__(self, chain: ReceiptChain) -> None:
        self.scene = Signed()
        self.receipts = Receipting(os.fsencode(chain.directory), KEY, "audit", "0.2.0")
        self.contacts = 0

    def open_peer(self, _request: object) -> Any:
        self.contacts += 1
        return self.scene.server

    def run(self, fail_on: str = "high", **options: Any) -> TreeCheckReport:
        demands, receipts = self.scene.demands, options.pop("receipts", self.receipts)
        request = self.scene.pair.request(verify=demands, receipts=receipts, **options)
        return check_tree(TreeCheck(request, "whole", fail_on=fail_on), opener=self.open_peer, sleep=lambda _time: None)


def outcome(chain: ReceiptChain, number: int) -> tuple[str, str | None]:
    fields = chain.fields(number)
    return fields["verdict"], fields["error"]


def test_each_check_leaves_a_receipt(chain: ReceiptChain) -> None:
    audit = Audit(chain)
    report = audit.run()
    assert (report.error, [each.id for each in report.findings]) == (None, ["first_seen"])
    assert report.receipt == (os.fsencode(chain.path(1)), 1, chain.digest(1))
    fields = chain.fields(1)
    assert (fields["type"], fields["module"], fields["job"]) == (
        *("verify", "secure.ftp_synchronize.tree_verify"),
        "audit",
    )
    assert outcome(chain, 1) == ("passed", None)
    assert (fields["changed"], fields["content"]) == (False, "whole")
    assert fields["findings"] == {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 1}
    assert (fields["coverage"]["files"], fields["coverage"]["bytes"]) == (3, 9)
    assert report.signed_set is not None
    assert fields["set"] == {name: getattr(report.signed_set, name) for name in ("tree", "sequence", "digest")}
    keys = """
        changed content coverage endpoint ended error findings format job module peer prev remote_root run_id seq set
        started type verdict version
    """
    assert set(fields) == set(keys.split())


def test_findings_decide_the_outcome_from_a_severity_on(chain: ReceiptChain) -> None:
    audit = Audit(chain)
    audit.scene.server.fill({CANARY: b"x"})
    for fail_on in ("high", "critical", "none"):
        assert audit.run(fail_on).error is None
    assert [outcome(chain, number) for number in (1, 2, 3)] == [
        ("failed", "policy_not_met"),
        ("passed", None),
        ("passed", None),
    ]
    assert chain.fields(1)["findings"]["high"] == 1
    assert CANARY not in chain.path(1).read_bytes()


def test_a_check_that_fails_or_is_interrupted_leaves_a_receipt(
    chain: ReceiptChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = Audit(chain)

    def unreachable(_request: object) -> Any:
        raise ConnectionFailed("no route")

    def interrupt(operation: str, _path: bytes) -> None:
        raise KeyboardInterrupt(operation)

    monkeypatch.setattr(audit, "open_peer", unreachable)
    assert audit.run(retries=0).error is not None
    monkeypatch.undo()
    audit.scene.server.faults.on_operation = interrupt
    assert audit.run().error is not None
    assert [outcome(chain, number) for number in (1, 2)] == [("failed", "connection_failed"), ("failed", "interrupted")]
    assert chain.fields(1)["peer"] is None


def test_without_a_receipt_there_is_no_contact(chain: ReceiptChain) -> None:
    chain.directory.chmod(0o777)
    audit = Audit(chain)
    report = audit.run()
    assert report.error is not None
    assert (report.error.code, audit.contacts, chain.numbers) == ("refused", 0, [])


def test_a_receipt_that_cannot_be_written_fails_the_check(chain: ReceiptChain) -> None:
    audit = Audit(chain)

    def spoil(_operation: str, _path: bytes) -> None:
        chain.directory.chmod(0o777)

    audit.scene.server.faults.on_operation = spoil
    report = audit.run()
    assert report.error is not None
    assert (report.error.code, report.coverage.files, report.receipt) == ("refused", 3, None)


def test_the_first_error_stays_the_cause(chain: ReceiptChain) -> None:
    audit = Audit(chain)

    def spoil(_operation: str, _path: bytes) -> None:
        chain.directory.chmod(0o777)
        raise ConnectionFailed("gone")

    audit.scene.server.faults.on_operation = spoil
    report = audit.run(retries=0)
    assert report.error is not None
    assert report.error.code == "connection_failed"
    assert report.notes[-1].startswith("no receipt was written: receipts.path: others can write")


def test_check_mode_leaves_nothing(chain: ReceiptChain) -> None:
    report = Audit(chain).run(check_mode=True)
    assert (report.error, report.receipt, chain.numbers) == (None, None, [])


@pytest.mark.parametrize(("since", "shown"), [(None, None), (0, "1970-01-01T00:00:00Z")])
def test_the_beginning_of_a_coverage(since: int | None, shown: str | None) -> None:
    assert _coverage(Coverage(files=2, size=3, since=since)) == {"files": 2, "bytes": 3, "since": shown}
