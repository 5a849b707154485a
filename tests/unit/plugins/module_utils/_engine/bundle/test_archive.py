# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of an archive, which no version of Python may change."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.archive import SECOND, ArchiveWriter
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
)

NAMES = [b"bad\xff\xfe", b"d", b"d/" + b"n" * 200, b"l", b"new\nline", b"plain", "\u00e4".encode()]


def archive(*, mode: int = 0o644, mtime: int = 1_600_000_000 * SECOND) -> bytes:
    out = io.BytesIO()
    writer = ArchiveWriter(out, 1_600_000_000)
    for name in NAMES:
        if name in (b"d", b"l"):
            kind = DIRECTORY if name == b"d" else LINK
            writer.add(RelPath(name), Entry(kind, 0, mtime, 0o755, b"bad\xff" if kind == LINK else None))
        else:
            writer.add(RelPath(name), Entry(FILE, 3, mtime, mode), io.BytesIO(b"abc"))
    writer.close()
    return out.getvalue()


def test_the_bytes_are_the_same_in_every_version() -> None:
    assert hashlib.sha256(archive()).hexdigest() == "0154d8db5620fa3a7124f2b5c590b88bfa3b1be27580c2b88d09fbf0053541f7"


def test_only_permission_bits_and_whole_seconds_count() -> None:
    assert archive(mode=0o107644, mtime=1_600_000_000 * SECOND + 7) == archive()
    assert archive(mode=0o600) != archive()
    assert archive(mtime=1_600_000_001 * SECOND) != archive()


@pytest.mark.parametrize("mtime", [-5, 2**40])
def test_times_that_a_header_cannot_hold(mtime: int) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive(mtime=mtime * SECOND))) as found:
        assert found.getmember("plain").mtime == mtime


def test_members_have_no_owner() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive())) as found:
        assert {(each.uid, each.gid, each.uname, each.gname) for each in found} == {(0, 0, "", "")}
        assert [each.name.encode("utf-8", "surrogateescape") for each in found] == NAMES
