# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase of the rotation of a host key, and the next step. Pure.

A rotation has no record of its own. The files on disk and sshd's configuration show its phase, so that a killed run can
simply be run again:

    idle        one key
    made        a successor is in a second file, with its time in the name, and is not served
    announced   it is served after the key that clients see: they learn it (hostkeys-00)
    promoted    it is served first: clients see it, and still learn the old key
    retired     it has replaced the old key too; its own file is removed when every client has dropped the old key
"""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence

from .host_key_file import HostKey

IDLE, MADE, ANNOUNCED, PROMOTED, RETIRED = "idle", "made", "announced", "promoted", "retired"
_NEXT = {IDLE: ANNOUNCED, MADE: ANNOUNCED, ANNOUNCED: PROMOTED, PROMOTED: RETIRED}
_NEED_CLIENTS = (ANNOUNCED, PROMOTED)
_LONG_AGO = 0.0


class Schedule(NamedTuple):
    """Seconds: the age at which a key is followed by another, how long that is announced, and the overlap."""

    max_age: float
    announce: float
    overlap: float


class Note(NamedTuple):
    """The note in the drop-in for a type: the phase that it made, and when."""

    phase: str
    since: float


class Seen(NamedTuple):
    """The present state of a type. served: the HostKey lines of sshd's configuration, in their order."""

    kind: str
    path: str
    standing: Optional[HostKey]
    successor: Optional[HostKey]
    served: Sequence[str]
    note: Optional[Note]


class Rotation(NamedTuple):
    """Where a type stands.

    path: the file of the standing key
    since: when the phase began, where that counts
    """

    kind: str
    path: str
    standing: Optional[HostKey]
    successor: Optional[HostKey]
    phase: str
    since: float


def standing_at(seen: Seen, now: float) -> Rotation:
    """Return the phase of a rotation. A time that is not noted, or lies in the future, is now: nothing goes too
    early."""
    phase = _phase(seen)
    noted = seen.note is not None and seen.note.phase == phase and seen.note.since <= now
    since = seen.note.since if seen.note is not None and noted else now
    return Rotation(seen.kind, seen.path, seen.standing, seen.successor, phase, since)


def due_at(rotation: Rotation, schedule: Schedule) -> Optional[float]:
    """Return when the next phase may begin; None if it waits only for the clients."""
    if rotation.phase == RETIRED:
        return None
    if rotation.phase == ANNOUNCED:
        return rotation.since + schedule.announce
    if rotation.phase == MADE or rotation.standing is None:
        return _LONG_AGO
    return rotation.standing.made + schedule.max_age if rotation.phase == IDLE else rotation.since + schedule.overlap


def advanced(rotation: Rotation, schedule: Schedule, now: float, *, held: bool) -> Rotation:
    """Return the same, or the next phase if it is time. held: a client lacks the new key, so that it may not be relied
    on."""
    due = due_at(rotation, schedule)
    if due is None or due > now or (held and rotation.phase in _NEED_CLIENTS):
        return rotation
    return rotation._replace(phase=_NEXT[rotation.phase], since=now)


def followers(rotations: Sequence[Rotation], phase: str) -> List[str]:
    """Return the files of the successors in a phase."""
    return [each.successor.path for each in rotations if each.successor is not None and each.phase == phase]


def host_keys(base: Sequence[str], rotations: Sequence[Rotation]) -> List[str]:
    """Return the HostKey lines for these rotations. base: the lines of the rest of the configuration.

    Of two keys of one type sshd shows the first, and announces both.
    """
    return [*followers(rotations, PROMOTED), *base, *followers(rotations, ANNOUNCED)]


def _phase(seen: Seen) -> str:
    if seen.successor is None:
        return IDLE
    if seen.standing is not None and seen.standing.public == seen.successor.public:
        return RETIRED
    if seen.successor.path not in seen.served:
        return MADE
    before = seen.served[: seen.served.index(seen.successor.path)]
    # If the old key was removed by hand, clients already see the new key.
    return PROMOTED if seen.standing is None or seen.path not in before else ANNOUNCED
