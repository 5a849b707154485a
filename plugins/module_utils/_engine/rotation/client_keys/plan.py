# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide the key of a job, and the work for each of its servers. Pure: the state in, the plan out.

The state of a server is one link, to the generation that the job uses there, and one mark, that it may hold other keys
of the job. The steps from one generation to the next:

    link to old           PUBLISH: the server gets new next to old, and new is proven
    link to new, mark     RETIRE: the server keeps only the new key
    link to new, no mark  DONE

The mark is set before the link is changed and removed after the server was cleared, so that a run may end anywhere:
the link always names a key that the server accepts.

A generation is one key of a job, named after its type and the moment it was made.
"""

from __future__ import annotations

import re
from typing import FrozenSet, NamedTuple, Optional, Tuple

from ...model.human import counted
from ...model.utc import in_a_name, parse_name

PUBLISH, RETIRE, DONE = "publish", "retire", "done"
_DAY = 86400
ED25519 = "ed25519"
KEY_TYPES = (ED25519, "rsa")
_NAME = re.compile(rf"({'|'.join(KEY_TYPES)})-([0-9]{{8}}T[0-9]{{6}}Z)\Z")


class Policy(NamedTuple):
    """max_age: in days."""

    key_type: str
    max_age: float


class ServerState(NamedTuple):
    """The state of one server.

    current: the generation in use there
    uncleared: whether the server may hold other keys of the job
    to_revoke: the compromised generations that it may still accept
    """

    name: str
    managed: bool = True
    current: Optional[Generation] = None
    uncleared: bool = False
    to_revoke: Tuple[Generation, ...] = ()


class JobState(NamedTuple):
    """The state of a job.

    generations: complete generations on this client
    compromised: generations that must not be trusted any more
    """

    generations: Tuple[Generation, ...] = ()
    compromised: FrozenSet[Generation] = frozenset()
    servers: Tuple[ServerState, ...] = ()

    @property
    def newest(self) -> Optional[Generation]:
        return max(self.generations, default=None)


class Leg(NamedTuple):
    """The work for one server. published: the keys that it must hold until the new key is proven."""

    server: ServerState
    phase: str
    published: Tuple[Generation, ...]


def why_new(state: JobState, policy: Policy, now: float) -> str:
    """Return why the job needs a new key, in words; "" if it does not."""
    newest = state.newest
    if newest is None:
        return "there is no key yet"
    if newest in state.compromised:
        return "the key is compromised"
    if newest.key_type != policy.key_type:
        return f"the key is of the type {newest.key_type}"
    if now - newest.made >= policy.max_age * _DAY:
        return f"the key is {counted(int((now - newest.made) // _DAY), 'day')} old"
    return ""


def leg_of(server: ServerState, wanted: Generation, compromised: FrozenSet[Generation]) -> Leg:
    """Return the work. wanted: the generation that every server must accept in the end."""
    if server.current == wanted:
        return Leg(server, RETIRE if server.uncleared else DONE, (wanted,))
    kept = () if server.current is None or server.current in compromised else (server.current,)
    return Leg(server, PUBLISH, (*kept, wanted))


def unused(state: JobState, named: FrozenSet[Generation]) -> Tuple[Generation, ...]:
    """Return generations that no server uses or will use. named: generations that links name."""
    return tuple(each for each in state.generations if each not in named and each != state.newest)


class Generation(NamedTuple):
    """made: seconds since 1970. The order of generations is the order in which they were made."""

    made: int
    key_type: str

    @property
    def name(self) -> str:
        return f"{self.key_type}-{in_a_name(self.made)}"


def parse_generation(name: str) -> Optional[Generation]:
    """Return the generation of this name; None if it is the name of none."""
    match = _NAME.match(name)
    if match is None:
        return None
    try:
        return Generation(parse_name(match.group(2)), match.group(1))
    except ValueError:
        return None


def next_generation(newest: Optional[Generation], key_type: str, now: float) -> Generation:
    """Return a generation newer than all others, even if the clock was set back."""
    made = int(now) if newest is None else max(int(now), newest.made + 1)
    return Generation(made, key_type)
