# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as bytes, and the bytes that a command must not contain."""

from __future__ import annotations

from typing import Iterable, List, Tuple

from ..errors import UnsafeName
from ..model.display import display
from .replies import Reply

Command = Tuple[bytes, bytes]
"""Verb and argument; the argument b"" if there is none."""

_IAC = b"\xff"

IAC_PROBE: Command = (b"SIZE", b".secure_sync-no-such-name-\xff\xff-")
"""A query for a name that does not exist; its refusal repeats the name."""

_FORBIDDEN = (b"\r", b"\n", b"\0")


def flight(commands: Iterable[Command], *, telnet: bool = False) -> bytes:
    """Return the commands in wire form. telnet: the server reads 0xFF as Telnet's IAC, so each 0xFF in an argument is
    doubled (RFC 959 section 5.3.1, RFC 854). Raises UnsafeName for CR, LF or NUL in an argument: they would end the
    command and begin another command."""
    parts: List[bytes] = []
    for verb, argument in commands:
        if any(mark in argument for mark in _FORBIDDEN):
            raise UnsafeName(f"FTP cannot carry the name '{display(argument)}'", path=argument)
        escaped = argument.replace(_IAC, _IAC + _IAC) if telnet else argument
        parts.append(b"%s %s\r\n" % (verb, escaped) if escaped else verb + b"\r\n")
    return b"".join(parts)


def has_iac(commands: Iterable[Command]) -> bool:
    """Return whether it matters for these commands how the server reads 0xFF."""
    return any(_IAC in argument for _verb, argument in commands)


def is_telnet(reply: Reply) -> bool:
    """Return whether the reply to IAC_PROBE shows that the server took the doubled 0xFF for a single byte, as ProFTPD
    does.
    vsftpd and pure-ftpd keep every byte; vsftpd repeats no name in a refusal, pure-ftpd repeats it completely."""
    text = b"".join(reply.lines)
    return _IAC in text and _IAC + _IAC not in text
