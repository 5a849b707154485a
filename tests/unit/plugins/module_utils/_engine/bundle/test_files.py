# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are read as archives and signatures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.bundle.making import (
    SIGNATURE_LIMIT,
    open_file,
    read_signature,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import KindConflict


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_a_regular_file(directory: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"alpha")
    file = open_file(directory, b"a")
    assert file is not None
    with file:
        assert file.read() == b"alpha"
    assert open_file(directory, b"missing") is None


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_other_kinds(directory: int, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    {"link": lambda: path.symlink_to("b"), "fifo": lambda: os.mkfifo(path), "directory": path.mkdir}[kind]()
    with pytest.raises(KindConflict):
        open_file(directory, b"a")


def test_a_signature_has_a_limit(directory: int, tmp_path: Path) -> None:
    assert read_signature(directory, b"a.sig") == b""
    (tmp_path / "a.sig").write_bytes(b"x" * SIGNATURE_LIMIT)
    assert len(read_signature(directory, b"a.sig")) == SIGNATURE_LIMIT
    (tmp_path / "a.sig").write_bytes(b"x" * (SIGNATURE_LIMIT + 1))
    assert read_signature(directory, b"a.sig") == b""
