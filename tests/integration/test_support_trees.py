# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The trees of the tests, and that their digest sees every kind of difference."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.trees.trees import (
    LARGE,
    MTIME,
    ODD_NAMES,
    differences,
    distribution_tree,
    make_large_sparse,
    make_many,
    make_odd_names,
    make_sample,
    tree_digest,
)


def flip(root: Path) -> None:
    """Change one bit and keep size and time."""
    file = root / "with space" / "binary"
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def retarget(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("nothing")


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": flip,
    "size": lambda root: os.truncate(root / "plain", 1),
    "time": lambda root: os.utime(root / "plain", (MTIME, MTIME - 5)),
    "mode": lambda root: (root / "plain").chmod(0o640),
    "directory mode": lambda root: (root / "empty").chmod(0o700),
    "missing file": lambda root: (root / "nothing").unlink(),
    "missing directory": lambda root: (root / "empty").rmdir(),
    "extra": lambda root: (root / "empty" / "new").mkdir(),
    "link": retarget,
    "fifo": lambda root: os.mkfifo(root / "fifo"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_is_one_difference(change: str, tmp_path: Path) -> None:
    make_sample(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two", symlinks=True)
    before = tree_digest(tmp_path / "one")
    assert differences(before, tree_digest(tmp_path / "two")) == []
    CHANGES[change](tmp_path / "two")
    assert len(differences(before, tree_digest(tmp_path / "two"))) == 1


def test_the_digest_agrees_with_find_and_sha256sum(tmp_path: Path) -> None:
    make_sample(tmp_path)
    form = r"%P\0%y\0%m\0%s\0%T@\0"
    command = ["find", ".", "-mindepth", "1", "-printf", form]
    fields = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    words = fields.split(b"\0")[:-1]
    listed = {words[place]: words[place + 1 : place + 5] for place in range(0, len(words), 5)}
    seen = tree_digest(tmp_path)
    assert seen.keys() == listed.keys()
    for name, (kind, mode, size, when) in listed.items():
        assert (seen[name].kind, seen[name].mode) == (kind.decode(), int(mode, 8))
        if kind == b"f":
            assert (seen[name].size, seen[name].mtime) == (int(size), int(float(when)))
            target = os.path.join(os.fsencode(tmp_path), name)
            with open(target, "rb") as file:
                summed = subprocess.run(["sha256sum"], stdin=file, capture_output=True, check=False).stdout
            assert seen[name].content == summed.split()[0]


def test_all_odd_names_are_there(tmp_path: Path) -> None:
    make_odd_names(tmp_path)
    assert set(os.listdir(os.fsencode(tmp_path))) == set(ODD_NAMES)
    assert len(set(ODD_NAMES)) == len(ODD_NAMES)


def test_many_files_differ(tmp_path: Path) -> None:
    assert make_many(tmp_path, 250, size=64) == 250 * 64
    seen = [each for each in tree_digest(tmp_path).values() if each.kind == "f"]
    assert len({each.content for each in seen}) == len(seen) == 250
    assert {each.size for each in seen} == {64}


def test_the_large_file_takes_little_room(tmp_path: Path) -> None:
    make_large_sparse(tmp_path / "large")
    status = (tmp_path / "large").stat()
    assert status.st_size == LARGE > 2**32
    assert status.st_blocks * 512 < 1 << 20


def test_the_distribution_gives_a_tree_with_links() -> None:
    seen = tree_digest(distribution_tree())
    kinds = [each.kind for each in seen.values()]
    print(f"{distribution_tree()}: {kinds.count('f')} files, {kinds.count('d')} directories, {kinds.count('l')} links")
    assert kinds.count("f") >= 1000
    assert kinds.count("l") >= 10
