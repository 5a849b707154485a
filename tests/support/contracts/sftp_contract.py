# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport to a real SFTP server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import EXEC, open_ssh_stream
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)

from ..servers.ssh_server import SshServer
from ..servers.sshd import Sshd
from ..trees.tree_spec import TreeSpec
from .served_contract import ServedContract

Make = Callable[[TreeSpec | None], SftpTransport]


def sftp_transport(server: SshServer, root: bytes, client: str, options: SftpOptions) -> SftpTransport:
    """A transport of the server's directory `root`."""
    endpoint = Endpoint(
        "sftp", server.host, port=server.port, username=server.user, ssh_client=client, ssh_config_file="none"
    )
    credentials = Credentials(private_key_file=str(server.key.path), ssh_agent=False)
    login = partial(open_ssh_stream, endpoint, credentials, SshTrust(host_keys=tuple(server.host_public_keys)))
    return SftpTransport(root, login, lambda command: login(request=EXEC, command=command), options)


class SftpContract(ServedContract):
    client = "openssh"
    options = SftpOptions()
    make_server: ClassVar[Callable[[], SshServer]] = Sshd

    def connect(self, server: SshServer, root: bytes) -> SftpTransport:
        return sftp_transport(server, root, self.client, self.options)
