# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reply: the server's reply to one command, and the meaning of a refusal for its item."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple, Type

from ..errors import (
    AlreadyExists,
    ItemError,
    NoSpace,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    QuotaExceeded,
)
from ..model.display import display

_MOST_SHOWN = 300

# The words of strerror(3), which ProFTPD and pure-ftpd pass on, and of vsftpd, which has few.
_BY_WORDS: Tuple[Tuple[bytes, Type[ItemError]], ...] = (
    (b"no such file", NotFound),
    (b"not found", NotFound),
    (b"does not exist", NotFound),
    (b"doesn't exist", NotFound),
    (b"file exists", AlreadyExists),
    (b"already exists", AlreadyExists),
    (b"quota", QuotaExceeded),
    (b"no space left", NoSpace),
    (b"disk full", NoSpace),
    (b"insufficient storage", NoSpace),
    # vsftpd sends no more than these when write(2) or open(2) fails.
    (b"failure writing to local file", NoSpace),
    (b"could not create file", PermissionDenied),
    (b"failed to open file", PermissionDenied),
    (b"permission denied", PermissionDenied),
    (b"operation not permitted", PermissionDenied),
    (b"read-only file system", PermissionDenied),
    (b"access denied", PermissionDenied),
    (b"access is denied", PermissionDenied),
    (b"prohibited", PermissionDenied),
    (b"not implemented", NotSupported),
    (b"not supported", NotSupported),
    (b"not understood", NotSupported),
    (b"unknown command", NotSupported),
    (b"unknown site command", NotSupported),
)
# RFC 959 section 4.2.2; 521 RFC 1639's draft successors and RFC 7151; 202 "superfluous at this site"
_BY_CODE = {
    202: NotSupported,
    452: NoSpace,
    500: NotSupported,
    502: NotSupported,
    504: NotSupported,
    521: AlreadyExists,
    530: PermissionDenied,
    532: PermissionDenied,
    534: NotSupported,
    536: NotSupported,
    552: QuotaExceeded,
}
_CROWDED = (b"too many", b"maximum", b"limit", b"max ", b"exceeded")


class Reply(NamedTuple):
    """One reply (RFC 959 section 4.2).

    code: 100 to 599
    lines: its text without codes and line ends, bytes as sent
    command: the refused command, without its argument; of SITE also the second word
    """

    code: int
    lines: Tuple[bytes, ...]
    command: bytes = b""

    def to(self, verb: bytes, argument: bytes) -> Reply:
        """Return a refusal with its command."""
        if not self.refused:
            return self
        return self._replace(command=verb + b" " + argument.split(b" ")[0] if verb == b"SITE" else verb)

    @property
    def preliminary(self) -> bool:
        """Return whether another reply follows (1xx)."""
        return self.code < 200

    @property
    def good(self) -> bool:
        """Return whether the command was carried out (2xx)."""
        return self.code // 100 == 2

    @property
    def refused(self) -> bool:
        """Return whether the command was not carried out (4xx, 5xx)."""
        return self.code >= 400

    @property
    def text(self) -> str:
        """Code and text for people: printable, at most about 300 characters."""
        shown = display(b" ".join(line.strip() for line in self.lines if line.strip())[: 4 * _MOST_SHOWN])
        cut = shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + "..."
        return f"{self.code} {cut}" if cut else f"{self.code}"


def item_error(reply: Reply, path: Optional[bytes] = None) -> ItemError:
    """Return the refusal of a command as an error of one item; the server's words are its message.

    The words decide before the code, since most servers send 550 for everything; the item's own name in them does not.
    """
    words = b" ".join(reply.lines).lower()
    for name in _names(path):
        words = words.replace(name, b"")
    for mark, kind in _BY_WORDS:
        if mark in words:
            return kind(_said(reply), path=path)
    return _BY_CODE.get(reply.code, OperationFailed)(_said(reply), path=path)


def access_error(reply: Reply, path: Optional[bytes] = None) -> ItemError:
    """As item_error, for an entry that was looked at: of the reasons for 550 and 553, "no access" is left."""
    error = item_error(reply, path)
    if error.code == OperationFailed.code and reply.code in (550, 553):
        return PermissionDenied(error.message, path=path)
    return error


def too_many(reply: Reply) -> bool:
    """Return whether a refused login names too many sessions as the reason."""
    words = b" ".join(reply.lines).lower()
    return reply.code in (421, 450, 530) and any(mark in words for mark in _CROWDED)


def _said(reply: Reply) -> str:
    if reply.command:
        return f"the server refuses {display(reply.command)}: {reply.text}"
    return f"the server says: {reply.text}"


def _names(path: Optional[bytes]) -> Tuple[bytes, ...]:
    """Return the item's names, as far as they hold words that decide: taking every name away would cut "f" out of
    "file"."""
    if not path:
        return ()
    lower = path.lower()
    names = (lower, lower.rpartition(b"/")[2] or lower)
    return tuple(name for name in names if any(mark in name for mark, _kind in _BY_WORDS))
