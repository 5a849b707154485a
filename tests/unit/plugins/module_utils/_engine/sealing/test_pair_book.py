# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pairs count: for which content, for which recipients, and when."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair, PairBook

A, B = RelPath(b"a"), RelPath(b"b")
PAIR = Pair(3, b"\1" * 32, 203, b"\2" * 32, "ours")


def book(recipients: str = "ours") -> PairBook:
    made = PairBook(recipients)
    made.known[A] = PAIR
    return made


def test_a_pair_counts_for_its_size_and_its_recipients() -> None:
    assert book().of(A, 3) == PAIR
    assert book().of(A, 4) is None
    assert book().of(B, 3) is None
    assert book("others").of(A, 3) is None
    assert (book("others").is_stale(A), book().is_stale(A), book("others").is_stale(B)) == (True, False, False)


def test_on_a_pull_the_recipients_do_not_matter() -> None:
    assert book("").of(A, 3) == PAIR
    assert not book("").is_stale(A)


def test_a_new_pair_counts_once_its_sealed_form_was_proven() -> None:
    made, newer = book(), PAIR._replace(stored_digest=b"\3" * 32)
    made.made(A, newer)
    assert made.of(A, 3) == PAIR
    assert made.settle({A: b"\4" * 32, B: None}) == []
    assert made.settle({A: b"\3" * 32}) == [(A, newer)]
    assert made.of(A, 3) == newer
    assert made.settle({A: b"\3" * 32}) == []


def test_a_pull_does_not_forget_the_recipients_of_a_sealed_form() -> None:
    made = book("")
    made.made(A, PAIR._replace(recipients=""))
    assert made.settle({A: PAIR.stored_digest}) == []
    assert made.known == {A: PAIR}


def test_a_pair_is_found_by_its_sealed_form_whoever_the_recipients_are() -> None:
    made, newer = book("others"), PAIR._replace(stored_digest=b"\3" * 32)
    made.made(A, newer)
    assert made.with_digest(A, PAIR.stored_digest) == PAIR
    assert made.with_digest(A, newer.stored_digest) == newer
    assert made.with_digest(A, b"\4" * 32) is None
    assert made.with_digest(B, PAIR.stored_digest) is None


def test_pairs_of_files_that_are_gone_are_forgotten() -> None:
    made = book()
    assert not made.keep_only([A, B])
    assert made.keep_only([B])
    assert made.known == {}
