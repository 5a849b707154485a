# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host keys that a server shows now: nothing is believed of them, and nobody logs in."""

from __future__ import annotations

from ..errors import InvalidRequest
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..sftp.connect_ssh import OPENSSH, ssh_client
from ..sftp.openssh_scan import ShownKeys, scan_openssh
from ..sftp.paramiko_scan import scan_paramiko

__all__ = ["scan_host_keys"]


def scan_host_keys(endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, dns: bool = False) -> ShownKeys:
    """One key of each type; see `scan_openssh` for parameters and errors. Raises InvalidRequest for `dns` without the
    OpenSSH client."""
    if ssh_client(endpoint.ssh_client) == OPENSSH:
        return scan_openssh(endpoint, credentials, trust, dns=dns)
    if dns:
        raise InvalidRequest("sshfp: paramiko cannot do it", cure="Use the OpenSSH client (ssh_client).")
    return scan_paramiko(endpoint, credentials, trust)
