# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: replies that are none, sessions that end or wait."""

from __future__ import annotations

__all__ = [
    "Cut",
    "CutDone",
    "EndlessPreliminary",
    "EndlessReply",
    "ExtraReplies",
    "OpenReply",
    "Slow",
    "Stall",
    "StallFinal",
    "TalkativeErrors",
    "Unavailable",
    "WrongCodes",
]

import time
from typing import TYPE_CHECKING

from ..ftps_wire import Command, code, reply
from .base import Behaviour
from .login import HOSTILE_TEXT

if TYPE_CHECKING:
    from ..ftps_session import Session


class TalkativeErrors(Behaviour):
    """Every reply that refuses is long and holds templates and control sequences."""

    name = "talkative_errors"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return answer[:4] + HOSTILE_TEXT + b"\r\n" if code(answer) >= 400 else answer


class _Late(Behaviour):
    """Begins with command number `value` of all."""

    default = b"12"

    def due(self, command: Command) -> bool:
        """Return whether it has begun."""
        return command.number >= self.number


class _Once(_Late):
    """Happens at command number `value` of all, and never again."""

    def due(self, command: Command) -> bool:
        return command.number == self.number


class ExtraReplies(_Late):
    """Every final reply is followed by one more."""

    name = "extra_replies"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return answer + reply(200, b"And one more") if self.due(command) and code(answer) >= 200 else answer


class WrongCodes(_Late):
    """Replies carry a code that is none."""

    name = "wrong_codes"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return b"999" + answer[3:] if self.due(command) else answer


class OpenReply(_Late):
    """Final replies begin as one of many lines, and their last line never comes."""

    name = "open_reply"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return b"%s-%s" % (answer[:3], answer[4:]) if self.due(command) and code(answer) >= 200 else answer


class EndlessReply(_Once):
    """A reply of many lines never ends."""

    name = "endless_reply"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        while self.due(command):
            session.send(b"%s-and so on\r\n" % answer[:3] * 100)
        return answer


class EndlessPreliminary(_Once):
    """Preliminary replies never end."""

    name = "endless_preliminary"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        while self.due(command):
            session.send(reply(150, b"Wait") * 100)
        return answer


class Unavailable(_Once):
    """Send 421 once and end the session."""

    name = "unavailable"

    def command(self, session: Session, command: Command) -> bytes | None:
        if not self.due(command):
            return None
        session.send(reply(421, b"Service not available, closing control connection"))
        session.stop()
        return b""


class Cut(_Once):
    """Once the session ends instead of doing a command."""

    name = "cut"

    def command(self, session: Session, command: Command) -> bytes | None:
        if self.due(command):
            session.stop(reset=True)
        return None


class CutDone(_Once):
    """Once the session ends when a command was done, in place of its final reply."""

    name = "cut_done"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if self.due(command) and code(answer) >= 200:
            session.stop()
        return answer


class Stall(_Late):
    """No command is answered any more; the connections stay."""

    name = "stall"

    def command(self, session: Session, command: Command) -> bytes | None:
        if self.due(command):
            session.hang()
        return None


class StallFinal(Behaviour):
    """Data moved, but the final reply to the verb `value` never comes."""

    name = "stall_final"
    default = b"STOR"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb == self.value and code(answer) >= 200:
            session.hang()
        return answer


class Slow(Behaviour):
    """Every command takes `value` milliseconds."""

    name = "slow"
    default = b"5"

    def command(self, session: Session, command: Command) -> bytes | None:
        time.sleep(self.number / 1000)
        return None
