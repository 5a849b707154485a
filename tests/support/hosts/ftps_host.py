# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with systemd and no FTP server, on which the roles chroot_jail and ftps_server set up an FTP server.

with FtpsHost(directory) as host:
    host.converge()
    with host.login("partner") as ftp: ...
"""

from __future__ import annotations

__all__ = ["ACCOUNTS", "HASH", "PASSWORD", "FtpsHost"]

import ftplib
import re
import ssl
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from ..running.playbook_process import Outcome
from .host_play import HostPlay, role
from .systemd_host import SystemdHost

PASSWORD = "correct horse battery"
HASH = subprocess.run(
    ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True, check=True
).stdout.strip()
ACCOUNTS = [
    {"name": "partner", "password_hash": HASH, "directories": [{"name": "incoming"}]},
    {"name": "collector", "password_hash": HASH, "access": "upload"},
    {"name": "reader", "password_hash": HASH, "access": "download"},
    {"name": "monitor", "password_hash": HASH},
]
_LOG_SECONDS = 30.0


class _Resuming(ftplib.FTP_TLS):
    """ftplib, with the session of the control connection on data connections, as the server demands; without it if
    `resume` is not set."""

    resume = True

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  # TLS comes next
        if self._prot_p:
            session = self.sock.session if self.resume else None
            connection = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        return connection, size


class FtpsHost:
    """One host. authority: the directory of the private authority, which the role makes on this machine; one of its own
    if not given."""

    def __init__(
        self,
        directory: Path,
        system: str = "debian13",
        accounts: Sequence[dict[str, Any]] = ACCOUNTS,
        *,
        authority: Path | None = None,
    ) -> None:
        self.accounts = list(accounts)
        self.host = SystemdHost(system)
        self.directory = directory
        self.authority = authority or directory / "authority"

    def __enter__(self) -> Self:
        self.host.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.host.__exit__(*exception)

    def converge(self, *options: str, hardened: bool = False, jails: bool = True, **variables: Any) -> Outcome:
        """Run the roles, ftps_server with further variables; `options` are options of ansible-playbook.

        hardened: sftp_server too, first
        """
        tasks = [role("sftp_server")] if hardened else []
        tasks += [role("chroot_jail", chroot_jail_accounts=self.accounts)] if jails else []
        return self.run([*tasks, role("ftps_server", **self.variables(**variables))], *options)

    def run(self, tasks: Sequence[dict[str, Any]], *options: str) -> Outcome:
        """Run any tasks on the host, as root."""
        return HostPlay(self.directory, self.host).run(tasks, *options)

    def variables(self, **variables: Any) -> dict[str, Any]:
        """Return the variables of the role, and further variables; leave out None."""
        given = {
            "ftps_server_accounts": self.accounts,
            "ftps_server_ca_directory": str(self.authority),
            "ftps_server_ca_passphrase": "of the authority",
            "ftps_server_names": [self.host.address, "files.example.com"],
            "ftps_server_test_account": {"username": "monitor", "password": PASSWORD},
            # Its package takes a while; test_login_ban.py has it.
            "ftps_server_ban": False,
            **variables,
        }
        return {name: value for name, value in given.items() if value is not None}

    def inside(self, script: str, **options: Any) -> str:
        """Run a shell script on the host as root, and return its output."""
        return self.host.enter("sh", "-c", script, **options).stdout

    def connect(self, *, resume: bool = True, versions: str = "1.3", source: str = "") -> _Resuming:
        """Return a client that trusts the authority, before its first command. source: its own address."""
        context = ssl.create_default_context(cafile=str(self.authority / "ca.pem"))
        # A session of TLS 1.3 comes with the first reply, which ftplib has read by the time of a transfer.
        context.maximum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[versions]
        client = _Resuming(context=context, timeout=120)
        client.resume = resume
        try:
            client.connect(self.host.address, source_address=(source, 0) if source else None)
        except BaseException:
            client.close()
            raise
        return client

    def login(self, name: str, password: str = PASSWORD, **options: Any) -> _Resuming:
        """Return a client that is logged in, with TLS on both channels."""
        client = self.connect(**options)
        try:
            client.login(name, password)
            client.prot_p()
        except BaseException:
            client.close()
            raise
        return client

    def logged(self, pattern: str) -> str:
        """Return the last line of the server's log that matches; the log may be a little late."""
        deadline = time.monotonic() + _LOG_SECONDS
        while True:
            lines = self.inside("cat /var/log/vsftpd.log; journalctl -q --no-pager -o cat -t vsftpd").splitlines()
            found = [line for line in lines if re.search(pattern, line)]
            if found:
                return found[-1]
            assert time.monotonic() < deadline, f"the log has no line like {pattern!r}:\n" + "\n".join(lines[-20:])
            time.sleep(0.2)
