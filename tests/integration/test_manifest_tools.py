# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests and stock tools: mtree (mtree-netbsd) checks the engine's; bsdtar (libarchive-tools) and the engine read
each other's."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.manifest import (
    Recorded,
    read_manifest,
    recorded_digests,
    write_manifest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    STAMP,
    Digests,
    Entry,
    Stamps,
    Tree,
)

ODD_NAMES = [
    b"plain.txt",
    b"two words",
    b" leading",
    b"trailing ",
    b"tab\there",
    b"new\nline",
    b"back\\slash",
    b"\\040",
    b"#comment",
    b"=equals=",
    b"*star[a-z]?",
    b"-dash",
    b"quote'\"`",
    b"\x01\x1b[31m\x7f",
    b"\x80\xff",
    "grün".encode(),
    b"...",
    b"set",
    b"..x",
    b"~",
    b"n" * 255,
]
MTIMES = [
    0,
    1,
    10**9 - 1,
    10**9,
    1_700_000_000_000_000_001,
    1_700_000_000_050_000_000,
    1_700_000_000_999_999_999,
    -1,
    -5_250_000_000,
]


@pytest.fixture
def root(tmp_path: Path) -> bytes:
    """A real directory: odd names at two levels, odd times and modes, empty files and directories, links."""
    top = os.path.join(os.fsencode(tmp_path), b"tree")
    for directory in (b"", b"empty", b"sub dir#", b"sub dir#/deep"):
        os.mkdir(os.path.join(top, directory))
    for number, name in enumerate(ODD_NAMES):
        for directory in (b"", b"sub dir#"):
            path = os.path.join(top, directory, name)
            with open(path, "wb") as stream:
                stream.write(name * number)
            os.chmod(path, [0o644, 0o600, 0o755, 0o440][number % 4])
            os.utime(path, ns=(0, MTIMES[number % len(MTIMES)]))
    os.symlink(b"../two words\n#\\", os.path.join(top, b"sub dir#/link one"))
    os.symlink(b"plain.txt", os.path.join(top, b"link"))
    os.chmod(os.path.join(top, b"empty"), 0o700)
    return top


def scan(root: bytes) -> tuple[Tree, Digests]:
    """By the test's own means, not the engine's."""
    tree, digests, _stamps = scan_stamped(root)
    return tree, digests


def scan_stamped(root: bytes) -> tuple[Tree, Digests, Stamps]:
    tree: Tree = {}
    digests: Digests = {}
    stamps: Stamps = {}
    for place, directories, names in os.walk(root):
        for name in directories + names:
            full = os.path.join(place, name)
            path = RelPath(os.path.relpath(full, root))
            found = os.lstat(full)
            mode = stat.S_IMODE(found.st_mode)
            if stat.S_ISREG(found.st_mode):
                tree[path] = Entry(FILE, found.st_size, found.st_mtime_ns, mode)
                stamps[path] = STAMP.pack(found.st_ctime_ns, found.st_ino)
                with open(full, "rb") as stream:
                    digests[path] = hashlib.sha256(stream.read()).digest()
            elif stat.S_ISDIR(found.st_mode):
                tree[path] = Entry(DIRECTORY, 0, found.st_mtime_ns, mode)
            else:
                tree[path] = Entry(LINK, 0, found.st_mtime_ns, 0o777, os.readlink(full))
    return tree, digests, stamps


def check(manifest: bytes, root: bytes) -> tuple[int, str]:
    """mtree's exit status (2: something differs) and its output."""
    done = subprocess.run(["mtree", "-p", root], input=manifest, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "backslashreplace")


def expected(tree: Tree, digests: Digests) -> dict[RelPath, Recorded]:
    return {path: Recorded(tree[path].size, tree[path].mtime, digest) for path, digest in digests.items()}


def test_mtree_accepts_the_tree(root: bytes) -> None:
    tree, digests = scan(root)
    assert len(digests) == 2 * len(ODD_NAMES)
    assert check(write_manifest(tree, digests), root) == (0, "")


def test_mtree_and_bsdtar_read_records_with_stamps(root: bytes) -> None:
    tree, digests, stamps = scan_stamped(root)
    manifest = write_manifest(tree, digests, stamps=stamps, about=b"0123abcd-local")
    assert manifest.count(b" tags=ctime:") == len(digests)
    assert check(manifest, root) == (0, "")
    keywords = ["-k", "type,size,mode,time,sha256"]
    flat = subprocess.run(["mtree", "-C", *keywords], input=manifest, capture_output=True, check=True)
    assert read_manifest(flat.stdout, sealed=False) == expected(tree, digests)
    told = subprocess.run(["bsdtar", "-tf", "-"], cwd=root, input=manifest, capture_output=True, check=True)
    assert len(told.stdout.splitlines()) == len(tree) + 1
    assert told.stderr == b""


@pytest.mark.parametrize("name", [b"plain.txt", b"sub dir#/*star[a-z]?", b"\x80\xff", b"sub dir#/new\nline"])
def test_mtree_finds_a_flipped_byte_with_size_and_mtime_kept(root: bytes, name: bytes) -> None:
    manifest = write_manifest(*scan(root))
    path = os.path.join(root, name)
    with open(path, "r+b") as stream:
        content = stream.read() or b"?"
        before = os.stat(path)
        stream.seek(0)
        stream.write(bytes([content[0] ^ 1]) + content[1:])
    os.utime(path, ns=(0, before.st_mtime_ns))
    status, words = check(manifest, root)
    assert status == 2
    assert "sha256" in words or "size" in words


@pytest.mark.parametrize("change", ["mode", "mtime", "link", "missing", "extra"])
def test_mtree_finds_other_changes(root: bytes, change: str) -> None:
    manifest = write_manifest(*scan(root))
    path = os.path.join(root, b"two words")
    if change == "mode":
        os.chmod(path, 0o604)
    elif change == "mtime":
        # mtree compares microseconds.
        os.utime(path, ns=(0, os.stat(path).st_mtime_ns + 1000))
    elif change == "link":
        os.remove(os.path.join(root, b"link"))
        os.symlink(b"elsewhere", os.path.join(root, b"link"))
    elif change == "missing":
        os.remove(path)
    else:
        os.mkfifo(os.path.join(root, b"fifo"))
    assert check(manifest, root)[1] != ""


def test_bsdtar_reads_every_name_of_ours(root: bytes) -> None:
    tree, digests = scan(root)
    # -tf prints names for people; written out as a manifest again they come back byte by byte.
    done = subprocess.run(
        ["bsdtar", "-cf", "-", "--format=mtree", "--options=!all,type,size,time,sha256", "@-"],
        cwd=root,
        input=write_manifest(tree, digests),
        capture_output=True,
        check=True,
    )
    assert read_names(done.stdout) == {b"." if not path else b"./" + path for path in [b"", *tree]}


def read_names(manifest: bytes) -> set[bytes]:
    """The names in a manifest of bsdtar's, whose escapes are octal only; by the test's own means."""
    names = set()
    for line in manifest.splitlines()[1:]:
        name = line.split(b" ")[0]
        names.add(name.decode("latin-1").encode().decode("unicode_escape").encode("latin-1"))
    return names


def test_what_bsdtar_writes_is_read(root: bytes) -> None:
    tree, digests = scan(root)
    done = subprocess.run(
        ["bsdtar", "-cf", "-", "--format=mtree", "--options=!all,type,size,mode,time,sha256", "."],
        cwd=root,
        capture_output=True,
        check=True,
    )
    records = read_manifest(done.stdout, sealed=False)
    assert records == expected(tree, digests)
    assert recorded_digests(records.items(), tree) == digests


def test_what_mtree_writes_is_read(root: bytes) -> None:
    tree, digests = scan(root)
    keywords = ["-k", "type,size,mode,time,sha256"]
    made = subprocess.run(["mtree", "-c", "-p", root, *keywords], capture_output=True, check=True)
    flat = subprocess.run(["mtree", "-C", *keywords], input=made.stdout, capture_output=True, check=True)
    assert read_manifest(flat.stdout, sealed=False) == expected(tree, digests)
