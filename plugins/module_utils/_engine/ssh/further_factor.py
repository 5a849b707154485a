# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error of a login whose first factor the server accepts, and whose further factor the task does not have.

Loaded after a failure only.
"""

from __future__ import annotations

from typing import Optional

from ..errors import AuthenticationFailed, SecondFactorRequired, SyncError
from ..model.display import display_text

_ASKED = "keyboard-interactive"
_EXEMPT = (
    "A task cannot type one-time codes. Have the account exempted from the second factor: let it log in with "
    "short-lived certificates alone (docs/mfa.md), and set certificate."
)
_OR_SET = " If the server asks for the password of the account, set password."


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
