# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real OpenSSH server on a free loopback port, with keys, configuration and accounts of its own.

    with Sshd(jail=True) as server:
        run(["sftp", "-F", server.client_config, "server"])

As root it runs in private mount and PID namespaces: its accounts, its jail and its /run exist for it alone, and the end
of the listener is the end of every session. The tree then has the fixed name `/run/sync/files` (or `/files` in a jail)
for the server and is `Sshd.root` for the test. Mounts below the tree must be made before the server starts.
Unprivileged, sshd can log in only the user who runs it, with a key; jails, passwords and accounts need root.
"""

from __future__ import annotations

__all__ = ["Sshd"]

from pathlib import Path
from typing import Any

from . import ssh_keys
from .accounts import write_account_files
from .server import RUN, copy_file, write_public
from .ssh_server import SshServer
from .sshd_config import SshdOptions, render_sshd_config

_SSHD = "/usr/sbin/sshd"
_PAM = "auth required pam_unix.so nodelay\naccount required pam_permit.so\nsession required pam_permit.so\n"

# Builds the server's own /run below $private and moves it into place last, when nothing outside is needed any more.
_START = r"""set -eu
private=$1; files=$2; support=$3; shift 3
mount -t tmpfs -o mode=755 tmpfs "$private/run"
mkdir -p "$private/run/sshd" "$private/run/sync/jail/files" "$private/run/sync/files" "$private/run/sync/support"
mount --rbind "$files" "$private/run/sync/files"
mount --rbind "$files" "$private/run/sync/jail/files"
mount --bind "$support" "$private/run/sync/support"
for name in passwd group shadow; do mount --bind "$private/$name" "/etc/$name"; done
if [ -e /etc/pam.d/sshd ]; then mount --bind "$private/pam" /etc/pam.d/sshd; fi
mount --no-mtab --move "$private/run" /run
exec "$@"
"""


class Sshd(SshServer):
    """One sshd: see `SshServer` for its attributes, `SshdOptions` for the options."""

    def __init__(self, root: Path | None = None, **options: Any) -> None:
        self.options = SshdOptions(**options)
        kinds, name = self.options.host_keys, self.options.name
        super().__init__(
            root,
            account=self.options.account,
            key=(self.options.authorized or (None,))[0],
            host_keys=[ssh_keys.key(f"host-{name}", kind) for kind in kinds],
            host=self.options.address,
        )

    @property
    def remote_root(self) -> str:
        if not self._privileged:
            return str(self.root)
        return "/files" if self.options.jail else f"{RUN}/files"

    def authority_line(self) -> str:
        """Return the known_hosts line that trusts `options.host_ca` for this server."""
        assert self.options.host_ca is not None, "the server has no host certificate"
        return f"@cert-authority [{self.host}]:{self.port} {self.options.host_ca.public}\n"

    def start(self) -> None:
        self._write_keys()
        super().start()

    def _command(self, port: int) -> list[str]:
        support = str(Path(__file__).parents[1])
        places = {"files": str(self.root), "support": support, "jail": ""}
        if self._privileged:
            places = {"files": f"{RUN}/files", "support": f"{RUN}/support", "jail": f"{RUN}/jail"}
        config = self._private / "sshd_config"
        config.write_text(render_sshd_config(self.options, self._private, port, places))
        command = [_SSHD, "-D", "-f", str(config), "-E", str(self._private / "log")]
        if not self._privileged:
            return command
        write_account_files(self.account, self.remote_root, self._private)
        (self._private / "pam").write_text(_PAM)
        (self._private / "run").mkdir(exist_ok=True)
        return self._in_namespaces(_START, support, *command)

    def _listens(self, log: str, port: int) -> bool:
        return "Server listening on" in log

    def _write_keys(self) -> None:
        for kind, host_key in zip(self.options.host_keys, self.host_keys, strict=True):
            target = self._private / f"host-{kind}"
            copy_file(host_key.path, target, 0o600)
            if self.options.host_ca is not None:
                signed = ssh_keys.certify_host(host_key, self.options.host_ca, principals=self.options.host_principals)
                copy_file(signed.certificate, Path(f"{target}-cert.pub"), 0o644)
        authorized = (self.key,) if self.options.authorized is None else self.options.authorized
        text = self.options.key_file or "".join(f"{each.public}\n" for each in authorized)
        write_public(self._private / "authorized_keys", text)
        if self.options.user_ca is not None:
            write_public(self._private / "user_ca.pub", f"{self.options.user_ca.public}\n")
        if self.options.principals:
            write_public(self._private / "principals", "".join(f"{name}\n" for name in self.options.principals))
        if self.options.revoked_keys is not None:
            copy_file(self.options.revoked_keys, self._private / "revoked_keys", 0o644)
