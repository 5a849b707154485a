# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of deliveries knows a file by its content: a file that is encrypted, too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.pairs import Pair
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.deliveries import Delivered
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.drop_box import DeliveryContents
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Digested

A, B = RelPath(b"a"), RelPath(b"b")
HERE, THERE, INSIDE = b"\1" * 32, b"\2" * 32, b"\3" * 32
PAIR = Pair(3, INSIDE, 203, THERE)


def hashing(digest: bytes | None) -> Any:
    return lambda paths: [Digested(path, digest) for path in paths]


def contents(*, push: bool, sealed: Any = None) -> DeliveryContents:
    sides: Any = SimpleNamespace(push=push, local=SimpleNamespace(digest=hashing(HERE)))
    peer: Any = SimpleNamespace(digest=lambda paths: [SimpleNamespace(digested=each) for each in hashing(THERE)(paths)])
    return DeliveryContents(sides, peer, sealed)


def test_unknown_contents_are_hashed_where_the_source_is() -> None:
    for push, digest in ((True, HERE), (False, THERE)):
        known = {A: INSIDE}
        assert contents(push=push).digests({A: 1, B: 1}, known) == {A: INSIDE, B: digest}
        assert known[B] == digest, "for the comparison"


def test_a_file_whose_content_cannot_be_read_has_no_digest() -> None:
    sealed = SimpleNamespace(content_digests=lambda known: {}, hash_contents=hashing(None))
    assert contents(push=True, sealed=sealed).digests({A: 1}, {}) == {}


def test_an_encrypted_file_is_known_by_its_content() -> None:
    sealed = SimpleNamespace(
        contents=lambda tree: {"contents": tree},
        content_digests=lambda known: dict.fromkeys(known, INSIDE),
        hash_contents=hashing(HERE),
        pair_of=lambda path, digest: PAIR if digest == THERE else None,
    )
    made, known = contents(push=True, sealed=sealed), {A: THERE}
    assert made.tree({}) == {"contents": {}}
    assert made.digests({A: 1, B: 1}, known) == {A: INSIDE, B: HERE}
    assert known == {A: THERE}
    assert made.delivered(A, 203, 5, THERE, "read_back") == Delivered(3, 5, INSIDE, "read_back")
    assert made.delivered(A, 203, 5, HERE, "read_back") is None
    assert contents(push=True).delivered(A, 203, 5, THERE, "") == Delivered(203, 5, THERE, "")
