# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""revoked.krl.history: the lists from which a list came. A server learns here whether its own list is among them. Pure.

A line for each list: its version, and the SHA-256 of its comment. The comment of a list has the digest of its entries
and the digest of this file, and the signature covers the comment. So the file needs no signature, and two directories
never make lists with the same line, unless these have the same entries and the same history.

The digest covers the last 2,000 lines. The file keeps a line more: a killed run has added the line of the present list,
and the history of that list must not lose its oldest line to it.

Only a list that the server finds here may lose entries: `state: absent` removed them. A list of a lost, restored or
copied directory is not here.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple

from ..integrity.digest import sha256
from .header import KrlHeader

HISTORY = "revoked.krl.history"
_MOST = 2000
_FROM = " history:"


class History(NamedTuple):
    """lines: of the oldest list to the newest list; those before the last 2,000 are not signed and do not count."""

    lines: Tuple[str, ...] = ()

    @property
    def content(self) -> bytes:
        return _text(self.lines)

    @property
    def digest(self) -> str:
        return sha256(_text(self.lines[-_MOST:])).hexdigest()

    def has(self, header: KrlHeader) -> bool:
        """Return whether a list is one of these lists."""
        return _line(header) in self.lines[-_MOST:]

    def with_list(self, header: KrlHeader) -> History:
        """Return the history of the list that follows. It forgets the oldest lists."""
        return History((*self.lines, _line(header))[-_MOST - 1 :])

    def leads_to(self, header: KrlHeader) -> bool:
        """Return whether a list has this history, by its comment."""
        return header.comment.endswith(_FROM + self.digest)


def comment_of(entries: str, history: History) -> str:
    """Return the comment of a list. entries: digest of its entries."""
    return entries + _FROM + history.digest


def entries_of(header: KrlHeader) -> str:
    return header.comment.partition(_FROM)[0]


def history_of(header: KrlHeader, content: bytes) -> History:
    """Return the lists before a list; none if the file belongs to another list.

    A run that was killed may have added the list itself already.
    """
    found = History(tuple(content.decode("utf-8", "surrogateescape").splitlines()))
    if found.lines and found.lines[-1] == _line(header):
        found = History(found.lines[:-1])
    return found if found.leads_to(header) else History()


def _text(lines: Tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _line(header: KrlHeader) -> str:
    return f"{header.version} {sha256(header.comment.encode('utf-8', 'surrogateescape')).hexdigest()}"
