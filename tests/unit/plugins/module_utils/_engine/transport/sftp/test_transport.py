# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport, at an SFTP server behind two pipes. Real servers: integration/test_sftp_contract.py."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
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
