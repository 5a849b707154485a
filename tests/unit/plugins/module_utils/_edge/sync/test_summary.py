# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in one line, which is true in every mode."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.listing import Change, Tally
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.results import summary
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import (
    Plan,
    Remove,
    Skipped,
    Write,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry

MIB = 1 << 20


def store(size: int = MIB, proof: str | None = "server_hash") -> Change:
    return Change(Write(RelPath(b"a"), "store", "missing", Entry(FILE, size, 0, 0o644), None), proof)


def other(action: str) -> Change:
    entry = Entry(FILE, 5, 0, 0o644)
    if action in ("remove", "archive_source", "delete_source", "expire_trash"):
        return Change(Remove(RelPath(b"a"), "extra", entry, action))
    return Change(Write(RelPath(b"a"), action, "missing", entry, None))


def line(*changes: Change, push: bool = True, check_mode: bool = False, **report: object) -> str:
    made = SyncReport(Plan(), seconds=81.2, transfer_seconds=70.0)._replace(**report)
    counts = Tally()
    assert list(counts.counting(changes)) == list(changes)
    return summary(made, counts, push=push, check_mode=check_mode)


def test_what_was_done() -> None:
    changes = [store(3 * MIB)] * 1204 + [other("remove")] * 3
    assert line(*changes) == (
        "pushed 1,204 files (3.5 GiB) and removed 3 entries in 81 s at 51.6 MiB/s; all proven by server_hash"
    )
    assert line(*changes, push=False).startswith("pulled 1,204 files (3.5 GiB) and removed")
    assert line(*changes, check_mode=True) == "would push 1,204 files (3.5 GiB) and remove 3 entries"
    assert line(store(), push=False, check_mode=True) == "would pull 1 file (1.0 MiB)"


def test_every_kind_of_action_has_its_words() -> None:
    changes = [store(7)] + [other(action) for action in ("remove", "link", "set_attributes", "create_directory")]
    assert line(*changes, transfer_seconds=0.0) == (
        "pushed 1 file (7 B), created 1 directory, made 1 link, set attributes of 1 entry and removed 1 entry in 81 s; "
        "proven by server_hash"
    )
    assert line(*changes * 2, check_mode=True) == (
        "would push 2 files (14 B), create 2 directories, make 2 links, set attributes of 2 entries and remove "
        "2 entries"
    )


def test_files_that_leave_the_source() -> None:
    changes = [store(7), other("archive_source"), *[other("delete_source")] * 2]
    assert line(*changes, check_mode=True) == "would push 1 file (7 B), archive 1 source file and delete 2 source files"
    assert line(*changes[1:], transfer_seconds=0.0) == "archived 1 source file and deleted 2 source files in 81 s"


def test_expired_entries_of_the_trash() -> None:
    changes = [other("remove"), *[other("expire_trash")] * 2]
    assert line(*changes, check_mode=True) == "would remove 1 entry and remove 2 expired entries of the trash"
    assert line(other("expire_trash"), transfer_seconds=0.0) == "removed 1 expired entry of the trash in 81 s"


def test_markers() -> None:
    assert line(other("mark"), check_mode=True) == "would make 1 marker"
    assert line(*[other("mark")] * 2, transfer_seconds=0.0) == "made 2 markers in 81 s"


@pytest.mark.parametrize(
    ("proofs", "words"),
    [
        (["none", "none"], "; not proven"),
        ([None], "; not proven"),
        (["read_back"], "; proven by read_back"),
        (["read_back", "read_back"], "; all proven by read_back"),
        (["server_hash", "server_hash", "read_back"], "; 2 proven by server_hash, 1 proven by read_back"),
        (["server_hash", "none"], "; 1 proven by server_hash, 1 not proven"),
    ],
)
def test_proofs_of_stored_files(proofs: list[str | None], words: str) -> None:
    assert line(*(store(proof=proof) for proof in proofs)).endswith(words)


def test_without_files_there_is_no_rate_and_no_proof() -> None:
    assert line(other("remove")) == "removed 1 entry in 81 s"
    assert line(store(0)) == "pushed 1 file (0 B) in 81 s; proven by server_hash"


@pytest.mark.parametrize(
    ("proofs", "words"),
    [
        ({}, "nothing to do"),
        ({"recorded": 0, "none": 0}, "nothing to do"),
        ({"recorded": 1}, "nothing to do; 1 file is the same, proven by an earlier run"),
        (
            {"server_hash": 0, "read_back": 3, "recorded": 9997},
            "nothing to do; 10,000 files are the same, 3 proven by read_back, 9,997 proven by an earlier run",
        ),
        ({"none": 20}, "nothing to do; 20 files are the same, not proven"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_nothing_to_do(proofs: dict[str, int], words: str, check_mode: bool) -> None:
    assert line(proofs=proofs, check_mode=check_mode) == words


def test_skipped_entries_are_counted() -> None:
    skipped = (Skipped(RelPath(b"x"), "fifo"),) * 2
    assert line(plan=Plan(skipped=skipped)) == "nothing to do; skipped 2 entries"
    assert line(other("link"), plan=Plan(skipped=skipped[:1]), check_mode=True) == "would make 1 link; skipped 1 entry"
