# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a server takes for other names: an operation on one of them would reach another file.

A server that promises TVFS or MLST (RFC 3659) takes a path as it is, but for blanks at its end where it has MFF
(ProFTPD). Of any other server one refusal is read: where it repeats the path, it shows what became of it. ftp-srv drops
quotation marks and short options, and takes a backslash for a slash.
"""

from __future__ import annotations

import re
from typing import Callable, NamedTuple, Tuple

from ..ftps.replies import Reply
from ..ftps.session import FtpsSession

__all__ = ["BLANKS_AT_THE_END", "Alteration", "found_out", "shown_by"]


class Alteration(NamedTuple):
    """affects: whether a path is concerned; sample: a part of such a path; words: what the server does, for people."""

    affects: Callable[[bytes], object]
    sample: bytes
    words: str


def _not_utf8(path: bytes) -> bool:
    return path.decode("utf-8", "replace").encode() != path


BLANKS_AT_THE_END = Alteration(re.compile(rb"[ \t]\Z").search, b"", "drops the blanks at the end of a name")
_POSSIBLE = (
    Alteration(re.compile(rb'"').search, b'1"2', "drops quotation marks in names"),
    Alteration(re.compile(rb"\\").search, b"3\\4", "takes a backslash in a name for something else"),
    Alteration(re.compile(rb" -\w( |\Z)").search, b"5 -x 6", "takes a part of a name for an option"),
    Alteration(_not_utf8, b"7\xfe8", "changes names that are not UTF-8"),
)
_MARK = b"secure_sync-no-such-name"
_PATH = b"/." + _MARK + b"-" + b"-".join(each.sample for each in _POSSIBLE)


def found_out(session: FtpsSession) -> Tuple[Alteration, ...]:
    """What the server does to names, as the refusal of a directory that nobody has shows it."""
    return shown_by(session.call(b"CWD", _PATH))


def shown_by(refusal: Reply) -> Tuple[Alteration, ...]:
    """The alterations in a refusal; none where it does not repeat the path."""
    text = b" ".join(refusal.lines)
    if _MARK not in text:
        return ()
    return tuple(each for each in _POSSIBLE if each.sample not in text)
