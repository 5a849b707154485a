# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.endpoint`, explained."""

from __future__ import annotations

__all__ = ["ModuleDocFragment"]


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  protocol:
    description:
      - How to talk to the server.
      - V(sftp) is the SSH File Transfer Protocol, version 3.
      - V(ftps) is FTP over TLS. Log-in, commands, listings and files are all encrypted; there is no way to do without.
      - An option that means nothing with the protocol is refused.
    type: str
    choices: [sftp, ftps]
    default: sftp
  host:
    description:
      - Name or address of the server, without user and port. An IPv6 address stands without brackets.
      - An alias of the SSH client's configuration is a name as well.
    type: str
    required: true
  port:
    description:
      - TCP port of the server.
      - If not given, for V(sftp) what the SSH client's configuration says for O(host), else 22; for V(ftps) 21 or,
        with C(tls_mode=implicit), 990.
    type: int
  username:
    description:
      - Account at the server.
      - If not given, what the SSH client's configuration says for O(host), else the name of the user that the module
        runs as. Required with O(protocol=ftps).
    type: str
  password:
    description:
      - Password of the account; it also answers the prompt of keyboard-interactive authentication, once.
      - It is sent after the server was proven and after keys were refused, and handed to the SSH client through a
        private channel, never by its command line or environment.
      - Required with O(protocol=ftps).
    type: str
  private_key_file:
    description:
      - File with the private key, on the host that the module runs on. It must not be readable for others.
      - Mutually exclusive with O(private_key).
    type: path
  private_key:
    description:
      - The private key itself, as text from C(-----BEGIN) on, for look-ups in a vault.
      - The module never writes it to disk. Ansible does, with all options of a module, in a temporary file, unless
        pipelining is on (C(ansible_pipelining=true)). Line ends that a look-up has changed or cut off are mended.
      - Mutually exclusive with O(private_key_file).
    type: str
  passphrase:
    description:
      - Passphrase of O(private_key_file) or O(private_key).
    type: str
  certificate_file:
    description:
      - File with an SSH user certificate for the key of O(private_key_file), O(private_key) or the agent.
    type: path
  ssh_agent:
    description:
      - Whether keys of the SSH agent at E(SSH_AUTH_SOCK) may be used. The agent is never forwarded. FTPS uses none.
    type: bool
    default: true
  proxy_jump:
    description:
      - Jump hosts to go through, from the first to the last, each as C(host), C(user@host) or C(user@host:port), an
        IPv6 address in brackets.
      - Every one is verified by O(known_hosts_file), or by the known_hosts files of the user and the system.
        O(host_keys) is for O(host) alone.
    type: list
    elements: str
  ssh_config_file:
    description:
      - Configuration of the SSH client to use, see ssh_config(5); V(none) for no configuration at all.
      - If not given, that of the user and of the system, as C(ssh) itself does.
      - Whatever it says, what decides about the trust in a server, about forwarding, and about shared connections is
        set by this module.
      - It cannot enable a key exchange without a host key (C(GSSAPIKeyExchange)), RSA keys below 2048 bits
        (C(RequiredRSASize), OpenSSH 9.1 and newer), C(ssh-rsa) signatures, key exchange with SHA-1, CBC ciphers or MD5.
    type: path
  ssh_client:
    description:
      - What makes the SSH connection.
      - V(openssh) is the program C(ssh), version 8.5 or newer.
      - V(paramiko) is the Python library. Of a configuration it takes C(HostName), C(Port), C(User), C(IdentityFile),
        C(ProxyJump), C(HostKeyAlias) and C(Include); C(ProxyCommand) and C(RevokedHostKeys) end the task. It cannot
        check host certificates, and refuses a server that only an authority vouches for.
      - V(auto) takes C(ssh) where it is installed, else paramiko.
    type: str
    choices: [auto, openssh, paramiko]
    default: auto
  connect_timeout:
    description:
      - Seconds until the server must have answered, log-in included.
    type: float
    default: 30.0
  stall_timeout:
    description:
      - Seconds without one byte moved in either direction after which the connection counts as lost. A slow
        connection that moves is never given up.
    type: float
    default: 60.0
  retries:
    description:
      - How often a failed attempt to connect is repeated before the task ends. The pause between two attempts grows
        from half a second to 30 seconds.
      - A connection that is lost during the task is replaced. The same number of attempts in a row is made for that,
        but at least 1.
      - Also how many connections a file or directory may lose when it is transferred alone, at least 1. Then it fails,
        and the task goes on with the others. With V(0) too, a bad item does not end the task.
      - Never tried again are a server that is not proven, credentials that are refused, a violation of the protocol,
        and a server that was silent from the start.
    type: int
    default: 3
"""
