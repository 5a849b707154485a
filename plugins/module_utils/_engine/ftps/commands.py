# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as bytes, the bytes that a command must not contain, and the features that a server announces."""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, List, Tuple

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


class Features:
    """The answer to FEAT (RFC 2389 section 3.2), and to SITE HELP where it was asked. lines: of FEAT's reply."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._parameters: Dict[bytes, bytes] = {}
        for line in lines:
            # Each feature stands on a line of its own that begins with a space; first and last line do not.
            if line[:1] == b" " and line.strip():
                name, _space, parameters = line.strip().partition(b" ")
                self._parameters[name.upper()] = parameters.strip()
        self.facts: Tuple[bytes, ...] = self._list(b"MLST", lower=True)
        """The facts that MLST and MLSD can give, lower case; () without MLST."""
        self.active_facts = tuple(part.rstrip(b"*").lower() for part in self._parts(b"MLST") if part.endswith(b"*"))
        """The `facts` that the server returns until OPTS MLST selects others."""
        self.hashes: Tuple[bytes, ...] = self._list(b"HASH", lower=False)
        """The algorithms of HASH, as the server writes them; () without HASH."""
        self.utf8 = self.has(b"UTF8")
        self.rest_stream = b"STREAM" in self._parameters.get(b"REST", b"").upper()
        self.answers_in_order = bool(self.facts) or self.has(b"TVFS")
        """Whether several commands may be on their way: servers with RFC 3659 process them in order. ftp-srv does not
        support it and processes all received commands at the same time, except those in one TLS record."""
        self.shares_records = self.has(b"TVFS") and not self.facts
        """Whether several commands may share a TLS record at any time. Of the tested servers, only vsftpd has TVFS
        without MLST; it reads each command up to its LF."""
        self.site: FrozenSet[bytes] = frozenset()
        """The SITE commands that SITE HELP names, upper case; empty until FtpsSession.ask_site."""

        self.site_known = False

    def learn_site(self, lines: Iterable[bytes]) -> None:
        """Take the reply to SITE HELP: command names, among other words, in upper case."""
        words = b" ".join(lines).replace(b",", b" ").split()
        self.site = frozenset(word.strip(b"*.;:") for word in words if word.isupper())
        self.site_known = True

    def has(self, name: bytes) -> bool:
        """Return whether FEAT names this feature (b"MFMT", b"SIZE", b"XSHA256")."""
        return name in self._parameters

    def _list(self, name: bytes, *, lower: bool) -> Tuple[bytes, ...]:
        found = tuple(part.rstrip(b"*") for part in self._parts(name))
        return tuple(part.lower() for part in found) if lower else found

    def _parts(self, name: bytes) -> Tuple[bytes, ...]:
        # "type*;size*;modify;" and "SHA-256*;SHA-1": the star marks the active values (RFC 3659 section 7.8).
        return tuple(part.strip() for part in self._parameters.get(name, b"").split(b";") if part.strip())
