# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The true cause where a port does not serve FTPS as it was asked to: another protocol, the other tls_mode, silence."""

from __future__ import annotations

from ..errors import NotTls, SilentServer, SyncError, TlsRefused
from ..model.display import display

_SHOWN = 60


def another_protocol(where: str, words: bytes) -> SyncError:
    """Return the error for a port that should begin with TLS or a greeting and sends `words`."""
    message = display(words.splitlines()[0][:_SHOWN]) if words.strip() else ""
    if words.startswith(b"SSH-"):
        return NotTls(
            f"{where}: this is an SSH server: {message}",
            cure="Set protocol to sftp, or set port to the port of the FTPS server.",
        )
    if words[:3] == b"220":
        return NotTls(
            f"{where}: the server greets before TLS, as with explicit TLS: {message}",
            cure="Set tls_mode to explicit.",
        )
    return NotTls(f"{where}: the answer is not TLS{message and ': ' + message}", cure="Check port and tls_mode.")


def implicit_expected(where: str) -> TlsRefused:
    """Return the error for a server that waits for TLS from the first byte, where its greeting was waited for."""
    return TlsRefused(f"{where}: the server does not greet: it waits for TLS", cure="Set tls_mode to implicit.")


def silent(where: str) -> SilentServer:
    """Return the error for a server that took the connection and sent no byte within connect_timeout."""
    return SilentServer(
        f"{where}: the server accepted the connection and sent nothing within connect_timeout",
        cure="Check port and tls_mode, and whether the server is overloaded; or raise connect_timeout.",
    )
