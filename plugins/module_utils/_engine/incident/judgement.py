# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judgement of a drill of a revocation: its times, why it failed, and the values of its record. Pure.

Times are seconds of the monotonic clock of the controller. A record has whole milliseconds since the moment when the
key was marked as compromised.

The timeline of a watch has the logins of an account at one server, and its live session. Each line of the file is one
moment, in JSON. Times are seconds of the monotonic clock of the controller, which all its processes share.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

MODULE = "secure.ftp_synchronize.incident_drill"
"""Names the records of these drills."""
DETECTED, ACCESS_BACK = "detected", "access_back"

Milliseconds = Dict[str, Optional[int]]
SESSION, ACCEPTED, REFUSED, ENDED, FAILED = "session", "accepted", "refused", "ended", "failed"
_KINDS = (SESSION, ACCEPTED, REFUSED, ENDED, FAILED)


class Limits(NamedTuple):
    """Seconds. refused: until the first login that is refused. all_hosts: until every server refuses the key."""

    refused: int = 60
    all_hosts: int = 300


class Note(NamedTuple):
    """An answer of all servers. at: when the last answered; missed: servers without the answer."""

    at: float
    missed: Tuple[str, ...] = ()


class Facts(NamedTuple):
    """The measurements of a drill.

    servers: all of the drill, with the moments before the keys of the account were changed
    marked: when the key was marked as compromised; None if the drill ended before
    notes: by DETECTED and ACCESS_BACK, if asked
    open: servers where a key of the drill was not refused at the end, or no answer came
    """

    servers: Mapping[str, Seen]
    marked: Optional[float]
    notes: Mapping[str, Note]
    open: Sequence[str]


class Cause(NamedTuple):
    """Why a drill failed. id: stable. text: for people."""

    id: str
    text: str


def servers_of(facts: Facts) -> List[Dict[str, Any]]:
    return [
        {
            "name": name,
            "refused": _since(facts.marked, seen.refused),
            "sessions_ended": _since(facts.marked, seen.ended),
            "closed": name not in facts.open,
        }
        for name, seen in sorted(facts.servers.items())
    ]


def phases(facts: Facts) -> Milliseconds:
    """Return the times of the whole drill; None for a time that was not measured.

    refused: the first server refuses the key; all_hosts: the last does; sessions_ended: the last session has ended
    """
    found = servers_of(facts)
    refused = [each["refused"] for each in found]
    return {
        DETECTED: _noted(facts, DETECTED),
        "refused": min([each for each in refused if each is not None], default=None),
        "sessions_ended": _last([each["sessions_ended"] for each in found]),
        "all_hosts": _last(refused),
        ACCESS_BACK: _noted(facts, ACCESS_BACK),
    }


def causes(facts: Facts, limits: Limits) -> List[Cause]:
    """Return why the drill fails, the most urgent cause first."""
    return [*_open(facts), *_not_refused(facts), *_late(facts, limits), *_notes(facts)]


def _open(facts: Facts) -> Iterator[Cause]:
    if facts.open:
        text = f"a key of the drill may still open the account on {', '.join(sorted(facts.open))}"
        yield Cause("canary_open", text)


def _not_refused(facts: Facts) -> Iterator[Cause]:
    if facts.marked is None:
        yield Cause("not_begun", "the drill ended before the key was marked as compromised")
        return
    early = [each["name"] for each in servers_of(facts) if (each["refused"] or 0) < 0]
    if early:
        yield Cause("refused_before", f"the key was refused before it was marked, on {', '.join(early)}")
    for value, id_, words in (
        ("refused", "key_not_refused", "the key was not refused on %s"),
        ("sessions_ended", "session_not_ended", "the session did not end on %s"),
    ):
        lacking = [each["name"] for each in servers_of(facts) if each[value] is None]
        if lacking:
            yield Cause(id_, words % ", ".join(lacking))


def _late(facts: Facts, limits: Limits) -> Iterator[Cause]:
    measured = phases(facts)
    for name, most in limits._asdict().items():
        value = measured[name]
        if value is not None and value > most * 1000:
            text = f"{name} is {value / 1000:.1f} s, limits.{name} is {most} s"
            yield Cause(f"{name}_exceeded", text)


def _notes(facts: Facts) -> Iterator[Cause]:
    if facts.marked is None:
        return
    note = facts.notes.get(DETECTED)
    if note is not None and note.missed:
        yield Cause("not_detected", f"no event about the key on {', '.join(note.missed)}")
    note = facts.notes.get(ACCESS_BACK)
    missed = tuple(facts.servers) if note is None else note.missed
    if missed:
        yield Cause("access_not_back", f"the new key did not open the account on {', '.join(sorted(missed))}")


def _noted(facts: Facts, name: str) -> Optional[int]:
    note = facts.notes.get(name)
    return None if note is None or note.missed else _since(facts.marked, note.at)


def _since(marked: Optional[float], at: Optional[float]) -> Optional[int]:
    return None if marked is None or at is None else round((at - marked) * 1000)


def _last(values: Sequence[Optional[int]]) -> Optional[int]:
    known = [each for each in values if each is not None]
    return max(known) if known and len(known) == len(values) else None


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
