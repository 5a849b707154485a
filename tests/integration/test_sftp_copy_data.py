# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request copy-data against real servers: which of them have it, and the bytes that they copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.copy_data import (
    LARGEST_PART,
    CopiedPart,
    copies_data,
    copy_data,
    parts_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    FXF_CREAT,
    FXF_READ,
    FXF_WRITE,
    attributes_field,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import SftpOptions
from support.contracts.sftp_contract import sftp_transport
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd import Proftpd
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd

SCRIPTED = partial(Sshd, subsystem=scripted())
NOTHING = attributes_field(Attributes())


@pytest.fixture(params=[Sshd, SCRIPTED], ids=["sshd", "scripted"])
def server(request: pytest.FixtureRequest) -> Iterator[SshServer]:
    with request.param() as server:
        yield server


@pytest.fixture
def pool(server: SshServer) -> Iterator[SftpPool]:
    with closing(sftp_transport(server, server.remote_root.encode(), "openssh", SftpOptions())) as transport:
        yield transport.pool


def handle(pool: SftpPool, server: SshServer, name: str, flags: int) -> bytes:
    path = f"{server.remote_root}/{name}".encode()
    reply = pool.call(pool.clients[0], lambda handler: pool.clients[0].open(path, flags, NOTHING, handler))
    assert isinstance(reply, bytes)
    return reply


def copy(pool: SftpPool, part: CopiedPart) -> object:
    return pool.call(pool.clients[0], lambda handler: copy_data(pool, pool.clients[0], part, handler))


def test_ranges_land_where_they_were_asked_for(server: SshServer, pool: SftpPool) -> None:
    content = bytes(range(256)) * 1000
    (server.root / "old").write_bytes(content)
    server.give(server.root)
    assert copies_data(pool.clients[0])
    old, new = handle(pool, server, "old", FXF_READ), handle(pool, server, "new", FXF_WRITE | FXF_CREAT)
    assert copy(pool, CopiedPart(old, 3, 100_000, new, 0)) == 0
    assert copy(pool, CopiedPart(old, 100_003, 5, new, 100_000)) == 0
    assert copy(pool, CopiedPart(old, 0, 3, new, 200_000)) == 0
    written = (server.root / "new").read_bytes()
    assert written == content[3:100_008] + bytes(99_995) + content[:3]


def test_the_end_of_the_source_within_a_range_is_no_error(server: SshServer, pool: SftpPool) -> None:
    """A success does not mean that all bytes were copied: a source that has become shorter shows in the copy alone."""
    (server.root / "old").write_bytes(b"12345")
    server.give(server.root)
    old, new = handle(pool, server, "old", FXF_READ), handle(pool, server, "new", FXF_WRITE | FXF_CREAT)
    assert copy(pool, CopiedPart(old, 3, 3, new, 0)) == 0
    assert (server.root / "new").read_bytes() == b"45"
    assert copy(pool, CopiedPart(old, 5, 3, new, 2)) == 0
    assert (server.root / "new").read_bytes() == b"45"


def test_a_large_file_in_parts(server: SshServer, pool: SftpPool) -> None:
    content = bytes(range(256)) * (LARGEST_PART // 256) + b"the rest"
    (server.root / "old").write_bytes(content)
    server.give(server.root)
    old, new = handle(pool, server, "old", FXF_READ), handle(pool, server, "new", FXF_WRITE | FXF_CREAT)
    whole = CopiedPart(old, 0, len(content), new, 0)
    assert [copy(pool, part) for part in parts_of(whole)] == [0, 0]
    assert (server.root / "new").read_bytes() == content


@pytest.mark.parametrize(
    "make",
    [Proftpd, partial(Sshd, subsystem=scripted("no_copy_data"))],
    ids=["proftpd", "scripted"],
)
def test_a_server_without_it_does_not_announce_it(make: Callable[[], SshServer]) -> None:
    with (
        make() as server,
        closing(sftp_transport(server, server.remote_root.encode(), "openssh", SftpOptions())) as transport,
    ):
        assert not copies_data(transport.pool.clients[0])
