# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stream: the bytes between the SFTP client and an SFTP server, and which SSH client makes it: the OpenSSH program, if
the engine can use its version, or paramiko."""

from __future__ import annotations

import functools
import os
import re
import shutil
import socket
import subprocess
from abc import ABC, abstractmethod
from typing import Optional, Tuple

from ..errors import ClientMissing, InvalidRequest, SyncError
from ..model.endpoint import SSH_CLIENTS, Credentials, Endpoint, PeerIdentity, SshTrust

SFTP_SUBSYSTEM = "sftp"
EXEC = "exec"
_SIZE = 208 << 10
"""The default buffer size of a system (net.core.wmem_default), small enough to stay in a processor's cache."""
OLDEST_OPENSSH = (8, 5)
"""KnownHostsCommand and LogVerbose came with 8.5, SSH_ASKPASS_REQUIRE with 8.4."""

_VERSION = re.compile(r"OpenSSH_(?:for_Windows_)?([0-9]+)\.([0-9]+)")

OPENSSH = "openssh"

_CURE = "Install an OpenSSH client (8.5 or newer) or the Python library paramiko on the host that runs the task."


class Stream(ABC):
    """An authenticated channel as two non-blocking file descriptors.

    A stream is made by an opener (`open_openssh`, `open_paramiko`), which starts the connection and returns at once, so
    that the caller can work while the login goes on. `wait_ready` ends the login. The peer's identity is decided before
    any credential is sent. After `wait_ready` the client alone reads and writes the descriptors, and calls
    `drain_messages` whenever `message_fd` is readable.
    """

    read_fd: int
    write_fd: int
    message_fd: Optional[int] = None
    """Readable when the other program has written a message (ssh's stderr); None without such a descriptor."""

    @abstractmethod
    def wait_ready(self) -> PeerIdentity:
        """Wait until the channel is open, at most the endpoint's connect_timeout since the start.

        Raises TrustError, AuthenticationFailed, ConnectionFailed (all with a cure); closes the stream when it raises.
        """

    @abstractmethod
    def drain_messages(self) -> None:
        """Read the bytes of `message_fd`, keep the last few KiB for `failure`."""

    def end_input(self) -> None:
        """Close `write_fd`: the program at the far end sees the end of its input."""
        if self.write_fd >= 0:
            os.close(self.write_fd)
            self.write_fd = -1

    @abstractmethod
    def failure(self) -> SyncError:
        """Return why `read_fd` ended: ConnectionLost with the known reason. Never raises."""

    @abstractmethod
    def cut(self) -> None:
        """For any thread: end the login; a thread in `wait_ready` gets a SyncError. Does nothing after the login. Never
        raises."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection and end all its processes. May be called twice."""


def one_way() -> Tuple[int, int]:
    """Return reader and writer of a socket pair, for one direction of a stream.

    A writer that waits for a pipe is woken for each page that is read; a writer that waits for a socket, when most of
    its buffer is free (unix(7)): far fewer switches between the processes.
    """
    reader, writer = socket.socketpair()
    writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SIZE)
    return reader.detach(), writer.detach()


def open_ssh_stream(
    endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, request: str = SFTP_SUBSYSTEM, command: str = ""
) -> Stream:
    """Start a login with the client that `endpoint.ssh_client` names; parameters as for `open_openssh`.

    "auto" takes OpenSSH if it is there and new enough, else paramiko. Raises ClientMissing if there is neither.
    """
    if ssh_client(endpoint.ssh_client) == OPENSSH:
        from .openssh_stream import open_openssh as opener  # pylint: disable=import-outside-toplevel
    else:
        from .paramiko_stream import open_paramiko as opener  # pylint: disable=import-outside-toplevel
    return opener(endpoint, credentials, trust, request=request, command=command)


def ssh_client(wanted: str) -> str:
    """Return the client to use, "openssh" or "paramiko", for the option `ssh_client`. Raises ClientMissing."""
    if wanted not in SSH_CLIENTS:
        raise InvalidRequest(f"ssh_client: must be one of {', '.join(SSH_CLIENTS)}")
    version = openssh_version() if wanted != "paramiko" else None
    if version is not None and version >= OLDEST_OPENSSH:
        return OPENSSH
    if wanted == OPENSSH:
        found = "not found" if version is None else "found OpenSSH %d.%d" % version
        raise ClientMissing(f"ssh_client: is openssh, but no usable ssh is on PATH: {found}", cure=_CURE)
    from .paramiko_config import has_paramiko  # pylint: disable=import-outside-toplevel

    if not has_paramiko():
        raise ClientMissing("neither a usable OpenSSH client nor paramiko is installed", cure=_CURE)
    return "paramiko"


def find_openssh() -> Optional[str]:
    """Return the path of `ssh`; None if there is none."""
    return shutil.which("ssh")


def ask_openssh() -> None:
    """Start to read the version of the `ssh` on PATH, so that `openssh_version` need not wait."""
    program = find_openssh()
    if program is not None:
        _asked(program)


def openssh_version() -> Optional[Tuple[int, int]]:
    """Return the version of the `ssh` on PATH; None if there is none or it is not OpenSSH."""
    program = find_openssh()
    return None if program is None else _asked(program).version


class _Asked:
    """A program that was started to print its version, within ten seconds."""

    def __init__(self, program: str) -> None:
        try:
            # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
            self._process: Optional[subprocess.Popen[bytes]] = subprocess.Popen(
                [program, "-V"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError:
            self._process = None

    @functools.cached_property
    def version(self) -> Optional[Tuple[int, int]]:
        """Return the version; None if it is not OpenSSH, or prints nothing."""
        if self._process is None:
            return None
        with self._process as process:
            try:
                output, _nothing = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
        match = _VERSION.search(output.decode("ascii", "replace"))
        return (int(match.group(1)), int(match.group(2))) if match else None


_asked = functools.cache(_Asked)
