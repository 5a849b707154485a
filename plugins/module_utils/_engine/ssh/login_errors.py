# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of a login, with the cures of both clients: a port that does not serve SSH, and a login whose first factor the
server accepts, and whose further factor the task does not have. Loaded after a failure only.
"""

from __future__ import annotations

import re
from typing import Optional

from ..errors import AuthenticationFailed, NotSsh, SecondFactorRequired, SyncError
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
_ASKED = "keyboard-interactive"
_EXEMPT = (
    "A task cannot type one-time codes. Have the account exempted from the second factor: let it log in with "
    "short-lived certificates alone (docs/mfa.md), and set certificate."
)
_OR_SET = " If the server asks for the password of the account, set password."


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


def step_missing(where: str, who: str, offered: str) -> Optional[SyncError]:
    """Return the error of a login that was accepted in part; None if its last step was refused for another reason.

    offered: the methods by which the server would continue
    """
    methods = offered.split(",")
    message = f"{where} accepts the key of {who} and asks for more ({display_text(offered)})"
    if _ASKED in methods:
        return SecondFactorRequired(f"{message}: a second factor", cure=_EXEMPT + _OR_SET)
    if "password" in methods:
        return AuthenticationFailed(f"{message}: the password too", cure="Set password.")
    return None


def question_unanswered(where: str, question: str, *, refused: str = "") -> SyncError:
    """Return the error for a question of the server's that no secret of the task answers.

    refused: the account whose key the server has refused in this login: then the question is no further factor
    """
    message = f'{where} asks "{display_text(question.strip())}", and the task has no answer'
    if refused:
        return AuthenticationFailed(
            f"{where} does not accept the key of {refused}: {message}",
            cure="Check username, and that the key belongs to the account.",
        )
    if "passphrase" in question.lower():  # of no key of this host: the server wants to have it
        return AuthenticationFailed(message, cure="Find out why this server asks for the passphrase of a key.")
    return SecondFactorRequired(message, cure=_EXEMPT)
