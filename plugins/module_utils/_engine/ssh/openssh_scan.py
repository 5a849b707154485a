# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host keys that a server shows, fetched with the OpenSSH client, which gives up before any login."""

from __future__ import annotations

import time
from typing import List, Tuple

from ..errors import ClientMissing, ConnectionFailed, ProtocolViolation
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..trust.fingerprint import PublicKey, base_key_type
from ..trust.known_hosts import parse_host_keys
from .inputs import check_inputs
from .openssh_config import PLAIN_ALGORITHMS, LoginPlan, write_override
from .openssh_stream import OpenSshStream
from .stream import OLDEST_OPENSSH, find_openssh, openssh_version

SCAN_PAUSE = 0.5
"""Seconds between two connections: sshd(8) counts each that ends without a login against the address, by
PerSourcePenalties (a second each, and 15 seconds until it acts)."""


def scan_openssh(endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> Tuple[PublicKey, ...]:
    """Fetch one key of each plain type that the server has, without certificates.

    credentials, trust: for jump hosts, which are verified and logged in to; the server itself gets no user name. Raises
    ConnectionFailed, ConnectTimeout, ClientMissing, and for jump hosts the errors of a login.
    """
    endpoint, credentials = endpoint._replace(username=None), credentials._replace(password=None)
    check_inputs(endpoint, credentials, trust)
    ssh = find_openssh()
    if ssh is None:
        raise ClientMissing("ssh is not on PATH", cure="Install the OpenSSH client, or paramiko.")
    try:
        scan = _Scan(endpoint, credentials, trust)
    except OSError as error:
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}") from None
    try:
        scan.start(
            LoginPlan(
                ssh, openssh_version() or OLDEST_OPENSSH, parse_host_keys(()), host_key_algorithms=PLAIN_ALGORITHMS
            )
        )
        return scan.keys()
    except OSError as error:
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}") from None
    finally:
        scan.close()


class _Scan(OpenSshStream):
    """A connection for each type of key, one after the other."""

    def __init__(self, endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> None:
        super().__init__(endpoint, credentials, trust, request=["-s", "sftp"])

    def keys(self) -> Tuple[PublicKey, ...]:
        """Return all keys; the first connection shows the available types."""
        found: List[PublicKey] = []
        types: Tuple[str, ...] = ()
        while True:
            self._login_attempt()
            key = self._shown_key()
            if key is None or key.is_certificate:
                raise ProtocolViolation(f"{self._where} shows no host key")
            found.append(key)
            types = types or tuple(name for name in PLAIN_ALGORITHMS if name in self._log.server_key_types)
            have = {each.key_type for each in found}
            missing = tuple(name for name in types if base_key_type(name) not in have)
            if not missing:
                return tuple(found)
            self._deadline = time.monotonic() + SCAN_PAUSE + self._endpoint.connect_timeout
            self._start_again(missing, pause=SCAN_PAUSE)

    def _configuration(self) -> str:
        lines = [
            "LogLevel DEBUG1",
            "LogVerbose *:kex_buf2prop():*,*:load_identity_file():*",
            f"HostKeyAlgorithms {','.join(self._plan.host_key_algorithms or PLAIN_ALGORITHMS)}",
            "UserKnownHostsFile none",
            "GlobalKnownHostsFile none",
            "RevokedHostKeys none",
            "PreferredAuthentications none",
        ]
        return write_override(self._guard, self._endpoint.host, lines, super()._configuration())

    def _judge(self) -> bool:
        """Handle the end of ssh, which is expected; without a key it is an error."""
        self.drain_messages()
        return self._shown_key() is not None or super()._judge()
