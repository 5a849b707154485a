# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a SyncRequest to its two transports."""

from __future__ import annotations

from functools import partial

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
        from ..ssh.stream import ask_openssh  # pylint: disable=import-outside-toplevel

        ask_openssh()
    return open_sftp(request)


def open_sftp(request: SyncRequest) -> PeerTransport:
    """Implement `open_peer`. The SFTP modules are loaded during the login, and those of the login while ssh answers."""
    # pylint: disable=import-outside-toplevel
    from ..ssh.stream import EXEC, open_ssh_stream

    login = partial(open_ssh_stream, request.endpoint, request.credentials, request.trust)
    starting = login()
    try:
        from .sftp.transport import SftpOptions, SftpTransport

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
