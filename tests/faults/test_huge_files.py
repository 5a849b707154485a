# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files over FTPS that are larger than any number of 32 bits."""

from __future__ import annotations

import hashlib
import os
import time
from functools import partial

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsOptions,
    FtpsTransport,
)
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.killed_sessions import lose_sessions_at
from support.servers.vsftpd import Vsftpd


def test_a_huge_file_is_read_and_resumed(long_run: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is lost near the end, in the long run beyond 2^32: the resumed file has the digest of the whole."""
    hole, tail = ((4 << 30) if long_run else 0) + (160 << 20), b"the end"
    with Vsftpd() as server:
        with open(server.root / "huge", "wb") as file:
            file.seek(hole)
            file.write(tail)
        server.give(server.root / "huge")
        transport = FtpsTransport(
            os.fsencode(server.remote_root),
            partial(FtpsSession, endpoint_of(server), credentials_of(server), trust_of(server)),
            FtpsOptions(),
        )
        transport.start()
        began = time.monotonic()
        lose_sessions_at(server, hole - (80 << 20), monkeypatch)
        sizes = {RelPath(b"huge"): hole + len(tail)}
        with pytest.raises(ConnectionLost):
            list(transport.digest(sizes))
        (reached,) = transport.halfway().values()
        transport.reconnect()
        (found,) = transport.digest(sizes)
        print(f"{hole >> 20} MiB in {time.monotonic() - began:.1f} s")
        transport.close()
    expected, zeros = hashlib.sha256(), bytes(16 << 20)
    for _number in range(hole // len(zeros)):
        expected.update(zeros)
    expected.update(tail)
    assert found.error is None
    assert (found.size, found.digest) == (hole + len(tail), expected.digest())
    assert reached > hole - (96 << 20)
