# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs between a local tree and a tree at each FTPS server.

server, ends = every_server(), fresh_ends()
good(ends.run(PULL, delete=True))
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PUSH,
    DeleteLimit,
    SyncRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsOptions,
    FtpsTransport,
)

from ..scenes.sync_pair import codes
from ..servers.ftps_server import FtpsServer, credentials_of, endpoint_of, trust_of
from ..servers.proftpd_ftps import ProftpdFtps
from ..servers.pure_ftpd import PureFtpd
from ..servers.vsftpd import Vsftpd
from ..trees.real_tree import read_tree, write_tree
from ..trees.tree_spec import Directory, TreeSpec

__all__ = ["Ends", "every_server", "fresh_ends", "good", "transport_of"]

SERVERS = {
    "vsftpd": Vsftpd,
    "vsftpd-jail-tls12": partial(Vsftpd, jail=True, versions=("1.2",)),
    "proftpd": partial(ProftpdFtps, umask="077"),
    "pure-ftpd": partial(PureFtpd, umask="077"),
}


def every_server() -> Any:
    """Return a fixture of a module: each server in turn."""

    @pytest.fixture(name="server", scope="module", params=sorted(SERVERS))
    def server(request: pytest.FixtureRequest) -> Iterator[FtpsServer]:
        with SERVERS[request.param]() as running:
            yield running

    return server


def fresh_ends() -> Any:
    """Return a fixture: the two ends of a test."""

    @pytest.fixture(name="ends")
    def ends(server: FtpsServer, tmp_path: Path) -> Ends:
        return Ends(server, tmp_path)

    return ends


class Ends:
    """A local tree and one at the server, and runs between them."""

    def __init__(self, server: FtpsServer, tmp_path: Path) -> None:
        self.server = server
        self.local, self.state = tmp_path / "local", tmp_path / "state"
        name = f"run-{len(list(server.root.iterdir()))}"
        self.remote = server.root / name
        self.remote_root = f"{server.remote_root}/{name}".encode()

    def write_local(self, tree: TreeSpec) -> None:
        write_tree(os.fsencode(self.local), tree)

    def write_remote(self, tree: TreeSpec) -> None:
        write_tree(os.fsencode(self.remote), tree)
        self.server.give(self.remote)

    def trees(self) -> list[dict[bytes, Any]]:
        """The content of both ends; directories without the attributes that vsftpd cannot set."""
        return [
            {
                path: found.mode if isinstance(found, Directory) else found
                for path, found in read_tree(os.fsencode(end)).items()
            }
            for end in (self.local, self.remote)
        ]

    def run(self, direction: str = PUSH, **options: Any) -> SyncReport:
        server = self.server
        return sync(
            SyncRequest(
                direction=direction,
                local_root=os.fsencode(self.local),
                remote_root=self.remote_root,
                endpoint=endpoint_of(server),
                credentials=credentials_of(server),
                trust=SshTrust(),
                tls=trust_of(server),
                state_dir=os.fsencode(self.state),
                run_id=os.urandom(8).hex(),
                **{"max_delete": DeleteLimit(100, True), **options},
            )
        )


def good(report: SyncReport) -> SyncReport:
    assert (report.error, codes(report)) == (None, set())
    return report


def transport_of(ends: Ends, options: FtpsOptions = FtpsOptions()) -> FtpsTransport:  # noqa: B008
    """A transport of the server's tree, logged in."""
    server = ends.server
    transport = FtpsTransport(
        ends.remote_root, partial(FtpsSession, endpoint_of(server), credentials_of(server), trust_of(server)), options
    )
    transport.start()
    return transport
