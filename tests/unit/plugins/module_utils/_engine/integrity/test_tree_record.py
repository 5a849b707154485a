# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a tree is read as it was written, and nothing else is believed."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    UnusableManifest,
    read_manifest,
    write_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.tree_record import (
    NO_STAMP,
    TreeRecord,
    from_manifest,
    write_tree_record,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    STAMP,
    Digests,
    Entry,
    Tree,
)
from hypothesis import given
from hypothesis import strategies as st

ABOUT = b"0123-local"
DIGEST = bytes(range(32))
PARTS = st.binary(min_size=1, max_size=6).map(lambda name: name.translate(None, b"/\0.") or b"x")
NAMES = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: RelPath(b"/".join(parts)))
ENTRIES = st.builds(
    Entry,
    st.sampled_from([FILE, DIRECTORY, LINK]),
    st.integers(0, 2**64 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 0o777),
)
TREES = st.dictionaries(NAMES, ENTRIES, max_size=20)


def written(tree: Tree, digests: Digests, stamps: dict[bytes, bytes] | None = None, about: bytes = ABOUT) -> bytes:
    file = BytesIO()
    write_tree_record(file, about, tree, digests, None if stamps is None else stamps.get)
    return file.getvalue()


def read(data: bytes, about: bytes = ABOUT) -> TreeRecord:
    return TreeRecord(BytesIO(data), about, len(data))


@given(TREES, st.data())
def test_it_is_read_as_it_was_written(tree: dict, data: st.DataObject) -> None:
    files = [path for path, entry in tree.items() if entry.kind == FILE]
    known = data.draw(st.sets(st.sampled_from(sorted(files)))) if files else set()
    digests = {path: data.draw(st.binary(min_size=32, max_size=32)) for path in known}
    every = {path: data.draw(st.sampled_from([STAMP.pack(-1, 2**64 - 1), STAMP.pack(5, 1)])) for path in known}
    stamps = data.draw(st.sampled_from([every, None, dict(list(every.items())[:1])]))
    found = read(written(tree, digests, stamps))
    expected = {
        path: (tree[path].size, tree[path].mtime, digest, (stamps or {}).get(path, b""))
        for path, digest in digests.items()
    }
    assert dict(found.files()) == expected
    assert set(found.directories) == {path.rpartition(b"/")[0] for path in expected}
    for path in tree:
        assert found.digest(path) == digests.get(path)
    for directory in found.directories:
        block = found.block(directory)
        assert block is not None
        assert block.rows() == {
            path: (*expected[path][:2], expected[path][3] or NO_STAMP)
            for path in expected
            if path.rpartition(b"/")[0] == directory
        }
    assert found.block(b"not/there") is None


@given(TREES, st.randoms(use_true_random=False))
def test_the_order_of_a_tree_does_not_matter(tree: dict, source: st.random.Random) -> None:
    digests = dict.fromkeys(tree, DIGEST)
    mixed = list(tree)
    source.shuffle(mixed)
    one, other = read(written(tree, digests)), read(written({path: tree[path] for path in mixed}, digests))
    assert set(one.directories) == set(other.directories)
    for directory in one.directories:
        assert one.block(directory) == other.block(directory)


def test_numbers_beyond_64_bits_leave_a_file_out() -> None:
    tree = {
        RelPath(b"large"): Entry(FILE, 1 << 64, 0, 0),
        RelPath(b"late"): Entry(FILE, 1, 1 << 63, 0),
        RelPath(b"early"): Entry(FILE, 1, -(1 << 63) - 1, 0),
        RelPath(b"fits"): Entry(FILE, 1, 0, 0),
    }
    assert [path for path, _file in read(written(tree, dict.fromkeys(tree, DIGEST))).files()] == [b"fits"]


EXAMPLE_TREE: Tree = {RelPath(path): Entry(FILE, 3, 5, 0o644) for path in (b"a", b"b \xff\n", b"d/c", b"d/e/f")}
EXAMPLE = written(EXAMPLE_TREE, dict.fromkeys(EXAMPLE_TREE, DIGEST), dict.fromkeys(EXAMPLE_TREE, STAMP.pack(1, 2)))


def test_cut_or_changed_anywhere() -> None:
    for position in range(len(EXAMPLE)):
        for damaged in (
            EXAMPLE[:position],
            EXAMPLE[:position] + bytes([EXAMPLE[position] ^ 4]) + EXAMPLE[position + 1 :],
            EXAMPLE[:position] + EXAMPLE[position + 1 :],
            EXAMPLE[:position] + b"\0" + EXAMPLE[position:],
        ):
            with pytest.raises(UnusableManifest):
                read(damaged)
    with pytest.raises(UnusableManifest):
        read(EXAMPLE + b"\0")


@pytest.mark.parametrize(
    ("data", "about", "words"),
    [
        (EXAMPLE, b"0124-local", "another pair"),
        (EXAMPLE, b"0123-peer", "another pair"),
        (EXAMPLE.replace(b"record 3", b"record 4"), ABOUT, "another version"),
        (EXAMPLE[:-1], ABOUT, "damaged"),
    ],
)
def test_of_something_else(data: bytes, about: bytes, words: str) -> None:
    with pytest.raises(UnusableManifest, match=words):
        read(data, about)


def sealed(body: bytes) -> bytes:
    """Return blocks as a record with a valid digest, which an attacker with access to the state could write."""
    data = b"secure_sync record 3\n" + ABOUT + b"\n" + body
    return data + hashlib.sha256(data).digest()


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"\xff" * 17,
        b"\xff" * 200,
        b"\0" * 17,
        (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + (1).to_bytes(8, "little") + b"\0dn" + bytes(48) + b"x",
    ],
)
def test_blocks_that_do_not_add_up(body: bytes) -> None:
    with pytest.raises(UnusableManifest, match="damaged"):
        read(sealed(body))


def test_a_directory_twice() -> None:
    block = EXAMPLE[len(b"secure_sync record 3\n" + ABOUT + b"\n") : -32]
    assert len(list(read(sealed(block)).files())) == 4
    with pytest.raises(UnusableManifest, match="damaged"):
        read(sealed(block + block))


@given(st.binary(max_size=200))
def test_sealed_noise_raises_nothing_else(body: bytes) -> None:
    try:
        found = read(sealed(body))
    except UnusableManifest:
        return
    for path, _file in found.files():
        found.digest(path)


def test_the_manifest_of_a_former_version() -> None:
    stamps = {RelPath(b"a"): STAMP.pack(7, 8)}
    manifest = write_manifest(EXAMPLE_TREE, dict.fromkeys(EXAMPLE_TREE, DIGEST), stamps=stamps)
    expected = {path: tuple(recorded) for path, recorded in read_manifest(manifest).items()}
    assert dict(from_manifest(manifest, ABOUT).files()) == expected
    with pytest.raises(UnusableManifest):
        from_manifest(manifest[:-1], ABOUT)


def test_cut_after_it_was_opened() -> None:
    """At each byte of the block: an error with a cure, or the whole block."""
    tree = {RelPath(b"d/%d" % number): Entry(FILE, number, 5, 0o644) for number in range(3)}
    data = written(tree, dict.fromkeys(tree, DIGEST))
    for size in range(len(data)):
        file = BytesIO(data)
        record = TreeRecord(file, ABOUT, len(data))
        file.truncate(size)
        if size < len(data) - 32:
            with pytest.raises(OperationFailed, match="cannot be read any more"):
                record.block(b"d")
        else:
            assert record.digest(b"d/0") == DIGEST
