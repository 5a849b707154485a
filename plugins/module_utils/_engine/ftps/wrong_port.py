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
            "%s: this is an SSH server: %s" % (where, message),
            cure="Set protocol to sftp, or set port to the port of the FTPS server.",
        )
    if words[:3] == b"220":
        return NotTls(
            "%s: the server greets before TLS, as with explicit TLS: %s" % (where, message),
            cure="Set tls_mode to explicit.",
        )
    return NotTls("%s: the answer is not TLS%s" % (where, message and ": " + message), cure="Check port and tls_mode.")


def implicit_expected(where: str) -> TlsRefused:
    """Return the error for a server that waits for TLS from the first byte, where its greeting was waited for."""
    return TlsRefused("%s: the server does not greet: it waits for TLS" % where, cure="Set tls_mode to implicit.")


def silent(where: str) -> SilentServer:
    """Return the error for a server that took the connection and sent no byte within connect_timeout."""
    return SilentServer(
        "%s: the server accepted the connection and sent nothing within connect_timeout" % where,
        cure="Check port and tls_mode, and whether the server is overloaded; or raise connect_timeout.",
    )
