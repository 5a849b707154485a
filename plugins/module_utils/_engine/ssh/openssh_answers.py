# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which secret answers which question of ssh, each one once."""

from __future__ import annotations

import os
import re

from ..errors import AuthenticationFailed, SyncError
from ..model.display import display_text
from ..model.endpoint import Credentials
from ..model.local_path import local_path
from .askpass import Prompt
from .openssh_messages import SshLog

# The complete texts of ssh's own prompts. A server's prompt follows ssh's prefix, "(user@host) ", and never matches.
_PASSPHRASE = re.compile(r"Enter passphrase for key '(.*)': ", re.DOTALL)
_PASSWORD = re.compile(r"(?=\S+'s password: \Z)[^\s(]\S*@\S+'s password: ")
_MARK = "("
_LONGEST_PATH = 100  # bytes that ssh shows of a path
_ONE_TIME = re.compile(r"code|token|one.?time|otp|pin\b|verif|challenge", re.IGNORECASE)


class Answers:
    """The answers for one login; where, who: the server and the account, for messages."""

    def __init__(self, credentials: Credentials, where: str, who: str) -> None:
        self._credentials, self._where, self._who = credentials, where, who
        self.lacks_passphrase = False
        """The task's key was asked for, and the task has no passphrase."""

    def answer(self, prompt: Prompt, log: SshLog) -> str:
        """Return the secret for this prompt; "" makes ssh continue without this key.

        Raises AuthenticationFailed if there is no answer, or if the server has just refused it: a wrong password is not
        sent a second time, unless the server requests it as a further step.
        """
        key = _PASSPHRASE.fullmatch(prompt.text)
        if key is not None:
            return self._passphrase(os.fsencode(key.group(1)))
        if self._credentials.password is None or not _is_password(prompt.text, log):
            raise self._unanswered(prompt.text, log)
        if log.password_given_at == log.partial_success:
            raise AuthenticationFailed(
                f"{self._where} does not accept the password of {self._who} (it offers: {display_text(log.methods)})",
                cure="Check username, and that the key or password belongs to the account.",
            )
        log.password_given_at = log.partial_success
        return self._credentials.password

    def _unanswered(self, text: str, log: SshLog) -> SyncError:
        if text.startswith(_MARK):
            from .further_factor import question_unanswered  # pylint: disable=import-outside-toplevel

            return question_unanswered(self._where, text, refused=self._who if self._is_refused(log) else "")
        return AuthenticationFailed(
            f'{self._where}: ssh asks "{display_text(text.strip())}", and the task has no answer',
            cure="Let the account log in with a key or certificate alone.",
        )

    def _is_refused(self, log: SshLog) -> bool:
        """Return whether the server has refused the task's own key, and nothing else was sent since."""
        has_key = self._credentials.private_key is not None or self._credentials.private_key_file is not None
        return has_key and not log.partial_success and log.password_given_at is None

    def _passphrase(self, path: bytes) -> str:
        """Return the passphrase, only for the task's own key: it is never tried on the user's other keys."""
        own = os.fsencode(local_path(self._credentials.private_key_file or ""))
        if not path or path not in (own, own[:_LONGEST_PATH]):
            return ""
        self.lacks_passphrase = self._credentials.passphrase is None
        return self._credentials.passphrase or ""


def _is_password(text: str, log: SshLog) -> bool:
    """Return whether ssh asks for the password, or the server does, which may name it in any language but once."""
    if not text.startswith(_MARK):
        return _PASSWORD.fullmatch(text) is not None
    if "passphrase" in text.lower():
        return False
    return "password" in text.lower() or (log.password_given_at is None and not _ONE_TIME.search(text))
