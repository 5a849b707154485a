# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies to operations on names that no real server sends; real replies are in the contract suite of the integration
tests."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AlreadyExists
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.names import HardLinks, Keep
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.trash_names import kept_names
from support.scripted.pipe_stream import AnsweringStream, packet, version
from support.scripted.sftp_wire import ATTRS, LSTAT, STATUS

OK = struct.pack(">III", 0, 0, 0)
SIZE, PERMISSIONS = 0x1, 0x4
ATTRIBUTES = struct.pack(">IQI", SIZE | PERMISSIONS, 5, 0o100644)


def test_a_server_that_calls_every_name_of_the_trash_taken_is_left() -> None:
    stream = AnsweringStream(
        version(number=3),
        lambda kind, ident: packet(*((ATTRS, ident, ATTRIBUTES) if kind == LSTAT else (STATUS, ident, OK))),
    )
    pool = SftpPool(stall_timeout=10.0)
    try:
        pool.add(stream)
        (done,) = pool.run(
            iter([Keep(RelPath(b"f"), b"/f", kept_names(RelPath(b"trash/f")), HardLinks(pytest.fail), remove=True)])
        )
    finally:
        pool.close()
    assert isinstance(done.error, AlreadyExists)
    assert done.error.path == b"f"
    assert stream.asked.count(LSTAT) == 10_001
