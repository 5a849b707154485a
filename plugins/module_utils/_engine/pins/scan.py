# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch the host keys that a server shows now, without a login. They are not trusted."""

from __future__ import annotations

from typing import Tuple

from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..ssh.connect import OPENSSH, ssh_client
from ..ssh.openssh_scan import scan_openssh
from ..ssh.paramiko_scan import scan_paramiko
from ..trust.fingerprint import PublicKey


def scan_host_keys(endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> Tuple[PublicKey, ...]:
    """Fetch one key of each type; see `scan_openssh` for parameters and errors."""
    scan = scan_openssh if ssh_client(endpoint.ssh_client) == OPENSSH else scan_paramiko
    return scan(endpoint, credentials, trust)
