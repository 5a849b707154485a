# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learn a server's other host keys in a session that a pin has proven.

OpenSSH's own extension does it (hostkeys-00@openssh.com, hostkeys-prove-00@openssh.com; PROTOCOL section 2.5): the
server announces its keys, and proves each by a signature over this session's id. ssh checks them and rewrites its
known_hosts; here that is a private copy, and the difference holds the new keys.
"""

from __future__ import annotations

import time
from typing import List, NamedTuple, Tuple

from ..errors import ClientMissing, ConnectionFailed, ConnectTimeout
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..sftp.client import say_hello
from ..sftp.pool import SftpPool
from ..ssh.inputs import check_inputs
from ..ssh.openssh_config import LoginPlan, write_override
from ..ssh.openssh_messages import SshLog
from ..ssh.openssh_stream import OpenSshStream
from ..ssh.stream import OLDEST_OPENSSH, find_openssh, openssh_version
from ..trust.fingerprint import PublicKey
from ..trust.known_hosts import REVOKED, parse_host_keys, parse_known_hosts

_ANNOUNCED = "debug1: client_input_global_request: rtype hostkeys-00@openssh.com"
_TICK = 0.1


class ProvenPins(NamedTuple):
    """The pins that prove the server.

    name: in known_hosts
    revoked: keys that never prove it
    """

    name: str
    keys: Tuple[PublicKey, ...]
    revoked: Tuple[PublicKey, ...] = ()


class Rotation(NamedTuple):
    """The result of learning.

    announced: whether the server announced any keys
    learned: proven by the server and not pinned yet
    unannounced: pinned, and not announced
    """

    announced: bool
    learned: Tuple[PublicKey, ...] = ()
    unannounced: Tuple[PublicKey, ...] = ()


def learn_rotation(endpoint: Endpoint, credentials: Credentials, trust: SshTrust, pins: ProvenPins) -> Rotation:
    """Log in and let ssh learn. trust: for jump hosts. Raises the errors of a login, above all TrustError."""
    check_inputs(endpoint, credentials, trust)
    ssh = find_openssh()
    if ssh is None:
        raise ClientMissing("ssh is not on PATH", cure="Install the OpenSSH client.")
    try:
        session = _Session(endpoint, credentials, trust, pins)
    except OSError as error:
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}") from None
    try:
        session.start(LoginPlan(ssh, openssh_version() or OLDEST_OPENSSH, parse_host_keys(())))
        return session.learn()
    except OSError as error:
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}") from None
    finally:
        session.close()


class _Log(SshLog):
    """Notes too that the server announced its keys: for a note to the user. Pins follow the file that ssh wrote."""

    announced = False

    def _take_debug(self, line: str) -> None:
        self.announced |= line.startswith(_ANNOUNCED)
        super()._take_debug(line)


class _Session(OpenSshStream):
    """A login whose known_hosts is a private copy of the pins."""

    def __init__(self, endpoint: Endpoint, credentials: Credentials, trust: SshTrust, pins: ProvenPins) -> None:
        super().__init__(endpoint, credentials, trust, request=["-s", "sftp"])
        self._pins = pins
        self._endpoint_trust = SshTrust((*_texts("", pins.keys), *_texts(REVOKED + " ", pins.revoked)))
        self._log: _Log = _Log()

    def learn(self) -> Rotation:
        """Wait for the end of a session in which nothing else is done.

        The server answers in order: when its end of the channel has come, so has the proof of its keys.
        """
        say_hello(self)
        self.wait_ready()
        # The greeting comes over the proven session alone; ssh's messages could contain anything.
        SftpPool(stall_timeout=self._endpoint.stall_timeout).add(self)
        self.end_input()
        while self._child is not None and not self._guard.has_ended(self._child):
            if time.monotonic() >= self._deadline:
                raise ConnectTimeout(f"{self._where}: the session does not end", cure="Read the server's log.")
            self._serve(_TICK)
        self.drain_messages()
        return self._difference()

    def _difference(self) -> Rotation:
        with open(self._guard.path("pins"), encoding="utf-8", errors="surrogateescape") as file:
            after = [entry.key for entry in parse_known_hosts(file.read())]
        learned = tuple(key for key in dict.fromkeys(after) if key not in self._pins.keys)
        gone = tuple(key for key in self._pins.keys if key not in after)
        return Rotation(self._log.announced, learned, gone if self._log.announced else ())

    def _configuration(self) -> str:
        """Return the configuration. ssh updates only plain lines: one name each, no pattern, no mark."""
        copy = self._guard.write("pins", "".join(f"{self._pins.name} {key.text}\n" for key in self._pins.keys))
        lines: List[str] = [
            f"UserKnownHostsFile {copy}",
            "GlobalKnownHostsFile none",
            "UpdateHostKeys yes",
        ]
        if self._pins.revoked:
            revoked = self._guard.write("revoked", "".join(f"{key.text}\n" for key in self._pins.revoked))
            lines.append(f"RevokedHostKeys {revoked}")
        return write_override(self._guard, self._endpoint.host, lines, super()._configuration())


def _texts(mark: str, keys: Tuple[PublicKey, ...]) -> Tuple[str, ...]:
    return tuple(mark + key.text for key in keys)
