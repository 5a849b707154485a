# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real ProFTPD with mod_sftp on a free loopback port: SFTP version 3 with the check-file extensions.

The server comes from a root file system of its own (`server_root`) and runs there in private mount and PID namespaces:
nothing is installed on the machine. Root only. It has the attributes of `Sshd`; its name of the tree is
`/run/sync/files`."""

from __future__ import annotations

__all__ = ["TRANSFERS", "Proftpd", "transfer_log"]

import subprocess
from pathlib import Path

from . import ssh_keys
from .accounts import Account, write_account_files
from .server import RUN, START_SYSTEM, copy_file, write_public
from .server_root import server_root
from .ssh_keys import SshKey
from .ssh_server import SshServer

_ACCOUNT = Account()
_PACKAGES = ("proftpd-core", "proftpd-mod-crypto")
TRANSFERS = f"TransferLog {RUN}/private/transfers"
"""A line of `config`: the server logs its transfers."""


class Proftpd(SshServer):
    """One ProFTPD for an account, with key login and, if the account has a password, password login."""

    def __init__(
        self,
        root: Path | None = None,
        *,
        account: Account = _ACCOUNT,
        authorized: tuple[SshKey, ...] | None = None,
        host_keys: tuple[str, ...] = ("ed25519",),
        name: str = "proftpd",
        config: tuple[str, ...] = (),
    ) -> None:
        keys = [ssh_keys.key(f"host-{name}", kind) for kind in host_keys]
        super().__init__(root, account=account, key=(authorized or (None,))[0], host_keys=keys)
        self._authorized = (self.key,) if authorized is None else authorized
        self._config = config

    @property
    def remote_root(self) -> str:
        return f"{RUN}/files"

    def _command(self, port: int) -> list[str]:
        system = server_root(_PACKAGES)
        write_account_files(self.account, self.remote_root, self._private)
        (self._private / "root").mkdir(exist_ok=True)
        for number, host_key in enumerate(self.host_keys):
            copy_file(host_key.path, self._private / f"host-{number}", 0o600)
        write_public(self._private / "authorized_keys", "".join(map(_rfc4716, self._authorized)))
        write_public(self._private / "proftpd.conf", self._render(port))
        command = ["/usr/sbin/proftpd", "--nodaemon", "--config", f"{RUN}/private/proftpd.conf"]
        return self._in_namespaces(START_SYSTEM, str(system), *command)

    def _listens(self, log: str, port: int) -> bool:
        return "standalone mode STARTUP" in log

    def _render(self, port: int) -> str:
        private = f"{RUN}/private"
        methods = "publickey password" if self.account.password else "publickey"
        lines = [
            "ModulePath /usr/lib/proftpd",
            # mod_sftp answers every transfer with a failure when mod_xfer is missing.
            *(f"LoadModule {name}.c" for name in ("mod_xfer", "mod_ls", "mod_sftp")),
            "ServerType standalone",
            f"ServerName {self.host}",
            f"DefaultAddress {self.host}",
            "SocketBindTight on",
            f"Port {port}",
            "UseIPv6 off",
            "UseReverseDNS off",
            "User nobody",
            "Group nogroup",
            "Umask 022",
            "WtmpLog off",
            # Names are bytes: no conversion to a character set.
            "UseEncoding off",
            *transfer_log(self._config),
            f"PidFile {RUN}/proftpd.pid",
            f"ScoreboardFile {RUN}/scoreboard",
            "RequireValidShell off",
            "RootLogin off",
            "MaxLoginAttempts 6",
            "AuthOrder mod_auth_unix.c",
            "AllowOverwrite on",
            "AllowStoreRestart on",
            "SFTPEngine on",
            f"SFTPLog {private}/sftp-log",
            *(f"SFTPHostKey {private}/host-{number}" for number in range(len(self.host_keys))),
            f"SFTPAuthorizedUserKeys file:{private}/authorized_keys",
            f"SFTPAuthMethods {methods}",
            *self._config,
        ]
        return "".join(f"{line}\n" for line in lines)


def transfer_log(config: tuple[str, ...]) -> list[str]:
    """Return the line that turns off the log of transfers, unless the configuration has such a log."""
    return [] if TRANSFERS in config else ["TransferLog none"]


def _rfc4716(key: SshKey) -> str:
    """Return the public key in the form that mod_sftp reads."""
    command = ["ssh-keygen", "-e", "-m", "RFC4716", "-f", f"{key.path}.pub"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
