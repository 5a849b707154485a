# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as bytes, and what must not be in one."""

from __future__ import annotations

from typing import Iterable, List, Tuple

from ..errors import UnsafeName
from ..model.relpath import display
from .replies import Reply

__all__ = ["IAC_PROBE", "Command", "flight", "has_iac", "is_telnet"]

Command = Tuple[bytes, bytes]
"""Verb and argument; the argument b"" where there is none."""

_IAC = b"\xff"

IAC_PROBE: Command = (b"SIZE", b".secure_sync-no-such-name-\xff\xff-")
"""A question about a name that nobody has, whose refusal repeats it."""

_FORBIDDEN = (b"\r", b"\n", b"\0")


def flight(commands: Iterable[Command], *, telnet: bool = False) -> bytes:
    """The commands as they go over the line. telnet: the server reads 0xFF as Telnet's IAC, so that each in an argument
    is doubled (RFC 959 section 5.3.1, RFC 854). Raises UnsafeName for CR, LF or NUL in an argument: they would end the
    command and begin another one."""
    parts: List[bytes] = []
    for verb, argument in commands:
        if any(mark in argument for mark in _FORBIDDEN):
            raise UnsafeName("FTP cannot carry the name %s" % display(argument), path=argument)
        escaped = argument.replace(_IAC, _IAC + _IAC) if telnet else argument
        parts.append(b"%s %s\r\n" % (verb, escaped) if escaped else verb + b"\r\n")
    return b"".join(parts)


def has_iac(commands: Iterable[Command]) -> bool:
    """Whether it matters for these commands how the server reads 0xFF."""
    return any(_IAC in argument for _verb, argument in commands)


def is_telnet(reply: Reply) -> bool:
    """Whether the reply to IAC_PROBE shows that the server took the doubled 0xFF for one, as ProFTPD does. vsftpd and
    pure-ftpd take every byte as it is; the one repeats no name in a refusal, the other repeats it whole."""
    text = b"".join(reply.lines)
    return _IAC in text and _IAC + _IAC not in text
