# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: failures before the login."""

from __future__ import annotations

__all__ = [
    "HOSTILE_TEXT",
    "AuthAnswered",
    "AuthPipelined",
    "AuthRefused",
    "AuthThenPlaintext",
    "EarlyAnswer",
    "EndlessBanner",
    "Full",
    "HugeLine",
    "LoginRefused",
    "OldTls",
    "PassAnswered",
    "ProtRefused",
    "RefusesUnknown",
    "Silent",
    "Talkative",
    "UserAnswered",
]

import ssl
import warnings
from itertools import count
from typing import TYPE_CHECKING

from ..ftps_commands import USER
from ..ftps_wire import Command, reply
from .base import Behaviour

if TYPE_CHECKING:
    from ..ftps_session import Session

HOSTILE_TEXT = b"{{ 7 * 7 }} \x1b[31mred\x1b]0;title\x07 \xe2\x80\xaegnp.exe \x9b2J " + b"x" * 3000


class AuthRefused(Behaviour):
    """There is no TLS."""

    name = "auth_refused"

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(502, b"AUTH not understood") if command.verb == b"AUTH" else None


class AuthAnswered(Behaviour):
    """AUTH is answered with `value`, a reply that is not 234, and the connection stays as it is."""

    name = "auth_answered"
    default = b"230 You are logged in"

    def command(self, session: Session, command: Command) -> bytes | None:
        return self.value + b"\r\n" if command.verb == b"AUTH" else None


class AuthThenPlaintext(Behaviour):
    """AUTH is accepted, and then everything goes on without TLS."""

    name = "auth_then_plaintext"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb != b"AUTH":
            return None
        session.send(reply(234, b"Go on"))
        session.send(reply(220, b"Still in clear"))
        session.secure = False
        session.hang()
        return b""


class AuthPipelined(Behaviour):
    """Behind the reply to AUTH, in clear, comes the reply to a command that was not sent yet."""

    name = "auth_pipelined"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return answer + reply(331, b"Password?") + reply(230, b"Logged in") if command.verb == b"AUTH" else answer


class EarlyAnswer(Behaviour):
    """The greeting brings along the replies to commands that were not sent yet."""

    name = "early_answer"

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        return greeting + reply(234, b"Go on") + reply(331, b"Password?")


class EndlessBanner(Behaviour):
    """The greeting never ends."""

    name = "endless_banner"

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        for _number in count():
            session.send(b"220-Welcome to the jungle\r\n" * 100)
        return b""


class HugeLine(Behaviour):
    """The greeting is one line of 64 MiB."""

    name = "huge_line"

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        for _number in range(1024):
            session.send(b"2" * 65_536)
        return b"\r\n"


class Silent(Behaviour):
    """There is no greeting."""

    name = "silent"

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        session.hang()
        return b""


class Full(Behaviour):
    """Turn away session number `value` and all later sessions."""

    name = "full"
    default = b"1"

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        return greeting if session.number < self.number else reply(421, b"Too many connections, try later")


class OldTls(Behaviour):
    """TLS 1.0 is the newest that the control connection speaks."""

    name = "old_tls"

    def context(self, context: ssl.SSLContext, *, data: bool) -> ssl.SSLContext:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        return context


class ProtRefused(Behaviour):
    """Data connections with TLS are refused."""

    name = "prot_refused"

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(536, b"PROT P not supported") if command.verb == b"PROT" else None


class LoginRefused(Behaviour):
    """The password is refused, with `value` as the words."""

    name = "login_refused"
    default = b"Login incorrect"

    def command(self, session: Session, command: Command) -> bytes | None:
        return reply(530, self.value) if command.verb == b"PASS" else None


class UserAnswered(Behaviour):
    """USER is answered with the bytes of `value`; without a value the session ends."""

    name, verb = "user_answered", b"USER"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb != self.verb:
            return None
        if not self.value:
            session.stop()
        return self.value


class PassAnswered(UserAnswered):
    """PASS is answered with the bytes of `value`; without a value the session ends."""

    name, verb = "pass_answered", b"PASS"


class RefusesUnknown(Behaviour):
    """USER is refused for every name but the account's."""

    name = "refuses_unknown"

    def command(self, session: Session, command: Command) -> bytes | None:
        unknown = command.verb == b"USER" and command.argument != USER.encode()
        return reply(530, b"Permission denied.") if unknown else None


class Talkative(Behaviour):
    """The greeting and the replies to USER and PASS are long and hold templates and control sequences."""

    name = "talkative"

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        return b"".join(b"220-%s\r\n" % HOSTILE_TEXT for _line in range(20)) + b"220 %s\r\n" % HOSTILE_TEXT

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return answer[:4] + HOSTILE_TEXT + b"\r\n" if command.verb in (b"USER", b"PASS") else answer
