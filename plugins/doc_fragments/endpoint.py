# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `_edge.argspec.endpoint`, explained."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  protocol:
    description:
      - Protocol of the connection.
      - V(sftp) is the SSH File Transfer Protocol, version 3.
      - V(ftps) is FTP over TLS. Login, commands, listings and files are always encrypted.
      - An option that has no meaning for the protocol is refused.
    type: str
    choices: [sftp, ftps]
    default: sftp
  host:
    description:
      - Name or address of the server, without user and port. An IPv6 address is written without brackets.
      - An alias of the SSH client's configuration is a valid name, too.
      - If not given, and the module runs on the controller without a change of the user for a host of the inventory
        (C(delegate_to=localhost), or connection V(local)), the variables of that host name the server. O(host) is
        C(ansible_host) or the name of the host, O(port) is C(ansible_port), O(username) is C(ansible_user), and
        O(private_key_file) is C(ansible_ssh_private_key_file) or C(ansible_private_key_file). Options of the task and
        of C(module_defaults) win. A password is never taken from there, nor a value of a fact. With
        O(protocol=ftps), only O(host) is taken.
      - Then O(proxy_jump) and O(ssh_config_file) come from C(-J), C(-o ProxyJump=) and C(-F) in
        C(ansible_ssh_common_args), C(ansible_ssh_extra_args) and C(ansible_ssh_args). Any other argument there fails
        the task.
    type: str
  port:
    description:
      - TCP port of the server.
      - If not given, for V(sftp) the value of the SSH client's configuration for O(host), else 22; for V(ftps) 21 or,
        with C(tls_mode=implicit), 990.
    type: int
    aliases: [dest_port]
  username:
    description:
      - Account on the server.
      - If not given, the value of the SSH client's configuration for O(host), else the name of the user that runs the
        module. Required with O(protocol=ftps).
    type: str
    aliases: [user]
  password:
    description:
      - Password of the account; it also answers the prompt of keyboard-interactive authentication, once.
      - It is sent after the server is proven and after keys were refused. The SSH client receives it through a private
        channel, never in its command line or environment.
      - Required with O(protocol=ftps).
    type: str
  private_key_file:
    description:
      - File with the private key, on the host that runs the module. It must not be readable for others.
      - Mutually exclusive with O(private_key).
    type: path
  private_key:
    description:
      - The text of the private key from C(-----BEGIN) on, for look-ups in a vault.
      - The module never writes it to disk. Ansible does, with all options of a module, in a temporary file, unless
        pipelining is on (C(ansible_pipelining=true)). Line ends that a look-up has changed or removed are corrected.
      - Mutually exclusive with O(private_key_file).
    type: str
  passphrase:
    description: Passphrase of O(private_key_file) or O(private_key).
    type: str
  certificate_file:
    description:
      - File with an SSH user certificate for the key of O(private_key_file), O(private_key) or the agent.
      - Mutually exclusive with O(certificate).
    type: path
  certificate:
    description:
      - The line of an SSH user certificate for the key of O(private_key_file), O(private_key) or the agent, for
        look-ups in a secrets manager that issues a certificate for each run. White space around it does not matter.
      - The certificate of another key is refused. If the server refuses the login, the error names the time at which
        the certificate ended or begins.
      - The module writes it for the OpenSSH client to a private directory of the run, with mode 0600.
      - Over FTPS, it is a client certificate in PEM form, followed by the certificates of its intermediate authorities,
        and O(private_key) is its key. Neither is written to a file. Mutually exclusive with C(client_cert_file).
      - Mutually exclusive with O(certificate_file).
    type: str
    aliases: [signed_key]
    version_added: 0.2.0
  ssh_agent:
    description:
      - Whether keys of the SSH agent at E(SSH_AUTH_SOCK) may be used. The agent is never forwarded. FTPS uses none.
    type: bool
    default: true
  proxy_jump:
    description:
      - Jump hosts to go through, from the first to the last, each as C(host), C(user@host) or C(user@host:port), an
        IPv6 address in brackets.
      - Each jump host is verified with O(known_hosts_file), or with the known_hosts files of the user and the system.
        O(host_keys) applies only to O(host).
    type: list
    elements: str
  ssh_config_file:
    description:
      - Configuration of the SSH client to use, see ssh_config(5); V(none) for no configuration at all.
      - If not given, the configuration of the user and of the system, as with C(ssh) itself.
      - This module always sets the options for trust in a server, for forwarding, and for shared connections itself.
      - It cannot enable a key exchange without a host key (C(GSSAPIKeyExchange)), RSA keys below 2048 bits
        (C(RequiredRSASize), OpenSSH 9.1 and newer), C(ssh-rsa) signatures, key exchange with SHA-1, CBC ciphers or MD5.
    type: path
  ssh_client:
    description:
      - The SSH client.
      - V(openssh) is the program C(ssh), version 8.5 or newer.
      - V(paramiko) is the Python library. Of a configuration it uses C(HostName), C(Port), C(User), C(IdentityFile),
        C(ProxyJump), C(HostKeyAlias) and C(Include); C(ProxyCommand) and C(RevokedHostKeys) fail the task. It cannot
        check host certificates, and refuses a server that is pinned only by an authority.
      - V(auto) uses C(ssh) if it is installed, else paramiko.
    type: str
    choices: [auto, openssh, paramiko]
    default: auto
  connect_timeout:
    description: Seconds within which the server must answer, including the login. It does not limit the transfer.
    type: float
    default: 30.0
    aliases: [timeout]
  stall_timeout:
    description:
      - Seconds without a byte in either direction after which the connection counts as lost. A slow connection with
        progress is never given up.
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
      - There is no second attempt for a server that is not proven, refused credentials, a violation of the protocol,
        and a server that was silent from the start.
    type: int
    default: 3
"""
