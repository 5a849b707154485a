# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport, at an SFTP server behind two pipes. Real servers: integration/test_sftp_contract.py."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp import pool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from support.contracts.served_contract import ServedContract
from support.scripted.served_stream import ServedStream, no_exec


class Area:
    """A directory that threads of this process serve."""

    def __init__(self, root: Path) -> None:
        self.root, self.remote_root = root, str(root)

    def give(self, _path: Path) -> None:
        """The files belong to this process."""


class TestOneSession(ServedContract):
    options = SftpOptions(parallel=1)
    behaviours: ClassVar[Sequence[str]] = ()
    levels, small_files = 20, 120

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, tmp_path_factory: pytest.TempPathFactory) -> Area:
        return Area(tmp_path_factory.mktemp("served"))

    def connect(self, _server: Area, root: bytes) -> SftpTransport:
        return SftpTransport(root, partial(ServedStream, behaviours=self.behaviours), no_exec, self.options)


class TestThreeSessions(TestOneSession):
    options = SftpOptions(parallel=3, durable=True)
    small_files = 1100


class TestNoExtensions(TestOneSession):
    behaviours = ("no_extensions", "short_reads")


class TestNoPosixRename(TestOneSession):
    behaviours = ("no_posix_rename", "check_file", "small_limits")


class TestBareAttributes(TestOneSession):
    options = SftpOptions()
    behaviours = ("bare_attributes",)


def test_a_download_goes_on_after_the_window_was_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WINDOW", 64 << 10)
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "there/f").write_bytes(os.urandom(600 << 10))
    far = SftpTransport(bytes(tmp_path / "there"), ServedStream, no_exec, SftpOptions(parallel=1, stall_timeout=10.0))
    with closing(far), closing(LocalTransport(bytes(tmp_path / "here"))) as here:
        entry, path = far.entry_at(RelPath(b"f")), RelPath(b"f")
        assert entry is not None
        assert here.root_entry() is not None
        (staged,) = far.download([Transfer(path, path, RelPath(b"stage"), entry, Attributes(0o640))], here)
    assert staged.error is None
    assert (tmp_path / "here/stage").read_bytes() == (tmp_path / "there/f").read_bytes()


def test_a_root_can_move_before_the_first_look(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two/f").write_text("x")
    with closing(SftpTransport(bytes(tmp_path / "one"), ServedStream, no_exec, SftpOptions(parallel=1))) as far:
        assert far.move_root(bytes(tmp_path / "two"))
        assert far.entry_at(RelPath(b"f")) is not None
