# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive: members with their digests, and the limit of their sizes."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from random import Random

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import EvidenceTooLarge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.archive import Archive, json_line


def test_sha256sum_confirms_the_members(tmp_path: Path) -> None:
    file = io.BytesIO()
    with Archive(file, 1 << 16, 1.5) as archive:
        archive.add("one", b"1")
        archive.add("files/a\nb \\ c", b"2")
        archive.add_file("shrunk", io.BytesIO(b"ab"), 4)
        archive.add_file("grown", io.BytesIO(b"abcd"), 2)
    with tarfile.open(fileobj=io.BytesIO(file.getvalue())) as tar:
        tar.extractall(tmp_path, filter="data")
    assert (tmp_path / "shrunk").read_bytes() == b"ab\0\0"
    assert (tmp_path / "grown").read_bytes() == b"ab"
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.count("OK") == 4, done


def test_the_limit() -> None:
    archive = Archive(io.BytesIO(), 20000, 0)
    archive.add("one", bytes(archive.room("one", "two") // 2))
    left = archive.room("two")
    assert 3000 < left < 5000
    with pytest.raises(EvidenceTooLarge, match="20000 bytes have no room for two"):
        archive.add("two", bytes(left + 1))
    archive.add("two", bytes(left))
    assert archive.room() == 0


@pytest.mark.parametrize(("most", "members"), [(1 << 15, 1), (1 << 20, 1), (1 << 20, 60), (3 << 20, 2)])
def test_content_that_does_not_become_smaller(most: int, members: int) -> None:
    """With long names and names that need further headers: the archive is never larger than its limit."""
    content, file = Random(3), io.BytesIO()
    names = [f"files/{'n' * (number % 90)}{chr(233) * (number % 7)}{number}" for number in range(members)]
    with Archive(file, most, 1.5) as archive:
        for number, name in enumerate(names):
            archive.add(name, content.randbytes(archive.room(*names[number:]) // (members - number)))
    assert 0.4 * most < len(file.getvalue()) <= most


def test_names_that_are_not_utf_8() -> None:
    assert json_line({"path": "\udcff"}) == b'{"path": "\\udcff"}\n'
