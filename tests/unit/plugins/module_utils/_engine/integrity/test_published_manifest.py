# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Published manifests: the documented text, read again; no other text is read as a set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ManifestTooLarge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity import published_manifest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.header import (
    ManifestHeader,
    format_header,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    UnusableManifest,
    seal,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.published_manifest import (
    PublishedManifest,
    read_published,
    write_published,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Digests,
    Entry,
    Tree,
)
from hypothesis import given
from hypothesis import strategies as st

SECOND = 10**9
DIGEST = bytes(range(32))
HEX = DIGEST.hex().encode()
HEADER = ManifestHeader("4b825dc6" * 4, 17, 1795732800, 1796942400, DIGEST)
NAME = b"MANIFEST"
TREE: Tree = {
    RelPath(b"d/a b"): Entry(FILE, 12, 1700000000 * SECOND + 5, 0o644),
    RelPath(b"d"): Entry(DIRECTORY, 0, SECOND, 0o755),
    RelPath(b"l"): Entry(LINK, 0, 0, 0o777, b"d/#"),
    RelPath(b"fifo"): Entry(SPECIAL, 0, 0, 0o644),
}
DIGESTS: Digests = {RelPath(b"d/a b"): DIGEST}
BEGINNING = format_header(HEADER) + b". type=dir\n./MANIFEST type=dir ignore\n"


def file(name: bytes) -> bytes:
    return b"./%s type=file size=1 sha256digest=%s\n" % (name, HEX)


def test_the_text_is_the_documented_one() -> None:
    body = b"./d type=dir\n./d/a\\040b type=file size=12 sha256digest=%s\n./l type=link link=d/\\043\n" % HEX
    assert write_published(HEADER, TREE, DIGESTS, directory=NAME) == seal(BEGINNING + body)


def test_modes_and_times_come_by_request() -> None:
    body = (
        b"./d type=dir mode=0755 time=1.000000000\n"
        b"./d/a\\040b type=file size=12 mode=0644 time=1700000000.000000005 sha256digest=%s\n"
        b"./l type=link link=d/\\043\n" % HEX
    )
    data = write_published(HEADER, TREE, DIGESTS, directory=NAME, attributes=True)
    assert data == seal(BEGINNING + body)
    read = read_published(data, directory=NAME)
    assert read.attributes
    assert read.tree == {path: entry._replace(mode=0) if entry.kind == LINK else entry for path, entry in TREE.items()
                         if entry.kind != SPECIAL}  # fmt: skip


NAMES = st.binary(min_size=1, max_size=8).filter(
    lambda name: name not in (b".", b"..", NAME) and not set(name) & {0, 47}
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: RelPath(b"/".join(names)))
LEAVES = st.builds(Entry, st.just(FILE), st.integers(0, 2**63 - 1), st.just(0), st.just(0), st.none()) | st.builds(
    Entry, st.just(LINK), st.just(0), st.just(0), st.just(0), st.binary(max_size=8)
)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    leaves = draw(st.dictionaries(PATHS, LEAVES, max_size=8))
    directories = {parent for path in leaves for parent in parents(path)}
    tree: Tree = {path: entry for path, entry in leaves.items() if path not in directories}
    return {**tree, **dict.fromkeys(directories, Entry(DIRECTORY, 0, 0, 0))}


def parents(path: RelPath) -> Iterator[RelPath]:
    while path.parent:
        path = path.parent
        yield path


@given(tree=trees())
def test_what_is_written_is_read_again(tree: Tree) -> None:
    digests: Digests = {path: hashlib.sha256(path).digest() for path, entry in tree.items() if entry.kind == FILE}
    data = write_published(HEADER, tree, digests, directory=NAME)
    assert read_published(data, directory=NAME) == PublishedManifest(HEADER, tree, digests)
    assert data.isascii()


def test_a_file_without_a_digest_is_never_published() -> None:
    with pytest.raises(ValueError, match="no digest"):
        write_published(HEADER, TREE, {}, directory=NAME)


@pytest.mark.parametrize(
    "lines",
    [
        b"\n",
        b"nonsense\n",
        file(b"a") + file(b"a"),
        file(b"a") + file(b"\\141"),
        file(b"a/b"),
        file(b"a") + file(b"a/b"),
        file(b"MANIFEST"),
        b"./MANIFEST type=dir\n" + file(b"MANIFEST/000017.mtree"),
        file(b".."),
        b"./.. type=dir\n" + file(b"../a"),
        b"./\\056\\056 type=dir\n",
        file(b"/a"),
        file(b"a\\"),
        file(b"a")[:-1] + b" mode=0644\n",
        file(b"a").replace(b"size=1", b"size=-1"),
        file(b"a").replace(b" sha256digest=" + HEX, b""),
        file(b"a").replace(b"file", b"fifo"),
        b"./l type=link\n",
        b"./l type=link link=\\q\n",
        b"/set type=file\n",
        file(b"a").replace(b"\n", b" \\\n"),
    ],
)
def test_other_lines_are_refused_under_a_good_seal(lines: bytes) -> None:
    with pytest.raises(UnusableManifest):
        read_published(seal(BEGINNING + lines), directory=NAME)


def test_another_directory_of_manifests_is_refused() -> None:
    data = write_published(HEADER, {}, {}, directory=b"A B")
    assert read_published(data, directory=b"A B").tree == {}
    with pytest.raises(UnusableManifest, match="no line for the directory MANIFEST"):
        read_published(data, directory=NAME)


@pytest.mark.parametrize("length", [0, 40, 300, -1])
def test_a_cut_is_found(length: int) -> None:
    data = write_published(HEADER, TREE, DIGESTS, directory=NAME)
    with pytest.raises(UnusableManifest):
        read_published(data[:length], directory=NAME)


def test_a_manifest_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_published(HEADER, TREE, DIGESTS, directory=NAME)
    monkeypatch.setattr(published_manifest, "ENTRY_LIMIT", 2)
    with pytest.raises(ManifestTooLarge):
        read_published(data, directory=NAME)
    with pytest.raises(ManifestTooLarge):
        write_published(HEADER, TREE, DIGESTS, directory=NAME)
    monkeypatch.setattr(published_manifest, "ENTRY_LIMIT", 10)
    monkeypatch.setattr(published_manifest, "MANIFEST_LIMIT", len(data) - 1)
    with pytest.raises(ManifestTooLarge):
        write_published(HEADER, TREE, DIGESTS, directory=NAME)
    assert ROOT not in TREE
