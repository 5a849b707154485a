# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that is one program of this machine: how its start is seen, and which rights it has."""

from __future__ import annotations

__all__ = ["FtpsProgram", "SshProgram", "as_account", "of_environment"]

import os
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from ..running.processes import confine, descendants
from ..running.python_environment import python_environment
from ..servers import ssh_keys
from ..servers.accounts import Account
from ..servers.ftps_server import FtpsServer
from ..servers.ports import listens
from ..servers.server import copy_file, write_public
from ..servers.ssh_server import SshServer

_ACCOUNT = Account()


def as_account(account: Account) -> list[str]:
    """Return the words before a command that let it run as the account."""
    return ["setpriv", f"--reuid={account.uid}", f"--regid={account.uid}", "--clear-groups", "--no-new-privs"]


def of_environment(place: Path, *command: str) -> list[str]:
    """Return the command with the words of requirements/judges.txt's environment, which `place` shows to every account.

    command: its first word is a program of that environment
    """
    place.mkdir(exist_ok=True)
    mounted = ["/bin/sh", "-c", 'mount --bind "$1" "$2"; shift 2; exec "$@"', "sh"]
    return confine(
        [*mounted, str(python_environment("judges")), str(place), str(place / "bin" / command[0]), *command[1:]]
    )


class FtpsProgram(FtpsServer):
    """An FTPS server that sees the directory `root` as its own root. A subclass gives `_program`."""

    packages = ()

    @property
    def remote_root(self) -> str:
        return ""

    def _command(self, port: int) -> list[str]:
        copy_file(self.certificate.combined, self._private / "server.pem", 0o600)
        os.chown(self._private / "server.pem", self.account.uid, self.account.uid)
        return self._program(port, self._private / "server.pem")

    def _program(self, port: int, certificate: Path) -> list[str]:
        """Return the command. certificate: file with key and chain, the account's."""
        raise NotImplementedError

    def _listens(self, log: str, port: int) -> bool:
        return _listening(self._process, port)


class SshProgram(SshServer):
    """An SFTP server for one key; it sees the directory `root` as its own root. A subclass gives `_program`."""

    name: ClassVar[str]
    kind: ClassVar[str] = "ed25519"
    """Of its host key."""

    def __init__(self, root: Path | None = None) -> None:
        host_keys = [ssh_keys.key(f"host-{self.name}", self.kind)]
        super().__init__(root, account=_ACCOUNT, key=None, host_keys=host_keys)

    @property
    def remote_root(self) -> str:
        return ""

    def _command(self, port: int) -> list[str]:
        host_key, authorized = self._private / "host-key", self._private / "authorized_keys"
        copy_file(self.host_keys[0].path, host_key, 0o600)
        os.chown(host_key, self.account.uid, self.account.uid)
        write_public(authorized, f"{self.key.public}\n")
        return self._program(port, host_key, authorized)

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        """Return the command; both files are readable for the account."""
        raise NotImplementedError

    def _listens(self, log: str, port: int) -> bool:
        return _listening(self._process, port)


def _listening(process: subprocess.Popen[Any] | None, port: int) -> bool:
    assert process is not None
    return listens([process.pid, *descendants(process.pid)], port)
