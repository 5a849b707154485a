# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reset closes a broken chain, by the decision of a person alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import RECEIPTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_chain import (
    Chain,
    ReceiptCheck,
    check_receipts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_reset import (
    Reset,
    close_chain,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import parse_signers
from support.servers.ssh_keys import key
from support.trees.receipt_chain import LINE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL

RESET = Reset("disk restored from backup", "", Signing(private_key_file=str(key("receipts").path)), "0.2.0")


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    chain = ReceiptChain(tmp_path / "receipts")
    chain.write(4, job="nightly")
    return chain


def checked(chain: ReceiptChain, witness: str | None = None) -> Chain:
    policy = SignaturePolicy(PRINCIPAL, parse_signers((LINE,), "x"), None, RECEIPTS)
    return check_receipts(ReceiptCheck(os.fsencode(chain.directory), policy, witness))


def test_a_reset_is_a_signed_receipt_and_the_chain_is_whole_again(chain: ReceiptChain) -> None:
    chain.remove(3)
    path = os.fsencode(chain.directory)
    head = close_chain(path, checked(chain), RESET._replace(good=chain.digest(2)))
    assert head == (5, chain.digest(5))
    fields = chain.fields(5)
    assert fields["type"] == "reset"
    assert fields["reason"] == "disk restored from backup"
    assert fields["good"] == {"seq": 2, "digest": chain.digest(2)}
    assert (fields["prev"], fields["job"], fields["lost"]) == (chain.digest(4), "nightly", None)
    found = checked(chain)
    assert [(each.id, each.severity) for each in found.findings] == [("closed", "info")]
    assert found.good == head


def test_a_reset_of_another_state_is_refused(chain: ReceiptChain) -> None:
    chain.remove(3)
    for good in ("none", chain.digest(1), chain.digest(4)):
        with pytest.raises(InvalidRequest, match=f"the last good receipt is: number 2, {chain.digest(2)}") as caught:
            close_chain(os.fsencode(chain.directory), checked(chain), RESET._replace(good=good))
        assert caught.value.cure
    assert chain.numbers == [1, 2, 4]


def test_a_reset_where_no_receipt_is_good(chain: ReceiptChain) -> None:
    chain.remove(1)
    assert close_chain(os.fsencode(chain.directory), checked(chain), RESET._replace(good="none")).seq == 5
    assert not checked(chain).is_broken


def test_a_reset_names_the_lost_receipt(chain: ReceiptChain) -> None:
    lost = chain.digest(4)
    chain.remove(4)
    reset = RESET._replace(good=chain.digest(3), lost=lost)
    close_chain(os.fsencode(chain.directory), checked(chain, lost), reset)
    assert chain.fields(4)["lost"] == lost
    assert not checked(chain, lost).is_broken
