# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of receipts: attacks, accidents and resets, each with its finding."""

from __future__ import annotations

import hashlib
from typing import Any, Optional

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_chain import (
    Chain,
    Found,
    check_chain,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.receipt_directory import (
    NO_PREVIOUS,
    Head,
    format_receipt,
    parse_receipt,
)

EXPIRED, INVALID = "signer_expired", "signature_invalid"


def found(number: int, prev: str, *, seq: int = 0, refusal: str = "", **fields: Any) -> Found:
    at = f"2026-11-26T{number:02d}:00:00Z"
    least = {"format": 1, "type": "sync", "job": "sync", "started": at, "ended": at}
    text = format_receipt({**least, "seq": seq or number, "prev": prev, **fields})
    return Found(number, digest_of(text), parse_receipt(text), refusal, "a fault" if refusal else "")


def digest_of(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def whole(count: int = 5) -> list[Found]:
    receipts: list[Found] = []
    for number in range(1, count + 1):
        receipts.append(found(number, receipts[-1].digest if receipts else NO_PREVIOUS))
    return receipts


def ids(chain: Chain) -> list[tuple[str, Optional[int]]]:
    return [(each.id, each.sequence) for each in chain.findings]


def head(each: Found) -> Head:
    return Head(each.number, each.digest)


def test_a_whole_chain_has_no_findings() -> None:
    receipts = whole()
    chain = check_chain(receipts, witness=receipts[2].digest)
    syncs = tuple(each.receipt for each in receipts if each.receipt)
    assert chain == Chain((), head(receipts[-1]), head(receipts[-1]), "sync", receipts[-1].receipt, syncs=syncs)
    assert not chain.is_broken


def test_an_empty_directory_proves_nothing() -> None:
    assert ids(check_chain([])) == [("no_receipts", None)]
    assert ids(check_chain([], witness="ab" * 32)) == [("no_receipts", None), ("cut_tail", None)]


def test_a_removed_receipt_is_a_gap() -> None:
    receipts = whole()
    chain = check_chain(receipts[:1] + receipts[3:])
    assert ids(chain) == [("gap", 2)]
    assert chain.findings[0].observed == "receipts 2 to 3 are missing"
    assert (chain.good, chain.newest) == (head(receipts[0]), None)
    assert ids(check_chain(receipts[1:])) == [("gap", 1)]


def test_a_removed_receipt_whose_number_is_taken_by_the_next() -> None:
    receipts = whole()
    renumbered = [each._replace(number=each.number - 1) for each in receipts[2:]]
    assert ids(check_chain(receipts[:1] + renumbered)) == [
        ("wrong_sequence", 2),
        ("broken_link", 2),
        ("wrong_sequence", 3),
        ("wrong_sequence", 4),
    ]


def test_receipts_that_changed_places() -> None:
    receipts = whole()
    swapped = [receipts[0], receipts[2]._replace(number=2), receipts[1]._replace(number=3), *receipts[3:]]
    assert {
        ("wrong_sequence", 2),
        ("wrong_sequence", 3),
        ("broken_link", 2),
        ("broken_link", 3),
        ("broken_link", 4),
    } <= set(ids(check_chain(swapped)))


def test_an_edited_receipt_breaks_its_signature_and_the_next_link() -> None:
    receipts = whole()
    receipts[1] = found(2, receipts[0].digest, refusal=INVALID, job="other")
    assert ids(check_chain(receipts)) == [("signature", 2), ("broken_link", 3)]


def test_a_text_that_is_no_receipt() -> None:
    receipts = whole()
    receipts[4] = Found(5, "ab" * 32, None, INVALID, "it is not JSON")
    assert ids(check_chain(receipts)) == [("malformed", 5), ("signature", 5)]


def test_a_cut_tail_is_found_with_a_witness_only() -> None:
    receipts = whole()
    assert ids(check_chain(receipts[:3])) == []
    chain = check_chain(receipts[:3], witness=receipts[4].digest)
    assert ids(chain) == [("cut_tail", None)]
    assert chain.good == head(receipts[2])


def test_a_signature_after_the_last_receipt() -> None:
    assert ids(check_chain(whole(), orphans=[6])) == [("unsigned_tail", 6)]
    assert not check_chain(whole(), orphans=[6]).is_broken
    assert ids(check_chain(whole(), orphans=[7])) == [("cut_tail", 7)]
    receipts = whole()
    assert ids(check_chain(receipts[:2] + receipts[3:], orphans=[3])) == [("gap", 3)]


def test_a_key_that_expired_since_is_covered_by_a_later_signature() -> None:
    receipts = whole()
    old = [receipts[0]._replace(refusal=EXPIRED, fault="expired"), *receipts[1:]]
    assert ids(check_chain(old)) == []
    last = [*receipts[:4], receipts[4]._replace(refusal=EXPIRED, fault="expired")]
    assert ids(check_chain(last)) == [("signature", 5)]
    assert ids(check_chain([receipts[0]._replace(refusal=INVALID), *receipts[1:]])) == [("signature", 1)]


def test_a_reset_by_a_key_that_expired_since_still_counts() -> None:
    receipts = whole()
    broken = receipts[:3] + receipts[4:]
    last = reset(6, broken[-1], receipts[2])
    closed = [*broken, last._replace(refusal=EXPIRED, fault="expired"), found(7, last.digest)]
    assert ids(check_chain(closed)) == [("closed", 4)]


def test_a_clock_that_went_back() -> None:
    receipts = whole(2)
    receipts.append(found(3, receipts[-1].digest, ended="2026-11-25T00:00:00Z"))
    assert [(each.id, each.severity) for each in check_chain(receipts).findings] == [("clock_back", "low")]


def reset(number: int, before: Found, good: Optional[Found], **fields: Any) -> Found:
    kept = None if good is None else head(good)._asdict()
    return found(number, before.digest, type="reset", good=kept, **{"lost": None, **fields})


def test_a_reset_closes_what_is_broken_after_the_last_good_receipt() -> None:
    receipts = whole()
    broken = receipts[:2] + receipts[3:]
    assert check_chain(broken).good == head(receipts[1])
    closed = [*broken, reset(6, broken[-1], receipts[1])]
    chain = check_chain(closed)
    assert [(each.id, each.severity, each.sequence) for each in chain.findings] == [("closed", "info", 3)]
    assert chain.good == head(closed[-1])


@pytest.mark.parametrize("attack", ["before", "later", "unsigned", "other good"])
def test_a_reset_closes_nothing_else(attack: str) -> None:
    receipts = whole()
    broken = receipts[:3] + receipts[4:]
    last = reset(6, broken[-1], receipts[2])
    closed = [*broken, last, found(7, last.digest)]
    assert not check_chain(closed).is_broken
    if attack == "before":
        closed[0] = found(1, NO_PREVIOUS, refusal=INVALID, job="other")
    elif attack == "later":
        closed[-1] = closed[-1]._replace(refusal=INVALID, fault="edited")
    elif attack == "unsigned":
        closed[-2] = last._replace(refusal=INVALID, fault="forged")
    else:
        closed[2] = receipts[2]._replace(digest="ab" * 32)
    broken_still = check_chain(closed)
    assert broken_still.is_broken
    assert (("gap", 4) in ids(broken_still)) == (attack in ("unsigned", "other good"))


def test_a_reset_closes_a_known_loss() -> None:
    receipts = whole()
    lost = receipts[4].digest
    kept = receipts[:3]
    closed = [*kept, reset(4, kept[-1], kept[-1], lost=lost)]
    assert ids(check_chain(closed, witness=lost)) == [("closed", None)]
    assert ids(check_chain(closed, witness="ab" * 32)) == [("cut_tail", None)]


def test_a_reset_after_nothing_good() -> None:
    receipts = whole(2)
    receipts[0] = receipts[0]._replace(refusal=INVALID, fault="edited")
    assert check_chain(receipts).good is None
    assert not check_chain([*receipts, reset(3, receipts[-1], None)]).is_broken
