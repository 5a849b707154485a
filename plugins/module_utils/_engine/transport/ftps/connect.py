# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a SyncRequest to an FTPS transport."""

from __future__ import annotations

from functools import partial

from ...ftps.session import FtpsSession
from ...model.request import SyncRequest
from ...tls.context import client_context
from ..base import PeerTransport
from .transport import FtpsOptions, FtpsTransport


def open_ftps(request: SyncRequest) -> PeerTransport:
    """Implement connect.open_peer."""
    context = client_context(request.tls, request.credentials)
    new_session = partial(FtpsSession, request.endpoint, request.credentials, request.tls, context=context)
    options = FtpsOptions(bandwidth_limit=request.bandwidth_limit, parallel=request.parallel)
    return FtpsTransport(request.remote_root, new_session, options)
