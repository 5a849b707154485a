# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Features: the server's announced features."""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, Tuple


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
