# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in lines of any text: keys and tokens that their form shows, command lines, names with values, settings.

Each gap of an expression has a limit: others write the lines.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, NamedTuple, Optional, Pattern

from ..model.findings import HIGH, MEDIUM
from .wording import is_literal, is_secret_name, secret_variables

_ASSIGNMENT = re.compile(r"""([A-Za-z_][\w.-]{0,100})\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s,;"'\]})]+))""")
_ON = r"\b%s\b['\"]?\s*[=:]\s*['\"]?(?:1|true|yes|on)\b"
_SETTINGS = tuple(
    (name, severity, kind, re.compile(pattern, re.IGNORECASE))
    for name, severity, kind, pattern in (
        ("debug_on", HIGH, "ANSIBLE_DEBUG shows the arguments of modules", _ON % "ANSIBLE_DEBUG"),
        (
            "arguments_shown",
            MEDIUM,
            "ANSIBLE_DISPLAY_ARGS_TO_STDOUT shows the arguments of tasks",
            _ON % "ANSIBLE_DISPLAY_ARGS_TO_STDOUT",
        ),
        (
            "files_kept",
            MEDIUM,
            "ANSIBLE_KEEP_REMOTE_FILES leaves the arguments of modules on the host",
            _ON % "ANSIBLE_KEEP_REMOTE_FILES",
        ),
        (
            "verbose_job",
            MEDIUM,
            "ANSIBLE_VERBOSITY of 3 or more",
            r"\bANSIBLE_VERBOSITY\b['\"]?\s*[=:]\s*['\"]?[3-9]\b",
        ),
    )
)
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "none", "null", "str", "string", "dict", "list", "int"))


class LineFinding(NamedTuple):
    """A finding in one line. secret: the value, for its mark; None for a setting."""

    id: str
    severity: str
    kind: str
    secret: Optional[str]


Rule = Callable[[str], Iterator[LineFinding]]
"""A rule for one line."""


class _Form(NamedTuple):
    kind: str
    pattern: Pattern[str]


_TOKENS = (
    _Form("private key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-\d")),
    _Form("age identity", re.compile(r"\bAGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}")),
    _Form("token of Vault or OpenBao", re.compile(r"\b(?:hv[sbr]|[sbr])\.[A-Za-z0-9_-]{24,}")),
    _Form("seed of one-time codes", re.compile(r"\botpauth://\w+/\S{0,500}?secret=([A-Z2-7]{16,})", re.IGNORECASE)),
    _Form("access key of AWS", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    _Form("token of GitHub", re.compile(r"\b(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\w{50,})")),
    _Form("token of GitLab", re.compile(r"\bgl(?:pat|rt|dt|ptt)-[\w-]{20,}")),
    _Form("token of Slack", re.compile(r"\bxox[abeprs]-[\w-]{10,}")),
    _Form("password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@'\"]+:([^\s/@'\"]+)@", re.IGNORECASE)),
)
_COMMANDS = (
    _Form("curl -u", re.compile(r"\b(?:curl|wget)\b.{0,500}?\s(?:-u|--user|--proxy-user)[\s=]{0,5}"
                                r"['\"]?[^\s:'\"]{1,200}:([^\s'\"]+)")),
    _Form("sshpass -p", re.compile(r"\bsshpass\s+-p\s*['\"]?([^\s'\"]+)")),
    _Form("lftp -u", re.compile(r"\blftp\b.{0,500}?\s(?:-u|--user)[\s=]{0,5}['\"]?[^\s,'\"]{1,200},([^\s'\"]+)")),
    _Form("PASS of FTP", re.compile(r"(?:^|[\s>'\"]|\\[rn])PASS\s+([^\s'\"\\]+)")),
    _Form("echo to a password prompt", re.compile(r"\becho\s+['\"]?([^\s'\"|]+)['\"]?\s*\|\s*sudo\s+-S")),
    _Form("option with a secret", re.compile(r"(?:^|\s)--?(?:password|passwd|passphrase|token|secret|api-?key)"
                                             r"[=\s]+['\"]?([^\s'\"-][^\s'\"]*)", re.IGNORECASE)),
)  # fmt: skip


def tokens(line: str) -> Iterator[LineFinding]:
    """Yield secrets that their form shows."""
    for kind, pattern in _TOKENS:
        for found in pattern.finditer(line):
            secret = found.group(pattern.groups)
            if is_literal(secret) or kind == "private key":
                yield LineFinding("secret_by_form", HIGH, kind, secret)


def commands(line: str) -> Iterator[LineFinding]:
    """Yield secrets in command lines of well-known programs."""
    for kind, pattern in _COMMANDS:
        for found in pattern.finditer(line):
            if is_literal(found.group(1)):
                yield LineFinding("secret_in_argv", HIGH, kind, found.group(1))


def command_secrets(text: str) -> Iterator[LineFinding]:
    """Yield secrets in the command of a task, also those that a template fills in: all processes can read them."""
    yield from commands(text)
    for name in secret_variables(text):
        yield LineFinding("secret_in_argv", MEDIUM, f"variable {name} in a command", None)


def assignments(line: str) -> Iterator[LineFinding]:
    """Yield secrets that a name with a value has, as in an inventory, a configuration file or a shell script."""
    for found in _ASSIGNMENT.finditer(line):
        value = "".join(text or "" for text in found.groups()[1:])
        if is_secret_name(found.group(1)) and is_literal(value) and value.lower() not in _WORDS:
            yield LineFinding("literal_secret", HIGH, f"value of {found.group(1)}", value)


def settings(line: str) -> Iterator[LineFinding]:
    """Yield settings of Ansible that show secrets."""
    for name, severity, kind, pattern in _SETTINGS:
        if pattern.search(line):
            yield LineFinding(name, severity, kind, None)
