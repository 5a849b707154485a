# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SSH client makes the stream: the OpenSSH program or paramiko."""

from __future__ import annotations

from ..errors import ClientMissing, InvalidRequest
from ..model.endpoint import SSH_CLIENTS, Credentials, Endpoint, SshTrust
from .openssh_stream import open_openssh
from .openssh_version import OLDEST_OPENSSH, openssh_version
from .stream import SFTP_SUBSYSTEM, Stream

OPENSSH = "openssh"

_CURE = "Install an OpenSSH client (8.5 or newer) or the Python library paramiko on the host that runs the task."


def open_ssh_stream(
    endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, request: str = SFTP_SUBSYSTEM, command: str = ""
) -> Stream:
    """Start a login with the client that `endpoint.ssh_client` names; parameters as for `open_openssh`.

    "auto" takes OpenSSH if it is there and new enough, else paramiko. Raises ClientMissing if there is neither.
    """
    opener = open_openssh if ssh_client(endpoint.ssh_client) == OPENSSH else open_paramiko
    return opener(endpoint, credentials, trust, request=request, command=command)


def open_paramiko(
    endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, request: str, command: str
) -> Stream:
    """Loaded when it is wanted: most runs take the OpenSSH program."""
    from . import paramiko_stream  # pylint: disable=import-outside-toplevel

    return paramiko_stream.open_paramiko(endpoint, credentials, trust, request=request, command=command)


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
