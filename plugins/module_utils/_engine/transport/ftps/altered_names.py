# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a server takes for other names: an operation on such a name would reach another file.

Only a run with such names asks. Two refusals are read: a refusal that repeats the path shows its altered form. ftp-srv
drops quotation marks and short options, and takes a backslash for a slash; pyftpdlib changes names that are not UTF-8.
ProFTPD, which has MFF, drops blanks at the end.
"""

from __future__ import annotations

import re
from typing import Callable, Iterable, NamedTuple, Tuple

from ...ftps.replies import Reply
from ...ftps.session import FtpsSession

_MARK = b"secure_sync-no-such-name"
_SUSPECT = re.compile(rb'["\\\x80-\xff]| -')


class Alteration(NamedTuple):
    """One way in which a server alters names.

    affects: whether a path is affected
    sample: a part of such a path
    words: the alteration, for people
    """

    affects: Callable[[bytes], object]
    sample: bytes
    words: str


def _not_utf8(path: bytes) -> bool:
    return path.decode("utf-8", "replace").encode() != path


BLANKS_AT_THE_END = Alteration(re.compile(rb"[ \t]\Z").search, b"", "drops the blanks at the end of a name")
_POSSIBLE = (
    Alteration(re.compile(rb'"').search, b'1"2', "drops quotation marks in names"),
    Alteration(re.compile(rb"\\").search, b"3\\4", "takes a backslash in a name for another character"),
    Alteration(re.compile(rb" -\w( |\Z)").search, b"5 -x 6", "takes a part of a name for an option"),
    Alteration(_not_utf8, b"7\xfe8", "changes names that are not UTF-8"),
)
_PATH = b"/." + _MARK + b"-" + b"-".join(each.sample for each in _POSSIBLE)


def is_unusual(path: bytes) -> bool:
    """Return whether a server may alter this path."""
    return _SUSPECT.search(path) is not None and any(each.affects(path) for each in _POSSIBLE)


def found_out(session: FtpsSession) -> Tuple[Alteration, ...]:
    """Return the server's alterations of names, from its refusals of a name that does not exist."""
    return shown_by(session.call_many([(b"CWD", _PATH), (b"SIZE", _PATH)]))


def shown_by(refusals: Iterable[Reply]) -> Tuple[Alteration, ...]:
    """Return the alterations in refusals; none where they do not repeat the path."""
    texts = [b" ".join(each.lines) for each in refusals]
    repeated = [text for text in texts if _MARK in text]
    return tuple(each for each in _POSSIBLE if any(each.sample not in text for text in repeated))
