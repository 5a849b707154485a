# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of files at the server: a file that is encrypted is known by its content, too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import PlainForm
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sealed_listing import SealedForm
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.set_files import SetContent
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Digested

A, B = RelPath(b"a"), RelPath(b"b")
HERE, THERE, INSIDE = b"\1" * 32, b"\2" * 32, b"\3" * 32
PAIR = Pair(3, INSIDE, 203, THERE)


def hashing(digest: bytes | None) -> Any:
    return lambda paths: [Digested(path, digest) for path in paths]


def form(*, push: bool, run: Any = None) -> PlainForm:
    sides: Any = SimpleNamespace(push=push, local=SimpleNamespace(digest=hashing(HERE)))
    peer: Any = SimpleNamespace(digest=lambda paths: [SimpleNamespace(digested=each) for each in hashing(THERE)(paths)])
    plain, sealer = (
        PlainForm(sides, peer),
        SimpleNamespace(recipients_digest="r", seal=lambda read, write: write(read())),
    )
    return plain if run is None else SealedForm(plain, run, sealer)  # type: ignore[arg-type]


def test_unknown_contents_are_hashed_where_the_source_is() -> None:
    for push, digest in ((True, HERE), (False, THERE)):
        known = {A: INSIDE}
        assert form(push=push).digests({A: 1, B: 1}, known) == {A: INSIDE, B: digest}
        assert known[B] == digest, "for the comparison"


def test_a_file_whose_content_cannot_be_read_has_no_digest() -> None:
    run = SimpleNamespace(content_digests=lambda known: {}, hash_contents=hashing(None))
    assert form(push=True, run=run).digests({A: 1}, {}) == {}


def test_an_encrypted_file_is_known_by_its_content() -> None:
    run = SimpleNamespace(
        contents=lambda tree: {"contents": tree},
        content_digests=lambda known: dict.fromkeys(known, INSIDE),
        hash_contents=hashing(HERE),
        pair_of=lambda path, digest: PAIR if digest == THERE else None,
    )
    sealed, plain, known = form(push=True, run=run), form(push=True), {A: THERE}
    assert (sealed.tree({}), plain.tree({})) == ({"contents": {}}, {})
    assert sealed.digests({A: 1, B: 1}, known) == {A: INSIDE, B: HERE}
    assert known == {A: THERE}
    assert (sealed.content(A, 203, THERE), plain.content(A, 203, THERE)) == ((3, INSIDE), (203, THERE))
    assert sealed.content(A, 203, HERE) is None


def test_the_size_of_a_file_is_the_listed_size_unless_it_is_sealed_later() -> None:
    listed = Entry(FILE, 3, 0, 0o600)
    assert form(push=True, run=SimpleNamespace()).is_listed(203, listed)
    assert [form(push=True).is_listed(size, listed) for size in (3, 203)] == [True, False]


def test_a_set_has_an_index_of_contents_only_if_its_files_are_sealed() -> None:
    content, run = SetContent({}, {}, []), SimpleNamespace()
    plain, sealed = form(push=True), form(push=True, run=run)
    assert plain.indexed(content, {}) == content
    assert plain.index_file(content) == (b"", None)
    indexed = sealed.indexed(content, {})
    assert indexed.recipients == "r"
    text, file = sealed.index_file(indexed)
    assert text == indexed.contents
    assert file is not None
    assert file.size == len(text)
