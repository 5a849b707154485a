# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common parts of all FTPS servers of the tests in addition to Server: certificates, and the needs of a client."""

from __future__ import annotations

__all__ = ["FtpsOptions", "FtpsServer", "credentials_of", "endpoint_of", "ftps_task", "trust_of"]

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Sequence

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    FTPS,
    Credentials,
    Endpoint,
    TlsTrust,
)

from ..running.processes import descendants
from ..running.task_params import task_params
from .accounts import Account, write_account_files
from .ports import LOOPBACK, listens
from .server import RUN, START_SYSTEM, Server, copy_file
from .server_root import server_root
from .tls_authority import Authority, Certificate, authority

PASSWORD = "correct horse"


@dataclass(frozen=True)
class FtpsOptions:
    """The set-up of a server. account: the only login. certificate: the server's, by default a valid certificate for
    loopback from `authority()`. implicit: TLS from the first byte. versions: the TLS versions offered. reuse: data
    connections must resume the control connection's TLS session. client_authority: clients must show a certificate that
    it signed. jail: the account sees only its tree, as /files. umask: for new files of the account. max_clients,
    max_per_ip: 0 is no limit. config: further lines (or arguments) of the server's own."""

    account: Account = field(default_factory=lambda: Account(password=PASSWORD))
    certificate: Certificate | None = None
    implicit: bool = False
    versions: tuple[str, ...] = ("1.2", "1.3")
    reuse: bool = True
    client_authority: Authority | None = None
    jail: bool = False
    umask: str = "022"
    max_clients: int = 0
    max_per_ip: int = 0
    config: tuple[str, ...] = ()
    address: str = LOOPBACK


class FtpsServer(Server):
    """One FTPS server: see `Server` for how it runs, `FtpsOptions` for the options. Root only.

    It runs in a root file system of its own, so nothing is installed on the machine. password: the account's.
    certificate: the server's. authority: the file of CA certificates with which a client trusts the default
    certificate."""

    packages: ClassVar[Sequence[str]]
    release = ""
    """Of Debian, if not the machine's own."""

    def __init__(self, root: Path | None = None, **options: Any) -> None:
        self.options = FtpsOptions(**options)
        super().__init__(root, account=self.options.account, host=self.options.address)
        self.password = self.account.password
        self.certificate = self.options.certificate or default_certificate()
        self.authority = authority()

    @property
    def remote_root(self) -> str:
        return "/files" if self.options.jail else f"{RUN}/files"

    @property
    def home(self) -> str:
        """Where the account's tree, or the jail that holds it, stands for the server."""
        return f"{RUN}/jail" if self.options.jail else f"{RUN}/files"

    def transcript(self) -> str:
        """Return the commands and replies of all connections so far, in the server's own form."""
        return self.log()

    def _write_configuration(self, port: int) -> list[str]:
        """Write the configuration and give the command, as it is inside the root file system."""
        raise NotImplementedError

    def _command(self, port: int) -> list[str]:
        system = server_root(self.packages, self.release)
        write_account_files(self.account, self.home, self._private)
        (self._private / "root").mkdir(exist_ok=True)
        copy_file(self.certificate.combined, self._private / "server.pem", 0o600)
        if self.options.client_authority is not None:
            copy_file(self.options.client_authority.file, self._private / "clients.pem", 0o644)
        return self._in_namespaces(START_SYSTEM, str(system), *self._write_configuration(port))

    def _listens(self, log: str, port: int) -> bool:
        assert self._process is not None
        return listens(descendants(self._process.pid), port)


_default: list[Certificate] = []


def default_certificate() -> Certificate:
    """Return the certificate that servers show when none is asked for: one for the whole run."""
    if not _default:
        _default.append(authority().server())
    return _default[0]


def endpoint_of(server: FtpsServer, **changes: Any) -> Endpoint:
    """Return the engine's endpoint of `server`."""
    return Endpoint(**{"protocol": FTPS, "host": server.host, "port": server.port, "username": server.user, **changes})


def credentials_of(server: FtpsServer, **changes: Any) -> Credentials:
    """Return credentials that log in to `server`."""
    return Credentials(**{"password": server.password, **changes})


def trust_of(server: FtpsServer, **changes: Any) -> TlsTrust:
    """Return the trust that verifies `server` with its default certificate."""
    mode = "implicit" if server.options.implicit else "explicit"
    return TlsTrust(**{"mode": mode, "ca_file": str(server.authority.file), **changes})


def ftps_task(server: FtpsServer, **options: Any) -> dict[str, Any]:
    """Return the parameters of a secure_sync task with `server` as its peer, as Ansible hands them to the module."""
    return task_params(
        **{
            "protocol": FTPS,
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "password": server.password,
            "tls_mode": "implicit" if server.options.implicit else "explicit",
            "ca_file": str(server.authority.file),
            "dest": server.remote_root,
            **options,
        }
    )
