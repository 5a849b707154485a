# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse ssh's stderr: the progress of the login. The reason of a failure is found by `openssh_failures`.

A peer can write any line here, before the key exchange too (SSH_MSG_DEBUG, a disconnect message). Facts that must be
true come from other sources: the host key from `shown_key`, success from the bytes of the session.

Answers: which secret answers which question of ssh, each one once. Askpass: how ssh and ssh-add get a secret from
us, by a helper program and FIFOs; never by argv, environment or a file.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import deque
from typing import Deque, Dict, List, NamedTuple, Optional, Tuple

from ..errors import AuthenticationFailed, SyncError
from ..model.display import display_text
from ..model.endpoint import Credentials, PeerIdentity
from ..model.local_path import local_path
from ..system.child_processes import ChildProcesses

# $1 is the prompt. It may be a server's text, and stands in a file of its own: nothing in it can look like another
# question. The answer comes through a FIFO of this call's own. `head` ends at the first line, and the shell never holds
# the answer.
_HELPER = """#!/bin/sh
f="%(directory)s/answer.$$"
mkfifo -m 600 "$f" && exec 3<>"$f" || exit 1
printf '%%s' "$1" >"%(directory)s/prompt.$$" || exit 1
echo "$$" >"%(directory)s/ask"
exec head -n 1 <&3
"""

_KEPT = 40
_LONGEST = 2048
# Not compiled here: this is loaded before a login begins, and read while it goes on.
_FACTS = {
    "client": r"debug1: Local version string SSH-[^-]*-(\S+)",
    "version": r"debug1: Remote protocol version ([0-9.]+), remote software version ",
    "software": r"debug1: Remote protocol version [0-9.]+, remote software version (.*)",
    "kex": r"debug1: kex: algorithm: (\S+)",
    "cipher": r"debug1: kex: client->server cipher: (\S+)",
    "key_type": r"debug1: Server host (?:key|certificate): (\S+) SHA256:",
    "fingerprint": r"debug1: Server host (?:key|certificate): \S+ (SHA256:\S+?),?(?: |$)",
}
_OFFERS = r"debug2: .*host key algorithms: (\S*)$"
_CONTINUE = r"debug1: Authentications that can continue: (.*)"
_UNKNOWN = r"No (\S{1,100}) host key is known for (.{1,300}) and you have requested strict checking"
_REVOKED = r"marked as revoked|REVOKED HOST KEY|revoked by file|was revoked"
_OUR_PROXY = " -W '["
_BANNER = r"debug1: kex_exchange_identification: banner line \d+: (.*)"
# The complete texts of ssh's own prompts. A server's prompt follows ssh's prefix, "(user@host) ", and never matches.
_PASSPHRASE = re.compile(r"Enter passphrase for key '(.*)': ", re.DOTALL)
_PASSWORD = re.compile(r"(?=\S+'s password: \Z)[^\s(]\S*@\S+'s password: ")
_MARK = "("
_LONGEST_PATH = 100  # bytes that ssh shows of a path
_ONE_TIME = re.compile(r"code|token|one.?time|otp|pin\b|verif|challenge", re.IGNORECASE)


class SshLog:
    """Reads ssh's stderr; text that a peer could have written is always shown escaped."""

    def __init__(self) -> None:
        self._rest = b""
        self._facts: Dict[str, str] = {}
        self._proven = False
        self._connected = False
        self._offers: List[Tuple[str, ...]] = []
        self.lines: Deque[str] = deque(maxlen=_KEPT)
        self.entered = False
        """The request for the channel has been sent."""
        self.accepted = False
        """The server has accepted it."""
        self.proxied = False
        """A ProxyCommand of the user's connects to the server."""
        self.methods = ""
        self.partial_success = 0
        self.password_given_at: Optional[int] = None
        """The number of partial successes when the password was last given. This is our own note, no message."""
        self.wrong_passphrase = False
        self.host_key_changed = False
        self.host_key_revoked = False
        self.unknown_name: Optional[str] = None
        self.greeting: Optional[str] = None
        """The first line of a server that has not identified itself as an SSH server; "" for bytes that are no text."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes; facts are drawn from whole lines."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST:]
        for line in lines:
            self._take(line[:_LONGEST].rstrip(b"\r").decode("utf-8", "surrogateescape"))

    def _take(self, line: str) -> None:
        if line.startswith("debug"):
            self._take_debug(line)
        elif line.strip() and not line.startswith(("Authenticated to", "Transferred: ", "Bytes per second")):
            self._take_message(line)

    def _take_debug(self, line: str) -> None:
        # Later lines could be a text of the server's, such as its banner.
        self._proven |= line.startswith("debug1: SSH2_MSG_SERVICE_ACCEPT received")
        for name, pattern in _FACTS.items() if not self._proven else ():
            match = re.match(pattern, line)
            if match is not None and (name not in self._facts or "host certificate" in line):
                self._facts[name] = match.group(1)
        self._connected |= line.startswith("debug1: Connection established")
        self.proxied |= line.startswith("debug1: Executing proxy command: ") and _OUR_PROXY not in line
        self.wrong_passphrase |= "bad passphrase given" in line
        if "request accepted on channel 0" in line:
            self.accepted = True
        elif line.startswith(("debug1: Sending subsystem: ", "debug1: Sending command: ")):
            self.entered = True
        elif "banner line" in line:
            self.lines.append(line.partition(": ")[2])
            self._take_greeting(line)
        self._take_lists(line)

    def _take_greeting(self, line: str) -> None:
        from .login_errors import is_limit  # pylint: disable=import-outside-toplevel

        match = re.match(_BANNER, line)
        if match is not None and self.greeting is None and not is_limit(match.group(1)):
            self.greeting = match.group(1)

    def _take_lists(self, line: str) -> None:
        offers, methods = re.match(_OFFERS, line), re.match(_CONTINUE, line)
        if offers is not None and len(self._offers) < 2:  # ours, and the server's
            self._offers.append(tuple(offers.group(1).split(",")))
        if methods is not None:
            self.methods = methods.group(1)

    def _take_message(self, line: str) -> None:
        self.lines.append(line)
        unknown = re.search(_UNKNOWN, line)
        if unknown is not None:
            self.unknown_name = unknown.group(2)
        self.host_key_changed |= "REMOTE HOST IDENTIFICATION HAS CHANGED" in line
        self.host_key_revoked |= re.search(_REVOKED, line) is not None
        self.partial_success += "partial success" in line
        if "banner line contains invalid characters" in line and self.greeting is None:
            self.greeting = ""

    @property
    def is_identified(self) -> bool:
        """Return whether the server has identified itself as an SSH server."""
        return "software" in self._facts

    @property
    def is_silent(self) -> bool:
        """Return whether the server took the connection and has sent nothing yet."""
        return self._connected and self.greeting is None and not self.is_identified

    @property
    def is_another_protocol(self) -> bool:
        """Return whether the server speaks, and not SSH: there is nothing to wait for."""
        if self.is_identified or self.greeting is None:
            return False
        from .login_errors import is_another_protocol  # pylint: disable=import-outside-toplevel

        return is_another_protocol(self.greeting)

    @property
    def server_key_types(self) -> Tuple[str, ...]:
        """Return the host key algorithms that the server has; empty if ssh was not asked to log them."""
        return self._offers[1] if len(self._offers) > 1 else ()

    @property
    def identity(self) -> PeerIdentity:
        """Return the peer as the messages name it: to be shown, not to be believed."""
        facts = {name: display_text(value) for name, value in self._facts.items()}
        return PeerIdentity(
            protocol="SSH-" + facts.get("version", "2.0"),
            client=facts.get("client", "OpenSSH"),
            software=facts.get("software", ""),
            host_key_type=facts.get("key_type", ""),
            host_key_fingerprint=facts.get("fingerprint", ""),
            key_exchange=facts.get("kex", ""),
            cipher=facts.get("cipher", ""),
        )

    def last_message(self) -> str:
        """ssh's last words for people, escaped; "" if there are none."""
        return display_text(self.lines[-1].strip()) if self.lines else ""


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
            from .login_errors import question_unanswered  # pylint: disable=import-outside-toplevel

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


class Prompt(NamedTuple):
    """One question of an OpenSSH program; `number` names the helper that waits."""

    number: int
    text: str


class Askpass:
    """The channel: `fd` is readable when there is a question; `environment` makes OpenSSH programs ask here."""

    def __init__(self, guard: ChildProcesses) -> None:
        self._directory = guard.directory
        helper = guard.write("askpass", _HELPER % {"directory": guard.directory}, executable=True)
        os.mkfifo(guard.path("ask"), 0o600)
        # Read and write: so the FIFO never reports the end of file between two questions.
        self.fd = os.open(guard.path("ask"), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._received = b""
        self.environment: Dict[str, str] = {"SSH_ASKPASS": helper, "SSH_ASKPASS_REQUIRE": "force"}

    def questions(self) -> List[Prompt]:
        with contextlib.suppress(BlockingIOError):
            self._received += os.read(self.fd, 65536)
        *numbers, self._received = self._received.split(b"\n")
        return [Prompt(int(number), self._text(int(number))) for number in numbers]

    def _text(self, number: int) -> str:
        name = os.path.join(self._directory, f"prompt.{number}")
        with open(name, encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
        os.unlink(name)
        return text

    def answer(self, prompt: Prompt, secret: str) -> None:
        """Answer one question; the empty answer means that there is none."""
        name = os.path.join(self._directory, f"answer.{prompt.number}")
        with contextlib.suppress(OSError):
            handle = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
            with os.fdopen(handle, "wb", buffering=0) as fifo:
                fifo.write(secret.encode("utf-8", "surrogateescape") + b"\n")
            os.unlink(name)

    def close(self) -> None:
        """Close the channel; may be called twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
