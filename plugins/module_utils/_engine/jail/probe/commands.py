# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for a shell, for programs, for a terminal and for other subsystems.

With ForceCommand internal-sftp, sshd answers each of them by a sentence, other servers by SFTP. The input of each
begins with SFTP's greeting, so that the answer shows it; it goes on with a line that a shell would run.

The login of a key without its certificate is the last attempt of a probe, because the server refuses this login.
"""

from __future__ import annotations

import secrets
import struct
from typing import Callable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...errors import AuthenticationFailed
from ...model.display import display_text
from ...model.endpoint import Credentials, SshAccount
from ...model.findings import Finding
from ...model.local_path import local_path
from .catalogue import finding
from .login import AGENT, SFTP, Outcome, converse

Converse = Callable[[Sequence[str], Sequence[str], bytes], Outcome]
"""Make a request: the words, the options of ssh, the input."""

_HELLO = struct.pack(">IBI", 5, 1, 3)
_QUOTED_HELLO = _HELLO.replace(b"\x03", b"\x16\x03")
"""The greeting for a terminal, where the version alone is Ctrl-C, unless Ctrl-V comes before it (termios(3) VLNEXT)."""
_VERSION = 2
_SFTP_ALONE = b"This service allows sftp connections only."
_NO_TERMINAL = "PTY allocation request failed"
_VARIABLE = "JAIL_PROBE"
_SHOWN: Mapping[str, Tuple[str, str]] = {
    "environment": ("variable", _VARIABLE),
    "agent_forwarding": ("agent", "SSH_AUTH_SOCK"),
    "display_forwarding": ("display", "DISPLAY"),
}
SCRIPT = "SCRIPT"
"""Stands for a line that shows that a shell runs it, and the effects of the options."""
_LONGEST_KEY = 1 << 16


class Attempt(NamedTuple):
    """One request.

    name: for people
    words: of ssh's command line; SCRIPT stands for the script
    options: of ssh
    """

    name: str
    words: Tuple[str, ...]
    options: Tuple[str, ...] = ()


ATTEMPTS = (
    Attempt("shell", (), ("RequestTTY force",)),
    Attempt("program", (SCRIPT,), (AGENT, f"SetEnv {_VARIABLE}=set")),
    Attempt("scp", ("scp -f /etc/passwd",)),
    Attempt("subsystem netconf", ("-s", "netconf")),
)


def attempt(given: Attempt, converse: Converse) -> Iterator[Finding]:
    """Make one request and judge the answer."""
    token = secrets.token_hex(8)
    script = _script(token)
    words = [script if word == SCRIPT else word for word in given.words]
    terminal = "RequestTTY force" in given.options
    hello = _QUOTED_HELLO if terminal else _HELLO
    outcome = converse(words, given.options, hello + b"\n" + script.encode() + b"\nexit\n")
    if terminal and not outcome.refused and not outcome.mentions(_NO_TERMINAL):
        yield finding("terminal", "a terminal is allocated")
    if not outcome.refused and not is_forced(outcome.output):
        yield from _answered(given, outcome, token)


def is_forced(output: bytes) -> bool:
    """Return whether an answer is sshd's refusal of everything but SFTP, or the greeting of an SFTP server."""
    return _SFTP_ALONE in output or (
        len(output) >= 5 and output[4] == _VERSION and struct.unpack_from(">I", output)[0] < 4096
    )


def _script(token: str) -> str:
    """Return a line for a shell, whose output shows that it ran: the line itself does not contain it."""
    shown = [f"echo {token}.{word}.${variable}" for word, variable in _SHOWN.values()]
    return "; ".join([f"echo {token}.$((6*7))", *shown])


def _answered(given: Attempt, outcome: Outcome, token: str) -> Iterator[Finding]:
    output = outcome.output.decode("utf-8", "replace")
    if given.words[:1] == ("-s",):
        yield finding("subsystem", f"{given.name} is answered")
    elif f"{token}.42" in output or (given.name == "scp" and "C0" in output[:200]):
        yield finding("command", f"a request for a {given.name} runs a program")
        yield from _effects(output.splitlines(), token)
    else:
        message = display_text(output.strip()[:100]) or outcome.last_words or "no answer"
        yield finding("not_forced", f"a request for a {given.name} reaches the account's shell: {message}")


def _effects(lines: List[str], token: str) -> Iterator[Finding]:
    for code, (word, variable) in _SHOWN.items():
        start = f"{token}.{word}."
        values = [line[len(start) :].strip() for line in lines if line.startswith(start)]
        if any(values):
            yield finding(code, f"the shell has {variable}={display_text(values[0][:100])}")


def key_alone(
    account: SshAccount,
    not_checked: List[Tuple[str, str]],
    log_in: Callable[[SshAccount, Tuple[str, ...]], Outcome] = converse,
) -> Iterator[Finding]:
    """Log in by the key alone. Raises the other errors of a login.

    not_checked: gets the reason if the key cannot be tried
    """
    key = without_certificate(account.credentials)
    if key is None:
        not_checked.append(("key alone", "the key is in the agent; set private_key_file or private_key"))
        return
    try:
        log_in(account._replace(credentials=key), SFTP)
    except AuthenticationFailed:
        return
    yield finding("key_alone", "the key logs in without its certificate")


def without_certificate(credentials: Credentials) -> Optional[Credentials]:
    """Return the key of an account as text, since ssh uses a certificate next to a key file; None without a key."""
    text = credentials.private_key
    if credentials.private_key_file is not None:
        with open(local_path(credentials.private_key_file), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_LONGEST_KEY)
    if text is None:
        return None
    return credentials._replace(
        private_key=text, private_key_file=None, certificate=None, certificate_file=None, password=None
    )
