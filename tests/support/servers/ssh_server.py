# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common parts of all SSH servers of the tests in addition to Server: keys, and files for clients."""

from __future__ import annotations

__all__ = ["SshServer"]

from pathlib import Path

from . import ssh_keys
from .accounts import Account
from .ports import LOOPBACK
from .server import Server, write_public
from .ssh_keys import SshKey


class SshServer(Server):
    """One SSH server: see `Server` for how it runs.

    key: a client key that may log in. host_keys: the server's, in its order.
    known_hosts, client_config: files for stock clients, where `server` is the alias of this server.
    """

    def __init__(
        self, root: Path | None, *, account: Account, key: SshKey | None, host_keys: list[SshKey], host: str = LOOPBACK
    ) -> None:
        super().__init__(root, account=account, host=host)
        self.key = key or ssh_keys.key("client")
        self.host_keys = host_keys
        self.known_hosts = self._private / "known_hosts"
        self.client_config = self._private / "ssh_config"

    @property
    def host_public_keys(self) -> list[str]:
        """The host keys as `TYPE BASE64`."""
        return [each.public for each in self.host_keys]

    @property
    def fingerprints(self) -> list[str]:
        """The host keys as `SHA256:BASE64`."""
        return [each.fingerprint for each in self.host_keys]

    def known_hosts_line(self, marker: str = "") -> str:
        """Return the known_hosts lines, each with a line end, of all host keys; `marker` such as @revoked."""
        start = f"{marker} " if marker else ""
        return "".join(f"{start}[{self.host}]:{self.port} {public}\n" for public in self.host_public_keys)

    def _started(self) -> None:
        write_public(self.known_hosts, self.known_hosts_line())
        lines = [
            "Host server",
            f"HostName {self.host}",
            f"Port {self.port}",
            f"User {self.user}",
            f"IdentityFile {self.key.path}",
            "IdentitiesOnly yes",
            "IdentityAgent none",
            "BatchMode yes",
            "StrictHostKeyChecking yes",
            f"UserKnownHostsFile {self.known_hosts}",
            "GlobalKnownHostsFile none",
            "UpdateHostKeys no",
        ]
        write_public(self.client_config, "".join(f"{line}\n" for line in lines))
