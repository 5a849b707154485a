# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipts of runs on a server in memory, with real signatures: of good, failed, unchanged and interrupted runs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.results import sync_result
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Receipting, Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import RECEIPTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_chain import (
    Chain,
    ReceiptCheck,
    check_receipts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signer import Signer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import engine as engine_module
from support.scenes.set_sender import FIRST, SECOND, SetSender
from support.scenes.sync_pair import SyncPair, codes
from support.servers.ssh_keys import key
from support.trees.receipt_chain import LINE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL

KEY = Signing(private_key_file=str(key("receipts").path))


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    return ReceiptChain(tmp_path / "receipts")


def receipting(chain: ReceiptChain, **values: Any) -> Receipting:
    return Receipting(os.fsencode(chain.directory), KEY, "nightly", "0.2.0")._replace(**values)


def checked(chain: ReceiptChain, witness: str | None = None) -> Chain:
    policy = SignaturePolicy(PRINCIPAL, parse_signers((LINE,), "x"), None, RECEIPTS)
    return check_receipts(ReceiptCheck(os.fsencode(chain.directory), policy, witness))


def run(pair: SyncPair, chain: ReceiptChain, **options: Any) -> SyncReport:
    return pair.run(receipts=receipting(chain), **options)


def test_each_run_leaves_a_receipt_of_the_chain(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1", b"b": b"22"}, {b"old": b""}, delete=True)
    first, second = run(pair, chain), run(pair, chain)
    assert chain.numbers == [1, 2]
    assert first.receipt == (os.fsencode(chain.path(1)), 1, chain.digest(1))
    assert second.receipt == (os.fsencode(chain.path(2)), 2, chain.digest(2))
    assert checked(chain).findings == ()
    assert chain.fields(1)["run_id"] != chain.fields(2)["run_id"]


def test_an_interrupted_run_leaves_a_receipt(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1"}, {})

    def interrupt(operation: str, path: bytes) -> None:
        if operation == "upload":
            raise KeyboardInterrupt

    pair.peer.faults.on_operation = interrupt
    assert run(pair, chain).error is not None
    assert chain.fields(1)["error"] == "interrupted"


def test_a_defect_leaves_a_receipt(chain: ReceiptChain, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: object) -> SyncReport:
        raise ZeroDivisionError

    monkeypatch.setattr(engine_module, "_run", broken)
    with pytest.raises(ZeroDivisionError):
        run(SyncPair({b"a": b"1"}, {}), chain)
    assert (chain.fields(1)["verdict"], chain.fields(1)["error"]) == ("failed", "internal")


def test_check_mode_leaves_nothing(chain: ReceiptChain) -> None:
    report = run(SyncPair({b"a": b"1"}, {}), chain, check_mode=True)
    assert report.error is None
    assert report.receipt is None
    assert list(chain.directory.iterdir()) == []
    chain.directory.rmdir()
    assert run(SyncPair({b"a": b"1"}, {}), chain, check_mode=True).error is None
    assert not chain.directory.exists()


def test_check_mode_finds_a_broken_chain(chain: ReceiptChain) -> None:
    chain.write(3, job="nightly")
    chain.remove(2)
    report = run(SyncPair({b"a": b"1"}, {}), chain, check_mode=True)
    assert report.error is not None
    assert report.error.code == "receipt_broken"


def test_an_interruption_before_the_run_is_its_error(chain: ReceiptChain, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(signer: Signer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Signer, "open", interrupted)
    pair = SyncPair({b"a": b"1"}, {})
    report = run(pair, chain)
    assert report.error is not None
    assert (report.error.code, pair.opened) == ("interrupted", [])


def test_a_directory_that_cannot_be_used_stops_the_run_before_any_contact(chain: ReceiptChain) -> None:
    chain.directory.chmod(0o777)
    pair = SyncPair({b"a": b"1"}, {b"old": b""}, delete=True)
    report = run(pair, chain)
    assert report.error is not None
    assert (report.error.code, pair.opened) == ("refused", [])
    report = pair.run(receipts=receipting(chain, path=b"/proc/self/receipts"))
    assert report.error is not None
    assert (report.error.code, pair.opened) == ("operation_failed", [])


def test_a_broken_chain_stops_the_run_before_any_contact(chain: ReceiptChain) -> None:
    chain.write(3, job="nightly")
    chain.remove(2)
    pair = SyncPair({b"a": b"1"}, {})
    report = run(pair, chain)
    assert report.error is not None
    assert (report.error.code, pair.opened, chain.numbers) == ("receipt_broken", [], [1, 3])


def test_a_key_that_fails_stops_the_run_before_any_contact(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1"}, {})
    wrong = Signing(private_key_file=str(key("locked", passphrase="open it").path), passphrase="another")
    report = pair.run(receipts=receipting(chain, key=wrong))
    assert report.error is not None
    assert (report.error.code, pair.opened) == ("signing_failed", [])
    assert report.error.message.startswith("receipts: ")
    assert "another" not in report.error.message


def test_a_receipt_that_cannot_be_written_fails_the_run_and_its_changes_are_reported(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1"}, {})

    def spoil(operation: str, path: bytes) -> None:
        if operation == "upload":
            chain.directory.chmod(0o777)

    pair.peer.faults.on_operation = spoil
    report = run(pair, chain)
    assert (codes(report), len(report.outcomes), report.receipt) == ({"refused"}, 1, None)
    assert chain.numbers == []


def test_the_first_error_stays_the_cause(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1"}, {}, retries=0)

    def spoil(operation: str, path: bytes) -> None:
        if operation == "upload":
            chain.directory.chmod(0o777)
            raise ConnectionLost("gone")

    pair.peer.faults.on_operation = spoil
    result = sync_result(run(pair, chain), push=True, check_mode=False, max_listed=9, diff=False)
    assert result["error"]["code"] == "connection_lost"
    assert [each["code"] for each in result["failed_items"]] == ["connection_lost", "refused"]


def test_two_runs_at_once_leave_one_chain(chain: ReceiptChain) -> None:
    pairs = [SyncPair({b"a": b"1"}, {}) for _each in range(4)]
    both = [threading.Thread(target=run, args=(pair, chain)) for pair in pairs]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert chain.numbers == [1, 2, 3, 4]
    assert checked(chain).findings == ()


def test_manifests_and_receipts_name_each_other(chain: ReceiptChain) -> None:
    sender = SetSender()
    first = sender.good(receipts=receipting(chain))
    assert b"# receipt:" not in sender.content(FIRST)
    assert first.signed_set is not None
    found = chain.fields(1)["set"]
    assert found == {"tree": first.signed_set.tree, "sequence": 1, "digest": first.signed_set.digest}
    sender.write(b"a", b"changed")
    sender.good(receipts=receipting(chain))
    assert b"# receipt: sha256 %s\n" % chain.digest(1).encode() in sender.content(SECOND)
    assert chain.fields(2)["totals"]["publish"] == 1
    assert sender.is_whole()


def test_check_mode_foresees_the_size_of_a_manifest_that_names_a_receipt(chain: ReceiptChain) -> None:
    sender = SetSender()
    sender.good(receipts=receipting(chain))
    sender.write(b"a", b"changed")
    foreseen = sender.run(receipts=receipting(chain), check_mode=True).plan.actions[-1]
    sender.good(receipts=receipting(chain))
    assert foreseen.wanted.size == len(sender.content(SECOND))


def test_a_server_is_the_witness_of_a_cut_tail(chain: ReceiptChain) -> None:
    sender = SetSender()
    for content in (b"1", b"2", b"3"):
        sender.write(b"a", content)
        sender.good(receipts=receipting(chain))
    newest = sender.newest()
    assert newest is not None
    assert newest.header.receipt is not None
    witness = newest.header.receipt.hex()
    assert checked(chain, witness).findings == ()
    chain.remove(2, 3)
    assert checked(chain).findings == ()
    assert [each.id for each in checked(chain, witness).findings] == ["cut_tail"]
