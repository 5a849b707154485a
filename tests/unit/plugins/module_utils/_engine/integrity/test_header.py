# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a published manifest: the documented text, read again, and nothing else is accepted."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.header import (
    HEADER_LINES,
    NO_PREVIOUS,
    IndexFile,
    ManifestHeader,
    UnknownFormat,
    format_header,
    parse_header,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import UnusableManifest
from hypothesis import given
from hypothesis import strategies as st

DIGEST = bytes(range(32))
HEX = DIGEST.hex()
HEADER = ManifestHeader("4b825dc6" * 4, 17, 1795732800, 1796942400, DIGEST)
TEXT = f"""#mtree
# ftp_synchronize manifest 1
# tree: 4b825dc64b825dc64b825dc64b825dc6
# sequence: 17
# issued: 2026-11-26T22:40:00Z
# expires: 2026-12-10T22:40:00Z
# previous: sha256 {HEX}
""".encode()
ENTRIES = b". type=dir\n"

TIMES = st.integers(0, 2**33)
DIGESTS = st.binary(min_size=32, max_size=32)
HEADERS = st.builds(
    ManifestHeader,
    tree=st.binary(min_size=16, max_size=16).map(bytes.hex),
    sequence=st.integers(1, 10**12 - 1),
    issued=TIMES,
    expires=TIMES.map(lambda moment: moment + 2**33 + 1),
    previous=DIGESTS,
    recipients=st.none() | st.just("age 3c1a5b77deadbeef"),
    index_file=st.none() | st.builds(IndexFile, DIGESTS, st.integers(0, 10**12)),
    receipt=st.none() | DIGESTS,
    format=st.just(1),
)


def test_the_text_is_the_documented_one() -> None:
    assert format_header(HEADER) == TEXT
    assert parse_header(TEXT + ENTRIES) == HEADER
    assert bytes(32) == NO_PREVIOUS


@given(header=HEADERS)
def test_what_is_written_is_read_again(header: ManifestHeader) -> None:
    assert parse_header(format_header(header) + ENTRIES) == header


def test_unknown_keys_are_skipped() -> None:
    assert parse_header(TEXT + b"# later_key: anything at all\n" + ENTRIES) == HEADER


def test_another_format_is_refused() -> None:
    with pytest.raises(UnknownFormat, match="its format is 2, and this version reads format 1"):
        parse_header(TEXT.replace(b"manifest 1", b"manifest 2"))


def test_a_head_has_a_limit() -> None:
    known = TEXT.count(b"\n")
    more = b"".join(b"# key%d: x\n" % number for number in range(HEADER_LINES - known))
    assert parse_header(TEXT + more + ENTRIES) == HEADER
    with pytest.raises(UnusableManifest, match="more than 64 lines"):
        parse_header(TEXT + more + b"# one: more\n" + ENTRIES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"#mtree\n", b""),
        (b"#mtree", b"#mtree 2"),
        (b"ftp_synchronize manifest", b"other manifest"),
        (b"manifest 1", b"manifest -1"),
        (b"# tree: 4b", b"# tree: 4"),
        (b"# tree: 4b", b"# tree: 4B"),
        (b"# sequence: 17\n", b""),
        (b"sequence: 17", b"sequence: 017"),
        (b"sequence: 17", b"sequence: 0"),
        (b"sequence: 17", b"sequence: 1000000000000"),
        (b"# sequence: 17\n", b"# sequence: 17\n# sequence: 18\n"),
        (b"# sequence: 17\n", b"# sequence: 17 \n"),
        (b"# sequence: 17\n", b"#sequence: 17\n"),
        (b"2026-11-26T22:40:00Z", b"2026-13-26T22:40:00Z"),
        (b"2026-11-26T22:40:00Z", b"2026-12-26T22:40:00Z"),
        (b"2026-11-26T22:40:00Z", b"2026-11-26T22:40:00+01:00"),
        (b"sha256 00", b"sha1 00"),
        (b"sha256 00", b"sha256 0"),
        (b"# previous", b"# index: sha256 00 1\n# previous"),
        (b"# previous", b"# receipt: sha256 00\n# previous"),
        (b"# previous", b"# recipients: \x80\n# previous"),
    ],
)
def test_a_malformed_head_is_refused(before: bytes, after: bytes) -> None:
    assert before in TEXT
    with pytest.raises(UnusableManifest):
        parse_header(TEXT.replace(before, after, 1) + ENTRIES)


@given(data=st.binary(max_size=200), cut=st.integers(0, len(TEXT)))
def test_noise_raises_nothing_else(data: bytes, cut: int) -> None:
    for text in (data, TEXT[:cut] + data):
        try:
            header = parse_header(text)
        except UnusableManifest:
            continue
        assert header.tree == HEADER.tree
