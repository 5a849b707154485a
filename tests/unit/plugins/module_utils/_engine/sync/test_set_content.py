# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a set: equal for equal sets alone; the list of sums is read by sha256sum."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Digests,
    Entry,
    Tree,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.set_files import SetContent, sums_text

NAMES = [b"a", b"two  words", b"new\nline", b"back\\slash", b"return\r", b"-dash", b"\xff", b" ", b"*"]
TREE: Tree = {
    RelPath(b"d"): Entry(DIRECTORY, 0, 5, 0o755),
    RelPath(b"d/a"): Entry(FILE, 1, 5, 0o644),
    RelPath(b"l"): Entry(LINK, 0, 0, 0o777, b"d"),
}
DIGESTS: Digests = {RelPath(b"d/a"): bytes(32)}


def content(tree: Tree = TREE, digests: Digests = DIGESTS, **sign: Any) -> SetContent:
    return SetContent.of(tree, digests, Signing(**sign), without=frozenset())


def changed(path: bytes, **fields: Any) -> Tree:
    return {**TREE, RelPath(path): TREE[RelPath(path)]._replace(**fields)}


def test_the_order_does_not_matter() -> None:
    turned = dict(reversed(TREE.items()))
    assert content(turned).digest() == content().digest()


@pytest.mark.parametrize(
    ("tree", "digests"),
    [
        ({**TREE, RelPath(b"e"): Entry(DIRECTORY, 0, 0, 0)}, DIGESTS),
        ({path: entry for path, entry in TREE.items() if path != b"l"}, DIGESTS),
        (changed(b"l", target=b"d/a"), DIGESTS),
        (TREE, {RelPath(b"d/a"): b"\1" * 32}),
        ({**TREE, RelPath(b"d/b"): Entry(FILE, 1, 5, 0o644)}, {**DIGESTS, RelPath(b"d/b"): bytes(32)}),
    ],
)
def test_each_difference_shows(tree: Tree, digests: Digests) -> None:
    assert content(tree, digests).digest() != content().digest()


@pytest.mark.parametrize("fields", [{"mode": 0o600}, {"mtime": 6}])
def test_modes_and_times_count_by_request(fields: dict[str, int]) -> None:
    other = changed(b"d/a", **fields)
    assert content(other).digest() == content().digest()
    assert content(other, attributes=True).digest() != content(attributes=True).digest()


def test_entries_that_cannot_be_delivered_are_left_out() -> None:
    more = {**TREE, RelPath(b"fifo"): Entry(SPECIAL, 0, 0, 0), RelPath(b"m"): Entry(LINK, 0, 0, 0)}
    assert content(more) == content()
    assert SetContent.of(TREE, DIGESTS, Signing(), without={b"d/a", b"l"}).tree.keys() == {b"d"}


def test_sha256sum_reads_the_sums(tmp_path: Path) -> None:
    digests: Digests = {}
    for name in NAMES:
        (tmp_path / name.decode("utf-8", "surrogateescape")).write_bytes(name)
        digests[RelPath(name)] = hashlib.sha256(name).digest()
    (tmp_path / "SHA256SUMS").write_bytes(sums_text(digests))
    check = ["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    listed = subprocess.run(["sha256sum", "--", *NAMES], cwd=tmp_path, capture_output=True, check=True).stdout
    assert sorted(listed.splitlines()) == sorted(sums_text(digests).splitlines())


def test_the_sums_belong_to_the_set() -> None:
    wanted = content(sums=True)
    with_sums = wanted.with_sums(b"text", 7)
    assert with_sums.digests[RelPath(b"SHA256SUMS")] == hashlib.sha256(b"text").digest()
    assert with_sums.digest() == wanted.digest() != content().digest()
