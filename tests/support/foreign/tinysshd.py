# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tinysshd on a free loopback port, in a root file system of its own, with OpenSSH's sftp-server."""

from __future__ import annotations

__all__ = ["Tinysshd"]

from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from ..running.processes import descendants
from ..servers import ssh_keys
from ..servers.accounts import Account, write_account_files
from ..servers.ports import listens
from ..servers.server import RUN, START_SYSTEM
from ..servers.server_root import server_root
from ..servers.ssh_server import SshServer

_START = 'exec socat "TCP-LISTEN:$2,bind=$1,reuseaddr,fork" "EXEC:/usr/sbin/tinysshd -v -x sftp=$3 $4/host-key"'


class Tinysshd(SshServer):
    """One tinysshd: Ed25519, X25519 and ChaCha20 alone."""

    def __init__(self, root: Path | None = None) -> None:
        super().__init__(root, account=Account(), key=None, host_keys=[ssh_keys.key("host-tinysshd")])

    @property
    def remote_root(self) -> str:
        return f"{RUN}/files"

    def _command(self, port: int) -> list[str]:
        system = server_root(("dash", "tinysshd", "socat", "openssh-sftp-server"))
        home, host_key = self._private / "home", self._private / "host-key"
        for place in (self._private / "root", home / ".ssh", host_key):
            place.mkdir(exist_ok=True, parents=True)
        write_account_files(self.account, f"{RUN}/private/home", self._private)
        (home / ".ssh" / "authorized_keys").write_text(f"{self.key.public}\n")
        self.give(home)
        secret = load_ssh_private_key(self.host_keys[0].path.read_bytes(), None)
        seed = secret.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        public = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        (host_key / "ed25519.pk").write_bytes(public)
        (host_key / ".ed25519.sk").write_bytes(seed + public)
        words = (self.host, str(port), "/usr/lib/openssh/sftp-server", f"{RUN}/private")
        return self._in_namespaces(START_SYSTEM, str(system), "/bin/sh", "-c", _START, "sh", *words)

    def _listens(self, log: str, port: int) -> bool:
        assert self._process is not None
        return listens(descendants(self._process.pid), port)
