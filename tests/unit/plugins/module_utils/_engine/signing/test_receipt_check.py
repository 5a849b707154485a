# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of receipts with real signatures, checked with the ssh-keygen of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OperationFailed,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.purpose import RECEIPTS
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_chain import (
    Chain,
    ReceiptCheck,
    check_receipts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    SignaturePolicy,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import (
    RevokedKeys,
    parse_signers,
)
from support.servers.ssh_keys import key
from support.trees.receipt_chain import LINE, NAMESPACE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL, signed

STRANGER = key("stranger")


@pytest.fixture
def chain(tmp_path: Path) -> ReceiptChain:
    chain = ReceiptChain(tmp_path / "receipts")
    chain.write(4)
    return chain


def checked(chain: ReceiptChain, *lines: str, witness: str | None = None, revoked: RevokedKeys | None = None) -> Chain:
    policy = SignaturePolicy(PRINCIPAL, parse_signers(lines or (LINE,), "x"), revoked, RECEIPTS)
    return check_receipts(ReceiptCheck(os.fsencode(chain.directory), policy, witness))


def ids(found: Chain) -> list[tuple[str, int | None]]:
    return [(each.id, each.sequence) for each in found.findings]


def test_a_chain_of_stock_ssh_keygen_is_whole(chain: ReceiptChain) -> None:
    found = checked(chain, witness=chain.digest(2))
    assert ids(found) == []
    assert found.good == found.last == (4, chain.digest(4))
    assert found.newest is not None
    assert found.newest.fields == chain.fields(4)
    assert {path.name for path in chain.directory.iterdir()} == {
        name for number in range(1, 5) for name in (f"{number:08d}.json", f"{number:08d}.json.sig")
    }


def test_an_edit_is_found(chain: ReceiptChain) -> None:
    chain.path(2).write_bytes(chain.path(2).read_bytes().replace(b'"job":"sync"', b'"job":"synx"'))
    found = checked(chain)
    assert ids(found) == [("signature", 2), ("broken_link", 3)]
    assert found.findings[0].observed == f"the signature is not a signature of this receipt, made for {NAMESPACE}"
    assert found.good == (1, chain.digest(1))


def test_a_signature_of_another_receipt_is_found(chain: ReceiptChain) -> None:
    chain.signature(2).write_bytes(chain.signature(3).read_bytes())
    assert ids(checked(chain)) == [("signature", 2)]


def test_a_receipt_of_a_stranger_is_found(chain: ReceiptChain) -> None:
    chain.signer = STRANGER
    chain.write()
    found = checked(chain)
    assert ids(found) == [("signature", 5)]
    assert found.findings[0].observed == f"the key of the signature is none of the allowed keys of {PRINCIPAL}"


def test_a_signature_for_another_purpose_is_found(chain: ReceiptChain) -> None:
    text = chain.path(4).read_bytes()
    chain.signature(4).write_bytes(signed(text, chain.signer, "manifest@ftp-synchronize"))
    assert ids(checked(chain)) == [("signature", 4)]
    lines = LINE.replace(NAMESPACE, "manifest@ftp-synchronize")
    assert {each for each, _number in ids(checked(chain, lines))} == {"signature"}


def test_a_receipt_without_a_signature_is_found(chain: ReceiptChain) -> None:
    chain.signature(4).unlink()
    assert ids(checked(chain)) == [("signature", 4)]


def test_a_signature_without_a_receipt_is_found(chain: ReceiptChain) -> None:
    chain.path(4).unlink()
    assert ids(checked(chain)) == [("unsigned_tail", 4)]


def test_gap_renumbering_swap_and_cut(chain: ReceiptChain) -> None:
    last = chain.digest(4)
    chain.remove(4)
    assert ids(checked(chain)) == []
    assert ids(checked(chain, witness=last)) == [("cut_tail", None)]
    chain.remove(2)
    assert ids(checked(chain)) == [("gap", 2)]
    chain.move(3, 2)
    assert ids(checked(chain)) == [("wrong_sequence", 2), ("broken_link", 2)]


def test_a_revoked_key_is_found(chain: ReceiptChain) -> None:
    revoked = RevokedKeys(chain.signer.public.encode() + b"\n", binary=False)
    assert {each for each, _number in ids(checked(chain, revoked=revoked))} == {"signature"}


def test_a_damaged_list_of_revoked_keys_is_no_finding(chain: ReceiptChain) -> None:
    with pytest.raises(TrustStoreUnreadable):
        checked(chain, revoked=RevokedKeys(b"SSHKRL\n\0damaged", binary=True))


def test_a_new_key_covers_the_receipts_of_an_expired_key(chain: ReceiptChain) -> None:
    expired = LINE.replace(" namespaces", ' valid-before="20200101Z",namespaces')
    assert ids(checked(chain, expired)) == [("signature", number) for number in (1, 2, 3, 4)]
    chain.signer = STRANGER
    chain.write()
    assert ids(checked(chain, expired, f'{PRINCIPAL} namespaces="{NAMESPACE}" {STRANGER.public}')) == []


def test_a_link_in_the_place_of_a_receipt_is_not_followed(chain: ReceiptChain, tmp_path: Path) -> None:
    chain.path(4).rename(tmp_path / "elsewhere")
    chain.path(4).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OperationFailed, match="symbolic links"):
        checked(chain)


def test_a_missing_directory_is_no_empty_chain(chain: ReceiptChain, tmp_path: Path) -> None:
    chain.directory = tmp_path / "none"
    with pytest.raises(OperationFailed, match=r"^path: .*No such file") as caught:
        checked(chain)
    assert caught.value.cure
