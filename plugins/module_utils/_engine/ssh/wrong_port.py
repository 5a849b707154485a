# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The true cause where a port does not serve SSH: another protocol, or silence. Cures of both clients."""

from __future__ import annotations

import re

from ..errors import NotSsh
from ..model.display import display_text

SILENT_CURE = (
    "The server accepted the connection and sent nothing. Check port and protocol, and whether the server is "
    "overloaded; or raise connect_timeout."
)
TIMEOUT_CURE = "Check address, port and firewall, or raise connect_timeout."
_SHOWN = 80
LIMIT_CURE = "Use fewer connections at once (parallel), or wait: the server limits sessions or bans this address."
LIMITS = r"Exceeded MaxStartups|Not allowed at this time"
"""sshd's text in place of its version if it refuses connections."""
OLD_CURE = (
    "This module never uses SHA-1, ssh-rsa or CBC, and ssh_config cannot change that. Ask the server's operator to "
    "enable curve25519-sha256, and rsa-sha2-256 or ed25519."
)

# Replies of FTP, SMTP and their like, and of HTTP. Other lines may come before the version of an SSH server.
_REPLY = re.compile(r"[1-5][0-9][0-9][ -]|HTTP/")


def is_another_protocol(line: str) -> bool:
    """Return whether no SSH server begins with this line, so that there is nothing to wait for."""
    return _REPLY.match(line) is not None


def is_limit(line: str) -> bool:
    """Return whether an SSH server reports that it refuses connections now."""
    return re.match(LIMITS, line) is not None


def not_ssh(where: str, line: str) -> NotSsh:
    """Return the error for a server whose first line is `line`, "" if it is not text."""
    message = display_text(line.strip()[:_SHOWN])
    return NotSsh(
        f"{where}: this is not an SSH server: it sends '{message}'" if message else f"{where}: not an SSH server",
        cure="For an FTPS server, set protocol to ftps; otherwise set port to the port of the SSH server.",
    )
