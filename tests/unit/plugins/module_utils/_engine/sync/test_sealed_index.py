# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of contents: read as written, checked by mtree, and refused in any other form."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    UnusableManifest,
    seal,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sealed_listing import (
    SealedIndex,
    read_index,
    write_index,
)
from hypothesis import given
from hypothesis import strategies as st

TIME = 1_600_000_000_123_456_789
A, SUB, B, L, ODD = (RelPath(name) for name in (b"a", b"sub", b"sub/b", b"l", b"two words\n"))
INDEX = SealedIndex(
    {
        A: Entry(FILE, 5, TIME, 0o640),
        SUB: Entry(DIRECTORY, 0, TIME, 0o755),
        B: Entry(FILE, 0, -1, 0o600),
        L: Entry(LINK, 0, 0, 0, b"a"),
        ODD: Entry(FILE, 1, TIME, 0o644),
    },
    {A: sha256(b"alpha").digest(), B: sha256(b"").digest(), ODD: sha256(b"x").digest()},
    {A: b"\1" * 32, B: b"\2" * 32, ODD: b"\3" * 32},
)


def test_an_index_is_read_as_written() -> None:
    special = {**INDEX.tree, RelPath(b"fifo"): Entry(SPECIAL, 0, 0, 0o644)}
    assert read_index(write_index(INDEX._replace(tree=special))) == INDEX


def test_mtree_checks_the_contents_by_it(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    for path, content, mode in (("a", b"alpha", 0o640), ("two words\n", b"x", 0o644)):
        (tree / path).write_bytes(content)
        (tree / path).chmod(mode)
    (tree / "l").symlink_to("a")
    (tree / "sub/b").write_bytes(b"")
    (tree / "sub/b").chmod(0o600)
    index = SealedIndex({**INDEX.tree, B: Entry(FILE, 0, TIME, 0o600)}, INDEX.digests, INDEX.stored)
    for path in ("a", "two words\n", "sub/b", "sub"):
        os.utime(tree / path, ns=(TIME, TIME))
    (tmp_path / "index").write_bytes(write_index(index))
    words = ["mtree", "-f", str(tmp_path / "index"), "-p", str(tree)]
    good = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stdout + good.stderr) == (0, "")
    (tree / "a").write_bytes(b"alphA")
    assert "sha256" in subprocess.run(words, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    "line",
    [
        b"./a type=file mode=0644 size=1 time=1.000000000\n",
        b"./a type=dir mode=0755 size=1 time=1.000000000 sha256digest=%s tags=stored:%s\n" % (b"0" * 64, b"0" * 64),
        b"./../a type=dir mode=0755 time=1.000000000\n",
        b"./d type=dir mode=0755 time=1.000000000\n./d type=dir mode=0755 time=1.000000000\n",
        b"./l type=link link=\\q\n",
        b"junk\n",
    ],
)
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(UnusableManifest):
        read_index(seal(b"#mtree\n. type=dir\n" + line))


@given(at=st.integers(0, 500), new=st.binary(max_size=12), length=st.integers(0, 12))
def test_a_changed_text_with_a_seal_is_read_or_refused(at: int, new: bytes, length: int) -> None:
    body = write_index(INDEX).split(b"# sha256")[0]
    try:
        read = read_index(seal(body[:at] + new + body[at + length :]))
    except UnusableManifest:
        return
    assert all(b".." not in path.split(b"/") for path in read.tree)
    assert set(read.digests) == set(read.stored) <= set(read.tree)


def test_other_texts_are_refused() -> None:
    text = write_index(INDEX)
    for wrong in (text[:-1], text.replace(b"size=5", b"size=6"), seal(b"#mtree\n"), b""):
        with pytest.raises(UnusableManifest):
            read_index(wrong)
