# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of receipts of secure_sync: counts, proofs, outcome and trees, and no name of a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Receipting, Signing
from support.scenes.sync_pair import SyncPair, codes
from support.servers.ssh_keys import key
from support.trees.receipt_chain import ReceiptChain
from support.trees.tree_spec import File

KEY = Signing(private_key_file=str(key("receipts").path))
CANARY = "canary-file-name"


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    return ReceiptChain(tmp_path / "receipts")


def run(pair: SyncPair, chain: ReceiptChain, **options: Any) -> SyncReport:
    return pair.run(receipts=Receipting(os.fsencode(chain.directory), KEY, "nightly", "0.2.0"), **options)


def test_a_receipt_has_the_counts_the_outcome_and_the_server(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1", b"b": b"22"}, {b"old": b""}, delete=True)
    report = run(pair, chain)
    run(pair, chain)
    one, two = chain.fields(1), chain.fields(2)
    assert (one["changed"], two["changed"]) == (True, False)
    assert (one["verdict"], one["error"], two["verdict"]) == ("passed", None, "passed")
    assert (one["totals"]["store"], one["totals"]["remove"], two["totals"]["store"]) == (2, 1, 0)
    assert one["endpoint"] == {"protocol": "memory", "host": "files.example.com", "port": None, "username": None}
    assert (one["type"], one["module"]) == ("sync", "secure.ftp_synchronize.secure_sync")
    assert (one["job"], one["direction"], one["version"]) == ("nightly", "push", "0.2.0")
    assert one["proofs"] == dict(report.proofs)
    assert one["stats"] == dict(report.stats)
    assert (one["set"], one["remote_root"]) == (None, os.fsdecode(pair.peer.root))


def test_the_keys_of_a_receipt_are_those_of_the_format(chain: ReceiptChain) -> None:
    run(SyncPair({b"a": b"1"}, {}), chain)
    keys = """
        after changed direction endpoint ended error format job local_root module peer prev proofs remote_root run_id
        seq set started stats totals type verdict version
    """
    assert set(chain.fields(1)) == set(keys.split())


def test_equal_trees_have_equal_digests(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1", b"d/b": b"22"}, {}, delete=True)
    run(pair, chain)
    run(pair, chain)
    pair.source.fill({b"a": File(b"2", 0o644, 10**18)})
    run(pair, chain)
    after = [chain.fields(number)["after"] for number in (1, 2, 3)]
    assert [each["local"] == each["remote"] for each in after] == [True, True, True]
    assert after[0] == after[1] != after[2]


def test_a_failed_run_leaves_a_receipt(chain: ReceiptChain) -> None:
    pair = SyncPair({b"a": b"1", CANARY.encode(): b"2"}, {})
    pair.peer.faults.fail("rename", CANARY.encode(), PermissionDenied("no"))
    report = run(pair, chain)
    assert codes(report) == {"permission_denied"}
    fields = chain.fields(1)
    assert (fields["verdict"], fields["error"], fields["changed"]) == ("failed", "permission_denied", True)
    assert fields["totals"]["failed_items"] == 1
    assert fields["after"]["local"] != fields["after"]["remote"]
    assert CANARY not in chain.path(1).read_text()


def test_a_run_that_did_not_begin_leaves_a_receipt(chain: ReceiptChain) -> None:
    pair = SyncPair(None, {})
    assert run(pair, chain).error is not None
    fields = chain.fields(1)
    assert (fields["verdict"], fields["error"], fields["after"]) == ("failed", "source_missing", None)
