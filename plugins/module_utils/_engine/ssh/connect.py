# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SSH client makes the stream: the OpenSSH program, if the engine can use its version, or paramiko."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from typing import Optional, Tuple

from ..errors import ClientMissing, InvalidRequest
from ..model.endpoint import SSH_CLIENTS, Credentials, Endpoint, SshTrust
from .stream import SFTP_SUBSYSTEM, Stream

OLDEST_OPENSSH = (8, 5)
"""KnownHostsCommand and LogVerbose came with 8.5, SSH_ASKPASS_REQUIRE with 8.4."""

_VERSION = re.compile(r"OpenSSH_(?:for_Windows_)?([0-9]+)\.([0-9]+)")

OPENSSH = "openssh"

_CURE = "Install an OpenSSH client (8.5 or newer) or the Python library paramiko on the host that runs the task."


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
