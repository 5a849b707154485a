# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listings of runs with sealed files, as values."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ManifestTooLarge,
    SetIncomplete,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model import plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import Plan, Remove, Write
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair, PairBook
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import sealed_listing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import Contents
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import Scanned
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sealed_listing import (
    KEPT,
    NO_PAIRS,
    PLAIN_TOO,
    RECIPIENTS,
    SAME_NAME,
    SealedListing,
)

A, SEALED = RelPath(b"a"), RelPath(b"a.age")
PAIR = Pair(3, b"\1" * 32, 203, b"\2" * 32, "ours")
FILE_ENTRY = Entry(FILE, 203, 0, 0o644)


def list_again() -> Scanned:
    raise AssertionError("only a signed set is listed twice")


def listing(*, push: bool, recipients: str = "ours") -> tuple[SealedListing, Any]:
    book = PairBook(recipients if push else "")
    run = SimpleNamespace(
        sealer=push or None,
        book=book,
        extension=b".age",
        notes=[],
        plain=lambda path: RelPath(path[:-4]),
        local=None,
        removes=False,
    )
    return SealedListing(run, Outcomes()), run  # type: ignore[arg-type]


def scanned(**entries: Entry) -> Scanned:
    result = Scanned()
    result.tree = {RelPath(name.replace("_", ".").encode()): entry for name, entry in entries.items()}
    return result


def test_files_for_other_recipients_are_stale() -> None:
    made, run = listing(push=True, recipients="others")
    run.book.known[A] = PAIR
    made.arrange(scanned(a_age=FILE_ENTRY), scanned(a_age=FILE_ENTRY), list_again)
    action = Write(SEALED, plan.STORE, plan.SIZE, FILE_ENTRY, FILE_ENTRY)
    other = Write(RelPath(b"b.age"), plan.STORE, plan.SIZE, FILE_ENTRY, None)
    planned = made.adapt(Plan((action, other)))
    assert [each.reason for each in planned.actions] == [plan.RECIPIENTS, plan.SIZE]
    assert run.notes == [RECIPIENTS % ("1 file", "203 B")]


def test_files_at_the_server_of_a_push_have_the_sizes_of_their_contents() -> None:
    actions = (
        Write(SEALED, plan.STORE, plan.DIGEST, FILE_ENTRY._replace(size=5), FILE_ENTRY),
        Remove(SEALED, plan.EXTRA, FILE_ENTRY),
        Remove(SEALED, plan.EXTRA, FILE_ENTRY._replace(size=204)),
        Remove(RelPath(b"b.age"), plan.EXTRA, FILE_ENTRY),
        Write(SEALED, plan.STORE, plan.MISSING, FILE_ENTRY, None),
    )
    for push, sizes in ((True, [3, 3, 204, 203]), (False, [203, 203, 204, 203])):
        made, run = listing(push=push)
        run.book.known[A] = PAIR
        planned = made.adapt(Plan(actions)).actions
        assert [each.present.size for each in planned if each.present] == sizes


def test_files_that_are_left_alone_for_other_recipients_are_reported() -> None:
    made, run = listing(push=True, recipients="others")
    run.book.known[A] = PAIR
    made.arrange(scanned(a_age=FILE_ENTRY), scanned(a_age=FILE_ENTRY), list_again)
    made.adapt(Plan())
    assert run.notes == [KEPT % 1]


def test_a_sealed_file_with_the_name_of_another_content_is_not_reported_as_plain() -> None:
    made, run = listing(push=True)
    run.book.known[A] = PAIR
    both = scanned(a_age=FILE_ENTRY, a_age_age=FILE_ENTRY)
    made.arrange(both, both, list_again)
    assert run.notes == []
    made.arrange(both, scanned(a_age=FILE_ENTRY, a=FILE_ENTRY), list_again)
    assert run.notes == [PLAIN_TOO % (1, "a")]


def test_a_push_without_pairs_reports_it() -> None:
    made, run = listing(push=True)
    made.arrange(scanned(a_age=FILE_ENTRY), scanned(a_age=FILE_ENTRY), list_again)
    assert run.notes == [NO_PAIRS]
    first, quiet = listing(push=True)
    first.arrange(scanned(a_age=FILE_ENTRY), scanned(), list_again)
    assert quiet.notes == []


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_recorded_digests_of_files_here_count_only_with_their_pair(push: bool) -> None:
    made, run = listing(push=push, recipients="ours")

    def known(digest: bytes) -> dict[bytes, bytes]:
        here, there = {SEALED: digest}, {SEALED: digest}
        contents = Contents(here, there) if push else Contents(there, here)
        made.know(contents)
        both = (contents.source, contents.destination)
        assert both[push] == there, "the digests of the server stay"
        return both[not push]

    assert known(PAIR.stored_digest) == {}
    run.book.known[A] = PAIR
    assert known(PAIR.stored_digest) == {SEALED: PAIR.stored_digest}
    assert known(b"\3" * 32) == {}
    run.book.known[A] = PAIR._replace(recipients="others")
    assert known(PAIR.stored_digest) == ({} if push else {SEALED: PAIR.stored_digest})


def test_entries_of_another_kind_meet_under_one_name() -> None:
    made, _run = listing(push=False)
    here = scanned(a_age=FILE_ENTRY)
    made.arrange(scanned(a=Entry(DIRECTORY, 0, 0, 0o755)), here, list_again)
    assert list(here.tree) == [A]
    link = scanned(a=Entry(LINK, 0, 0, 0, b"x"))
    made.arrange(scanned(a_age=FILE_ENTRY), link, list_again)
    assert list(link.tree) == [SEALED]


@pytest.mark.parametrize("beside", [DIRECTORY, LINK])
def test_a_file_whose_content_would_have_the_name_of_another_entry_is_left_out(beside: str) -> None:
    made, _run = listing(push=False)
    source = scanned(a_age=FILE_ENTRY, a=Entry(beside, 0, 0, 0o755), b_age=FILE_ENTRY)
    made.arrange(source, scanned(a=Entry(DIRECTORY, 0, 0, 0o755)), list_again)
    assert list(source.tree) == [A, b"b.age"]
    assert [(each.code, each.path, each.message) for each in source.problems] == [("kind_conflict", SEALED, SAME_NAME)]


def test_a_file_is_left_out_if_a_directory_is_in_the_place_of_its_content() -> None:
    made, _run = listing(push=False)
    source = scanned(a_age=FILE_ENTRY, b_age=FILE_ENTRY)
    made.arrange(source, scanned(a=Entry(DIRECTORY, 0, 0, 0o755)), list_again)
    assert list(source.tree) == [b"b.age"]
    assert [(each.code, each.path) for each in source.problems] == [("kind_conflict", A)]
    assert not source.complete, "and so nothing is removed"


def test_a_sealed_file_of_a_sealed_file_has_a_content_of_its_own() -> None:
    made, _run = listing(push=False)
    source = scanned(a_age=FILE_ENTRY, a_age_age=FILE_ENTRY)
    made.arrange(source, scanned(), list_again)
    assert (len(source.tree), source.problems) == (2, [])


def test_foreign_files_are_skipped() -> None:
    made, _run = listing(push=False)
    source = scanned(a=FILE_ENTRY, b_age=FILE_ENTRY)
    made.arrange(source, scanned(), list_again)
    assert list(source.tree) == [b"b.age"]
    assert [each.path for each in made.adapt(Plan()).skipped] == [A]


def test_a_damaged_index_ends_the_run_and_is_named(tmp_path: Path) -> None:
    """The index is not sealed here."""
    (tmp_path / "index").write_bytes(b"#mtree\nno entry of an index")
    with pytest.raises(SetIncomplete, match="the index of the set cannot be used: ") as caught:
        sealed_listing._read(SimpleNamespace(opener=None), RelPath(b"set/index"), str(tmp_path / "index"))
    assert caught.value.path == b"set/index"
    assert caught.value.cure


def test_an_index_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_listing, "INDEX_LIMIT", 5)
    text = bytearray()
    sealed_listing._add(text, b"12345")
    with pytest.raises(ManifestTooLarge, match="more than 5 bytes"):
        sealed_listing._add(text, b"6")
