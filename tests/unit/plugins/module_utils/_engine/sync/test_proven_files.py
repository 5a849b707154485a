# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proofs of stored files, most of them as a digest alone."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.on_demand import FileStores
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import MISSING
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import ProvenFiles
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.proof import Proven
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer

A, B, C, OTHER = (RelPath(name) for name in (b"a", b"b", b"c", b"other"))
ENTRY = Entry(FILE, 3, 5, 0o644)
ONE, TWO = b"1" * 32, b"2" * 32


def proven(path: RelPath, source: bytes | None, destination: bytes | None, proof: str, size: int = 3) -> Proven:
    return Proven(Staged(Transfer(path, path, ROOT, ENTRY, Attributes()), size), source, destination, proof)


@pytest.fixture
def stored() -> ProvenFiles:
    made = ProvenFiles()
    made.planned = FileStores(dict.fromkeys((A, B, C), ENTRY), {}, lambda wanted, present: Attributes())
    for path in (A, B, C):
        made.planned.add(path, MISSING)
    return made


@pytest.mark.parametrize(
    ("source", "destination", "proof"),
    [(ONE, ONE, "server_hash"), (ONE, None, "none"), (None, ONE, "none"), (ONE, ONE, "read_back")],
)
def test_a_file_that_was_stored_as_planned(
    source: bytes | None, destination: bytes | None, proof: str, stored: ProvenFiles
) -> None:
    stored[A] = proven(A, source, destination, proof)
    found = stored[A]
    assert (found.source, found.destination, found.proof, found.staged.size) == (source, destination, proof, 3)
    assert stored.proof_as_planned(A) == proof
    assert list(stored.as_planned()) == list(stored) == [A]
    assert list(stored.other_sizes()) == []
    assert (stored.digest(A, source=True), stored.digest(A, source=False)) == (source, destination)
    assert stored.write(A).wanted == ENTRY


@pytest.mark.parametrize(
    ("path", "made"),
    [
        (OTHER, proven(OTHER, ONE, ONE, "read_back")),
        (A, proven(A, ONE, ONE, "read_back", size=4)),
        (A, proven(A, ONE, TWO, "none")),
        (A, proven(A, None, None, "none")),
    ],
)
def test_every_other_file(path: RelPath, made: Proven, stored: ProvenFiles) -> None:
    stored[path] = made
    assert stored[path] == made.kept()
    assert stored.proof_as_planned(path) is None
    assert list(stored.as_planned()) == []
    assert list(stored.other_sizes()) == [(path, made.staged.size)]
    assert (stored.digest(path, source=True), stored.digest(path, source=False)) == (made.source, made.destination)


def test_files_of_all_kinds_are_counted(stored: ProvenFiles) -> None:
    assert not stored
    stored[A] = proven(A, ONE, ONE, "server_hash")
    stored[B] = proven(B, TWO, TWO, "read_back")
    stored[OTHER] = proven(OTHER, ONE, ONE, "read_back")
    assert len(stored) == 3
    assert [path in stored for path in (A, B, C, OTHER)] == [True, True, False, True]
    assert stored.by_proof() == {"server_hash": 1, "read_back": 2}
    assert stored.get(C) is None
    with pytest.raises(KeyError):
        stored.digest(C, source=True)


@pytest.mark.parametrize("first", [(ONE, "server_hash", 3), (ONE, "none", 3), (ONE, "read_back", 4)])
@pytest.mark.parametrize("second", [(TWO, "server_hash", 3), (TWO, "read_back", 3), (TWO, "read_back", 4)])
def test_the_newest_proof_of_a_file_counts(
    first: tuple[bytes, str, int], second: tuple[bytes, str, int], stored: ProvenFiles
) -> None:
    for digest, proof, size in (first, second):
        stored[A] = proven(A, digest, digest, proof, size)
    digest, proof, size = second
    assert list(stored) == [A]
    assert (stored[A].source, stored[A].proof, stored[A].staged.size) == (digest, proof, size)
    assert stored.digest(A, source=True) == digest
    assert {kind: count for kind, count in stored.by_proof().items() if count} == {proof: 1}


def test_without_a_plan(stored: ProvenFiles) -> None:
    plain = ProvenFiles()
    plain[A] = proven(A, ONE, ONE, "read_back")
    assert plain[A].source == ONE
    assert plain.proof_as_planned(A) is None
    with pytest.raises(KeyError):
        plain.write(A)
