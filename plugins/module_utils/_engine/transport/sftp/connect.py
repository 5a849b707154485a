# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a SyncRequest to an SFTP transport."""

from __future__ import annotations

from functools import partial

from ...model.request import SyncRequest
from ...ssh.connect import open_ssh_stream
from ...ssh.stream import EXEC
from ..base import PeerTransport


def open_sftp(request: SyncRequest) -> PeerTransport:
    """Implement connect.open_peer. The SFTP modules are loaded during the login."""
    login = partial(open_ssh_stream, request.endpoint, request.credentials, request.trust)
    starting = login()
    try:
        from .transport import SftpOptions, SftpTransport  # pylint: disable=import-outside-toplevel

        options = SftpOptions(
            stall_timeout=request.endpoint.stall_timeout,
            bandwidth_limit=request.bandwidth_limit,
            parallel=request.parallel,
            durable=request.durable,
        )
        return SftpTransport(
            request.remote_root, login, lambda command: login(request=EXEC, command=command), options, starting
        )
    except BaseException:
        starting.close()
        raise
