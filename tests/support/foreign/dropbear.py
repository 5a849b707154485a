# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dropbear on a free loopback port, in a root file system of its own, with an SFTP server as the forced command."""

from __future__ import annotations

__all__ = ["GREEN_END", "OPENSSH", "PERL", "Dropbear"]

from pathlib import Path

from ..running.processes import descendants
from ..servers import ssh_keys
from ..servers.accounts import Account, write_account_files
from ..servers.ports import listens
from ..servers.server import RUN, START_SYSTEM, copy_file, write_public
from ..servers.server_root import server_root
from ..servers.ssh_server import SshServer

_ACCOUNT = Account()
_START = """set -e
dropbearconvert openssh dropbear /run/sync/private/host-key /run/host-key 2>/dev/null
exec dropbear -F -E -s -r /run/host-key -p "$1" -D /run/sync/private/keys -P /run/dropbear.pid -c "$2"
"""


OPENSSH, GREEN_END, PERL = "openssh-sftp-server", "gesftpserver", "libnet-sftp-sftpserver-perl"
_SERVING = {
    OPENSSH: "/usr/lib/openssh/sftp-server",
    GREEN_END: "/usr/libexec/gesftpserver",
    PERL: "exec /usr/bin/perl -MNet::SFTP::SftpServer -e '"
    f'Net::SFTP::SftpServer->new(home => "{RUN}/files/.")->run()\'',
}


class Dropbear(SshServer):
    """One dropbear. serving: the Debian package of the SFTP server; Perl's shows the tree as `/`."""

    def __init__(self, root: Path | None = None, *, serving: str = OPENSSH) -> None:
        super().__init__(root, account=_ACCOUNT, key=None, host_keys=[ssh_keys.key("host-dropbear")])
        self._serving = serving

    @property
    def remote_root(self) -> str:
        return "" if self._serving == PERL else f"{RUN}/files"

    def _command(self, port: int) -> list[str]:
        system = server_root(("dash", "dropbear-bin", self._serving))
        write_account_files(self.account, self.remote_root, self._private)
        (self._private / "root").mkdir(exist_ok=True)
        copy_file(self.host_keys[0].path, self._private / "host-key", 0o600)
        keys = self._private / "keys"
        keys.mkdir(exist_ok=True)
        write_public(keys / "authorized_keys", f"{self.key.public}\n")
        self.give(keys)
        words = (f"{self.host}:{port}", _SERVING[self._serving])
        return self._in_namespaces(START_SYSTEM, str(system), "/bin/sh", "-c", _START, "sh", *words)

    def _listens(self, log: str, port: int) -> bool:
        assert self._process is not None
        return listens(descendants(self._process.pid), port)
