# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiled form has the content of the text, and nothing else is trusted."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.compiled_manifest import (
    compile_manifest,
    read_compiled,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    SEAL_LENGTH,
    parse_seal,
    read_manifest,
    write_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    STAMP,
    Entry,
)
from hypothesis import given
from hypothesis import strategies as st

SEAL = bytes(range(32))
NAMES = st.binary(min_size=1, max_size=20).map(lambda name: RelPath(name.translate(None, b"/\0.") or b"x"))
ENTRIES = st.builds(
    Entry,
    st.sampled_from([FILE, DIRECTORY, LINK]),
    st.integers(0, 2**63),
    st.integers(-(2**62), 2**62),
    st.integers(0, 0o777),
)
TREES = st.dictionaries(NAMES, ENTRIES, max_size=20)


@given(TREES, st.data())
def test_it_says_what_the_text_says(tree: dict, data: st.DataObject) -> None:
    known = data.draw(st.sets(st.sampled_from(sorted(tree)))) if tree else set()
    digests = {path: data.draw(st.binary(min_size=32, max_size=32)) for path in known if tree[path].kind == FILE}
    stamps = {path: data.draw(st.sampled_from([STAMP.pack(-1, 2**64 - 1), STAMP.pack(5, 0)])) for path in digests}
    stamps = data.draw(st.sampled_from([stamps, {}, dict(list(stamps.items())[:1])]))
    text = write_manifest(tree, digests, stamps=stamps)
    seal = parse_seal(text[-SEAL_LENGTH:])
    compiled = compile_manifest(seal, tree, digests, stamps)
    assert compiled is not None
    records = read_compiled(compiled, seal)
    assert records is not None
    assert dict(records) == {path: tuple(recorded) for path, recorded in read_manifest(text).items()}


def test_of_nothing() -> None:
    records = read_compiled(compile_manifest(SEAL, {}, {}, {}) or b"", SEAL)
    assert records is not None
    assert list(records) == []


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_not_believed(data: bytes) -> None:
    assert read_compiled(data, SEAL) is None


def test_cut_changed_or_of_another_manifest() -> None:
    path = RelPath(b"f")
    data = compile_manifest(SEAL, {path: Entry(FILE, 1, 2, 0o644)}, {path: SEAL}, {}) or b""
    assert dict(read_compiled(data, SEAL) or ()) == {path: (1, 2, SEAL, b"")}
    assert read_compiled(data, SEAL[::-1]) is None
    for position in range(len(data)):
        assert read_compiled(data[:position], SEAL) is None
        assert read_compiled(data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :], SEAL) is None


def test_a_time_beyond_64_bits_is_not_compiled() -> None:
    path = RelPath(b"f")
    assert compile_manifest(SEAL, {path: Entry(FILE, 1, 1 << 64, 0o644)}, {path: SEAL}, {}) is None


def test_a_seal_is_whole_or_nothing() -> None:
    line = write_manifest({}, {})[-SEAL_LENGTH:]
    assert len(parse_seal(line)) == 32
    for damaged in (b"", line[1:], b"x" + line[1:], line[:-2] + b"z\n"):
        assert parse_seal(damaged) == b""
