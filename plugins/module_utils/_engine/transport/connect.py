# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a SyncRequest to its two transports."""

from __future__ import annotations

from ..model.endpoint import FTPS
from ..model.request import SyncRequest
from .base import LocalSide, PeerTransport
from .local.transport import LocalTransport


def open_local(request: SyncRequest) -> LocalSide:
    """Return the tree on this host. Opens nothing yet."""
    return LocalTransport(request.local_root, durable=request.durable)


def open_peer(request: SyncRequest) -> PeerTransport:
    """Return the tree on the server. Starts the login and returns at once; the first operation waits for its end, and
    raises TrustError, AuthenticationFailed or ConnectionFailed if it went wrong.

    Only the protocol that is spoken is loaded: each takes as long as a tenth of a run with nothing to do.
    """
    if request.endpoint.protocol == FTPS:
        from .ftps.transport import open_ftps  # pylint: disable=import-outside-toplevel

        return open_ftps(request)
    if request.endpoint.ssh_client != "paramiko":
        from ..ssh.openssh_version import ask_openssh  # pylint: disable=import-outside-toplevel

        ask_openssh()
    # While the program answers.
    from .sftp.connect import open_sftp  # pylint: disable=import-outside-toplevel

    return open_sftp(request)
