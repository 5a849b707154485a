# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members that a bundle never has, in archives with a good signature."""

from __future__ import annotations

import io
import tarfile

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.reading import (
    read_archive,
    unusable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from support.scenes.bundle_scene import directory, file, packed, special

LINK = tarfile.SYMTYPE


def code(content: bytes) -> str:
    try:
        return f"{len(read_archive(io.BytesIO(content)))} members"
    except SyncError as error:
        return error.code if error.cure else "no cure"


def test_a_good_archive() -> None:
    content = packed(
        file("a"), directory("d", mode=0o755), file("d/b", b"y" * 600), special("d/l", LINK, linkname="../a"),
        file("n" * 200), file("\udcff"),
    )  # fmt: skip
    found = read_archive(io.BytesIO(content))
    assert [each.member.path for each in found] == [b"a", b"d", b"d/b", b"d/l", b"n" * 200, b"\xff"]
    assert [content[each.offset :][: each.member.entry.size] for each in found][2] == b"y" * 600


@pytest.mark.parametrize(
    "members",
    [
        [file("../a")],
        [file("/a")],
        [file("d/../a")],
        [file("./a")],
        [special("l", LINK, linkname="/etc")],
        [special("l", LINK, linkname="..")],
        [directory("d"), special("d/l", LINK, linkname="../../x")],
        [directory("d"), special("d/l", LINK, linkname="x/../../..")],
    ],
    ids=lambda members: members[-1][0].name,
)
def test_names_that_leave_the_tree(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    assert code(packed(*members)) == "unsafe_name"


@pytest.mark.parametrize(
    "members",
    [
        [file("a"), file("a")],
        [file("b"), file("a")],
        [file("d/a")],
        [special("d", LINK, linkname="e"), file("d/a")],
        [file("d"), file("d/a")],
        [file("a"), special("b", tarfile.LNKTYPE, linkname="a")],
        [special("a", tarfile.CHRTYPE)],
        [special("a", tarfile.BLKTYPE)],
        [special("a", tarfile.FIFOTYPE)],
        [special("a", tarfile.CONTTYPE)],
        [special("d", tarfile.DIRTYPE, packed(file("d/a")))],
        [file("a", uid=1)],
        [file("a", gid=1)],
        [file("a", uname="root")],
        [file("a", mode=0o4755)],
        [file("a", pax_headers={"SCHILY.xattr.user.x": "y"})],
        [file("a", pax_headers={"GNU.sparse.name": "y"})],
        [file("a", pax_headers={"mtime": "inf"})],
    ],
)  # fmt: skip
def test_other_members(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    assert code(packed(*members)) == "protocol_violation"


def test_other_bytes() -> None:
    good = packed(file("a"))
    assert code(good) == "1 members"
    for keyword in ("comment", "mtime"):
        assert code(packed(file("a"), pax={keyword: "5"})) == "protocol_violation"
    for bad in (
        b"",
        good[:-1],
        good[:1024],
        good[:1536],
        good[:700],
        good + b"\0" * 20480,
        good[:-1] + b"x",
        good + good,
    ):
        assert code(bad) == "protocol_violation", len(bad)


def test_an_error_of_the_whole_archive_has_no_path() -> None:
    assert (unusable("it is empty").path, unusable("a link", RelPath(b"l")).path) == (None, b"l")
