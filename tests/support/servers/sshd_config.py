# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a test's sshd and the sshd_config(5) text that they mean."""

from __future__ import annotations

__all__ = ["SshdOptions", "render_sshd_config"]

from dataclasses import dataclass
from pathlib import Path

from .accounts import Account
from .ports import LOOPBACK
from .ssh_keys import SshKey

_SFTP_SERVER = "/usr/lib/openssh/sftp-server"


@dataclass(frozen=True)
class SshdOptions:
    """Differences of the server from the default: an account with a shell, key login, sftp-server as the subsystem.

    account: the login; an unprivileged run always uses the user who runs the tests.
    jail: chroot and internal-sftp, no shell, the tree is `/files`. Root only.
    shell: False forces internal-sftp without a chroot.
    host_keys, name: kinds of host key, and which set of them; servers with the same name have the same keys.
    host_ca: sign host certificates for `host_principals`.
    authorized: public keys that may log in; None means a default key, `Sshd.key`.
    key_file: the whole text of authorized_keys, in place of `authorized`.
    user_ca: TrustedUserCAKeys; `principals` are the certificate names that may log in, the account's own by default.
    password, keyboard_interactive: allow these methods with `account.password`. Root only, the second needs PAM.
    methods: AuthenticationMethods, such as "publickey,password".
    subsystem: command of the sftp subsystem; `{files}` and `{support}` become the tree and this package's directory.
    max_sessions, max_startups, max_auth_tries: as in sshd_config(5).
    penalties: OpenSSH's PerSourcePenalties, which would ban the tests' own address.
    forwarding: allow TCP forwarding: a jump host.
    config: further lines, placed first so that they win.
    """

    account: Account = Account()
    jail: bool = False
    shell: bool = True
    host_keys: tuple[str, ...] = ("ed25519",)
    name: str = "server"
    host_ca: SshKey | None = None
    host_principals: str = LOOPBACK
    authorized: tuple[SshKey, ...] | None = None
    key_file: str = ""
    user_ca: SshKey | None = None
    principals: tuple[str, ...] = ()
    revoked_keys: Path | None = None
    password: bool = False
    keyboard_interactive: bool = False
    methods: str = ""
    subsystem: str = ""
    max_sessions: int = 1000
    max_startups: str = "1000"
    max_auth_tries: int = 20
    penalties: bool = False
    forwarding: bool = False
    address: str = LOOPBACK
    config: tuple[str, ...] = ()


def render_sshd_config(options: SshdOptions, private: Path, port: int, places: dict[str, str]) -> str:
    """Return the text of sshd_config. `private` holds keys; `places`: the server's names of files, support and jail."""
    lines = [
        *options.config,
        f"ListenAddress {options.address}:{port}",
        f"PidFile {private}/pid",
        "LogLevel VERBOSE",
        # The private directory lies below /tmp, which everybody may write: StrictModes would refuse it.
        "StrictModes no",
        "LoginGraceTime 30",
        "UseDNS no",
        "PrintMotd no",
        "PrintLastLog no",
        "PermitUserEnvironment no",
        f"MaxSessions {options.max_sessions}",
        f"MaxStartups {options.max_startups}",
        f"MaxAuthTries {options.max_auth_tries}",
        f"PerSourcePenalties {_yes(options.penalties)}",
        f"AllowTcpForwarding {_yes(options.forwarding)}",
        *_host_keys(options, private),
        *_authentication(options, private),
        *_commands(options, places),
    ]
    return "".join(f"{line}\n" for line in lines)


def _host_keys(options: SshdOptions, private: Path) -> list[str]:
    keys = [f"HostKey {private}/host-{kind}" for kind in options.host_keys]
    if options.host_ca is None:
        return keys
    return keys + [f"HostCertificate {private}/host-{kind}-cert.pub" for kind in options.host_keys]


def _authentication(options: SshdOptions, private: Path) -> list[str]:
    lines = [
        f"PermitRootLogin {_yes(options.account.uid == 0)}",
        f"AuthorizedKeysFile {private}/authorized_keys",
        "PubkeyAuthentication yes",
        f"PasswordAuthentication {_yes(options.password)}",
        f"KbdInteractiveAuthentication {_yes(options.keyboard_interactive)}",
        # Without PAM OpenSSH has no source of keyboard-interactive prompts on Linux.
        f"UsePAM {_yes(options.keyboard_interactive)}",
    ]
    if options.user_ca is not None:
        lines.append(f"TrustedUserCAKeys {private}/user_ca.pub")
    if options.principals:
        lines.append(f"AuthorizedPrincipalsFile {private}/principals")
    if options.revoked_keys is not None:
        lines.append(f"RevokedKeys {private}/revoked_keys")
    if options.methods:
        lines.append(f"AuthenticationMethods {options.methods}")
    return lines


def _commands(options: SshdOptions, places: dict[str, str]) -> list[str]:
    forced = options.jail or not options.shell
    default = "internal-sftp" if forced else _SFTP_SERVER
    lines = [f"Subsystem sftp {(options.subsystem or default).format(**places)}"]
    if forced:
        lines += ["ForceCommand internal-sftp", "X11Forwarding no", "AllowAgentForwarding no"]
    if options.jail:
        lines.append(f"ChrootDirectory {places['jail']}")
    return lines


def _yes(value: bool) -> str:
    return "yes" if value else "no"
