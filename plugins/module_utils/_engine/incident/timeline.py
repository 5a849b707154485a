# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeline of a watch: the logins of an account at one server, and its live session. Pure.

Each line of the file is one moment, in JSON. Times are seconds of the monotonic clock of the controller, which all its
processes share.
"""

from __future__ import annotations

import json
from typing import Any, List, NamedTuple, Optional, Sequence

SESSION, ACCEPTED, REFUSED, ENDED, FAILED = "session", "accepted", "refused", "ended", "failed"
_KINDS = (SESSION, ACCEPTED, REFUSED, ENDED, FAILED)


class Moment(NamedTuple):
    """One observation.

    kind: SESSION a session works; ENDED it works no more; ACCEPTED, REFUSED, FAILED a login, by its outcome
    began, at: begin and end of the attempt
    code: of the error
    """

    kind: str
    began: float
    at: float
    code: str = ""


class Seen(NamedTuple):
    """The moments that count; None for a moment that did not come.

    accepted: the begin of the last login that was accepted
    code: of the last login that was neither accepted nor refused, or of the session that did not begin
    """

    session: Optional[float] = None
    accepted: Optional[float] = None
    refused: Optional[float] = None
    ended: Optional[float] = None
    code: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a session works and a login was accepted, and neither came to an end."""
        return None not in (self.session, self.accepted) and self.refused is None and self.ended is None

    @property
    def is_over(self) -> bool:
        """Whether a login was refused and the session has ended."""
        return self.refused is not None and self.ended is not None


def format_moment(moment: Moment) -> bytes:
    """Return one line of the file."""
    return json.dumps(moment._asdict()).encode("ascii") + b"\n"


def parse(content: bytes) -> List[Moment]:
    """Return the moments of a file. A last line that is not complete yet is left out, and so is any other text."""
    return [found for found in map(_moment, content.split(b"\n")[:-1]) if found is not None]


def _moment(line: bytes) -> Optional[Moment]:
    try:
        found = Moment(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    return found if found.kind in _KINDS and _is_time(found.began) and _is_time(found.at) else None


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def seen(moments: Sequence[Moment], until: Optional[float] = None) -> Seen:
    """Return the moments that count, without those after `until`: then the keys of the account were changed."""
    found = Seen()
    for each in moments:
        if until is not None and each.at > until:
            continue
        if each.kind == FAILED:
            found = found._replace(code=each.code)
        elif each.kind == ACCEPTED:
            found = found._replace(accepted=each.began)
        elif getattr(found, each.kind) is None:
            found = Seen(**{**found._asdict(), each.kind: each.at})
    return found
