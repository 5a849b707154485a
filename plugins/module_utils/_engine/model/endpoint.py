# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer, how to reach it, how it is proven, and the secrets, kept apart."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

SFTP = "sftp"
FTPS = "ftps"
PROTOCOLS = (SFTP, FTPS)

SSH_CLIENTS = ("auto", "openssh", "paramiko")

EXPLICIT = "explicit"
IMPLICIT = "implicit"
TLS_MODES = (EXPLICIT, IMPLICIT)
TLS_VERSIONS = ("1.2", "1.3")
_SECRETS = ("password", "private_key", "passphrase", "client_key_passphrase")
_LONG = ("certificate",)


class Endpoint(NamedTuple):
    """One server and how to reach it. Timeouts in seconds; port None means the protocol's own or ssh_config's."""

    protocol: str
    host: str
    port: Optional[int] = None
    username: Optional[str] = None
    proxy_jump: Tuple[str, ...] = ()
    ssh_config_file: Optional[str] = None
    ssh_client: str = "auto"
    connect_timeout: float = 30.0
    stall_timeout: float = 60.0

    @property
    def account(self) -> Tuple[bytes, ...]:
        """Return the words by which an account at a server is remembered, the same for each spelling. An ssh_config can
        name another port than 22. Behind another jump host, a private address is another server."""
        port = self.port or (22 if self.protocol == SFTP and self.ssh_config_file == "none" else None)
        return self._replace(host=" ".join((*self.proxy_jump, self.host.lower())), port=port).former_account

    @property
    def former_account(self) -> Tuple[bytes, ...]:
        """Return the words that a former version had in the names of its files."""
        words = (self.protocol, self.host, str(self.port or ""), self.username or "")
        return tuple(word.encode("utf-8", "surrogateescape") for word in words)


class Credentials(NamedTuple):
    """The credentials of a login. Secrets never show in repr."""

    password: Optional[str] = None
    private_key_file: Optional[str] = None
    private_key: Optional[str] = None
    passphrase: Optional[str] = None
    certificate_file: Optional[str] = None
    ssh_agent: bool = True
    client_key_passphrase: Optional[str] = None
    certificate: Optional[str] = None

    @property
    def has_certificate(self) -> bool:
        """Return whether the task has an SSH user certificate."""
        return self.certificate is not None or self.certificate_file is not None

    def __repr__(self) -> str:
        shown = ("%s=%r" % item for item in self._asdict().items() if item[0] not in _SECRETS + _LONG)
        return f"Credentials({', '.join(shown)})"


class SshTrust(NamedTuple):
    """The proofs of an SSH server.

    host_keys: for the endpoint itself: "ssh-ed25519 AAAA...", "SHA256:...", "@cert-authority ssh-ed25519 AAAA...",
    "@revoked ssh-ed25519 AAAA..."
    known_hosts_file: in sshd(8)'s form, for the endpoint and for jump hosts
    If both are missing, the known_hosts files of the user and the system apply.
    """

    host_keys: Tuple[str, ...] = ()
    known_hosts_file: Optional[str] = None


class SshAccount(NamedTuple):
    """An account of an SSH server, and the proofs of the server."""

    endpoint: Endpoint
    credentials: Credentials
    trust: SshTrust


class TlsTrust(NamedTuple):
    """The proofs of an FTPS server, and the client certificate.

    mode: one of TLS_MODES
    ca_file: PEM certificates that may sign the server's certificate, None for the system's store
    pins: "sha256//BASE64" of a public key (SPKI), as in curl: if given, one must match the server's key, in addition to
    all other checks
    client_cert_file, client_key_file: PEM; the key may be in the certificate's file
    min_version: one of TLS_VERSIONS
    ciphers: OpenSSL's cipher list for TLS 1.2, None for Python's default
    """

    mode: str = EXPLICIT
    ca_file: Optional[str] = None
    client_cert_file: Optional[str] = None
    client_key_file: Optional[str] = None
    min_version: str = "1.2"
    ciphers: Optional[str] = None
    pins: Tuple[str, ...] = ()


class PeerIdentity(NamedTuple):
    """Who was met, for the result. Unknown parts are ""; None if the protocol has no such part.

    protocol: "SSH-2.0" or the TLS version of the control connection ("TLSv1.3")
    certificate_fingerprint: "SHA256:" and hexadecimal digits of the certificate
    certificate_pin: its public key in the form of `TlsTrust.pins`
    certificate_expires: "2027-01-31T12:00:00Z"
    data_channel_resumed: whether every data connection so far resumed the control connection's TLS session
    """

    protocol: str
    client: str = ""
    software: str = ""
    host_key_type: str = ""
    host_key_fingerprint: str = ""
    key_exchange: str = ""
    cipher: str = ""
    certificate_subject: Optional[str] = None
    certificate_fingerprint: Optional[str] = None
    certificate_pin: Optional[str] = None
    certificate_expires: Optional[str] = None
    data_channel_resumed: Optional[bool] = None
