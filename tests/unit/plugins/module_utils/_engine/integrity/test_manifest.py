# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests: written manifests are read again; truncated, changed or malicious manifests are not trusted."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import hashlib
import time

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    Recorded,
    UnusableManifest,
    is_about,
    read_manifest,
    recorded_digests,
    write_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    STAMP,
    Digests,
    Entry,
    Stamps,
    Tree,
)
from hypothesis import given, settings
from hypothesis import strategies as st

SECOND = 10**9
DIGEST = bytes(range(32))
HEX = DIGEST.hex().encode()


def file(size: int = 1, mtime: int = 5) -> Entry:
    return Entry(FILE, size, mtime, 0o644)


def sealed(body: bytes) -> bytes:
    return body + b"# sha256 %s\n" % hashlib.sha256(body).hexdigest().encode()


def test_the_text_is_the_documented_one() -> None:
    tree = {
        RelPath(b"d/a b"): file(12, 1700000000 * SECOND + 5),
        RelPath(b"d"): Entry(DIRECTORY, 0, SECOND, 0o755),
        RelPath(b"l"): Entry(LINK, 0, 0, 0o777, b"d/#"),
        RelPath(b"m"): Entry(LINK, 0, 0, 0o777),
        RelPath(b"before"): file(0, -1),
        RelPath(b"fifo"): Entry(SPECIAL, 0, 0, 0o644),
    }
    body = (
        b"#mtree\n"
        b". type=dir\n"
        b"./before type=file mode=0644 size=0 time=-1.999999999\n"
        b"./d type=dir mode=0755 time=1.000000000\n"
        b"./d/a\\040b type=file mode=0644 size=12 time=1700000000.000000005 sha256digest=%s\n"
        b"./l type=link link=d/\\043\n"
        b"./m type=link\n" % HEX
    )
    assert write_manifest(tree, {RelPath(b"d/a b"): DIGEST}) == sealed(body)


NAMES = st.binary(min_size=1, max_size=8).filter(lambda name: name not in (b".", b"..") and not set(name) & {0, 47})
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: RelPath(b"/".join(names)))
ENTRIES = st.builds(
    Entry,
    st.sampled_from([FILE, FILE, FILE, DIRECTORY, LINK, SPECIAL]),
    st.integers(0, 2**64),
    st.integers(-(2**62), 2**62),
    st.integers(0, 0o777),
    st.one_of(st.none(), st.binary(max_size=8)),
)
TREES = st.dictionaries(PATHS, ENTRIES, max_size=8)


@st.composite
def trees_with_digests(draw: st.DrawFn) -> tuple[Tree, Digests, Stamps]:
    tree = draw(TREES)
    known = draw(st.sets(st.sampled_from(sorted(tree)))) if tree else set()
    stamped = draw(st.sets(st.sampled_from(sorted(known)))) if known else set()
    stamps = {path: STAMP.pack(draw(st.integers(-(2**62), 2**62)), draw(st.integers(0, 2**64 - 1))) for path in stamped}
    return tree, {path: hashlib.sha256(path).digest() for path in known}, stamps


@given(side=trees_with_digests())
def test_what_is_written_is_read_again(side: tuple[Tree, Digests, Stamps]) -> None:
    tree, digests, stamps = side
    files = {path: entry for path, entry in tree.items() if entry.kind == FILE and path in digests}
    expected = {p: Recorded(e.size, e.mtime, digests[p], stamps.get(p, b"")) for p, e in files.items()}
    data = write_manifest(tree, digests, stamps=stamps, about=b"something")
    assert read_manifest(data) == expected
    assert is_about(data, b"something")
    assert not is_about(data, b"another")
    # Other tools know nothing of stamps.
    data = write_manifest(tree, digests)
    assert is_about(data, b"something"), "older ones name nothing"
    expected = {path: recorded._replace(stamp=b"") for path, recorded in expected.items()}
    assert read_manifest(data, sealed=False) == expected
    assert read_manifest(data[:-74], sealed=False) == expected
    assert all(type(path) is RelPath for path in read_manifest(data))
    assert data.isascii()


EXAMPLE = write_manifest(
    {RelPath(b"a"): file(), RelPath(b"b\xff"): file(7)}, {RelPath(b"a"): DIGEST, RelPath(b"b\xff"): DIGEST}
)


def test_every_cut_is_found() -> None:
    assert len(read_manifest(EXAMPLE)) == 2
    for length in range(len(EXAMPLE)):
        with pytest.raises(UnusableManifest):
            read_manifest(EXAMPLE[:length])


def test_every_flipped_bit_is_found() -> None:
    for place in range(len(EXAMPLE)):
        for bit in range(8):
            damaged = bytearray(EXAMPLE)
            damaged[place] ^= 1 << bit
            with pytest.raises(UnusableManifest):
                read_manifest(bytes(damaged))


@pytest.mark.parametrize("more", [b"\n", b"./c type=dir\n", EXAMPLE])
def test_what_was_added_is_found(more: bytes) -> None:
    with pytest.raises(UnusableManifest):
        read_manifest(EXAMPLE + more)


def line(name: bytes) -> bytes:
    return b"./%s type=file mode=0644 size=1 time=1.000000000 sha256digest=%s\n" % (name, HEX)


@pytest.mark.parametrize(
    "name",
    [
        b"..",
        b"../a",
        b"a/../b",
        b"/a",
        b"a//b",
        b"a/",
        b"a/.",
        b".",
        b"\\056\\056/a",
        b"a\\057..\\057b",
        b"\\000",
        b"a\\0b",
        b"\\",
    ],
)
def test_names_that_leave_the_tree_are_refused_under_a_good_seal(name: bytes) -> None:
    with pytest.raises(UnusableManifest):
        read_manifest(sealed(line(b"good") + line(name)))


def test_one_name_twice_is_refused() -> None:
    with pytest.raises(UnusableManifest, match="twice"):
        read_manifest(sealed(line(b"a") + line(b"\\141")))


@pytest.mark.parametrize("wanted", [True, False])
@given(data=st.binary(max_size=200))
def test_noise_raises_nothing_else(wanted: bool, data: bytes) -> None:
    try:
        records = read_manifest(data, sealed=wanted)
    except UnusableManifest:
        return
    assert records == {}


WORDS = st.sampled_from(
    [
        *rb"./a ./\ ./\M-a ./\q ./.. . /set type=file type= size=1 size=-1 size=x time=1.0 time=1 time=. = \ #".split(),
        b"sha256=" + HEX,
        b"sha256digest=" + HEX[:-1],
        b"\n",
        b"\xff",
    ]
)


@settings(max_examples=300)
@given(words=st.lists(WORDS, max_size=20), seal=st.booleans())
def test_lines_of_every_shape_raise_nothing_else(words: list[bytes], seal: bool) -> None:
    text = b" ".join(words).replace(b" \n ", b"\n") + b"\n"
    try:
        records = read_manifest(sealed(text) if seal else text, sealed=seal)
    except UnusableManifest:
        return
    assert {record.digest for record in records.values()} <= {DIGEST}


def test_foreign_lines_that_are_not_whole_are_left_out() -> None:
    whole = b"./%s type=file size=3 time=7.5 sha256=%s\n"
    text = (
        b"#mtree\n/set type=file uid=0\n"
        + whole % (b"plain", HEX)
        + whole % (rb"c\s\^A\^?\M-C\M^A\n\#", HEX.upper())
        + whole % (rb"unknown\q", HEX)
        + whole.replace(b" time=7.5", b"") % (b"timeless", HEX)
        + whole.replace(b"time=7.5", b"time=7") % (b"no-fraction", HEX)
        + whole.replace(b"=file", b"=dir") % (b"directory", HEX)
        + whole % (b"short", HEX[:-2])
        + b"./continued type=file size=3 time=7.5 \\\n    sha256=%s\n" % HEX
        + b"relative type=file size=3 time=7.5 sha256=%s\n" % HEX
    )
    recorded = Recorded(3, 7 * SECOND + 5, DIGEST)
    assert read_manifest(text, sealed=False) == {b"plain": recorded, b"c \x01\x7f\xc3\x81\n#": recorded}
    with pytest.raises(UnusableManifest):
        read_manifest(text)


def test_recorded_digests_hold_while_the_stamp_does() -> None:
    names = [RelPath(name) for name in (b"same", b"changed", b"replaced", b"older record")]
    records = dict.fromkeys(names[:3], Recorded(1, 5, DIGEST, STAMP.pack(7, 8)))
    records[names[3]] = Recorded(1, 5, DIGEST)
    tree = dict.fromkeys(names, file())
    stamps = dict(zip(names, [STAMP.pack(7, 8), STAMP.pack(6, 8), STAMP.pack(7, 9), STAMP.pack(7, 8)], strict=True))
    assert recorded_digests(records.items(), tree, stamps) == {names[0]: DIGEST}
    assert recorded_digests(records.items(), tree) == dict.fromkeys(names, DIGEST), "where stamps do not count"


def test_a_stamp_beyond_64_bits_is_refused_under_a_good_seal() -> None:
    body = b"#mtree\n./a type=file mode=0644 size=1 time=1.000000000 sha256digest=%s tags=ctime:1.000000000,inode:%d\n"
    assert read_manifest(sealed(body % (HEX, 2**64 - 1)))
    with pytest.raises(UnusableManifest):
        read_manifest(sealed(body % (HEX, 2**64)))


def test_recorded_digests_hold_while_size_and_mtime_do() -> None:
    names = [RelPath(name) for name in (b"same", b"size", b"mtime", b"kind", b"gone")]
    records = dict.fromkeys(names, Recorded(1, 5, DIGEST))
    same, size, mtime, kind, _gone = names
    tree = {same: file(), size: file(2), mtime: file(1, 6), kind: Entry(LINK, 1, 5, 0o777), RelPath(b"new"): file()}
    assert recorded_digests(records.items(), tree) == {same: DIGEST}


def test_fifty_thousand_files_are_no_burden() -> None:
    tree = {RelPath(b"dir-%03d/file-%05d" % (number // 500, number)): file(number, number) for number in range(50000)}
    digests = dict.fromkeys(tree, DIGEST)
    start = time.process_time()
    data = write_manifest(tree, digests)
    written = time.process_time()
    assert recorded_digests(read_manifest(data).items(), tree) == digests
    read = time.process_time()
    # Far above the measured time, and far below the time of a quadratic step.
    print("50,000 files: written in %.0f ms, read in %.0f ms" % ((written - start) * 1e3, (read - written) * 1e3))
    assert written - start < 2
    assert read - written < 2
