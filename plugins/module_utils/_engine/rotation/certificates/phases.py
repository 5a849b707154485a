# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase of the rotation of a server's key and certificate, and the changes that are due. Pure.

There is no record besides the stored keys and the served key:

    idle        one key
    announced   a newer key is stored; clients get its pin
    promoted    the newer key is served, the older key is stored; clients have the pins of both

A certificate that expires soon is renewed with the same key, in any phase: no pin changes.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple, Optional, Sequence

from .store import Generation

IDLE, ANNOUNCED, PROMOTED = "idle", "announced", "promoted"


class Schedule(NamedTuple):
    """Seconds: the age at which a key is followed by another, how long before its end a certificate is renewed, how
    long a new key is announced, and the overlap."""

    max_age: float
    renew_before: float
    announce: float
    overlap: float


class Rotation(NamedTuple):
    """The state of a rotation.

    current: the served key
    others: the other keys
    since: when current was first served
    """

    current: Generation
    others: Sequence[Generation]
    since: float

    @property
    def successor(self) -> Optional[Generation]:
        """Return the newest key that is not served yet; None if there is none."""
        newer = [each for each in self.others if each.announced > self.current.announced]
        return newer[-1] if newer else None

    @property
    def former(self) -> Optional[Generation]:
        """Return the key that was served before; None if there is none."""
        older = [each for each in self.others if each.announced < self.current.announced]
        return older[-1] if older else None

    @property
    def phase(self) -> str:
        """Return the phase. An old key is removed before a new key is announced."""
        if self.former is not None:
            return PROMOTED
        return IDLE if self.successor is None else ANNOUNCED


def due_at(rotation: Rotation, schedule: Schedule) -> float:
    """Return when the next phase may begin."""
    if rotation.phase == PROMOTED:
        return rotation.since + schedule.overlap
    if rotation.successor is not None:
        return rotation.successor.announced + schedule.announce
    return rotation.current.made + schedule.max_age


def is_due(rotation: Rotation, schedule: Schedule, now: float) -> bool:
    """Return a key, or a change of keys, whose time lies in the future is of now: nothing goes too early."""
    return due_at(rotation, schedule) <= now


def renewal_at(current: Generation, schedule: Schedule) -> float:
    """Return the time at which the served certificate must be renewed."""
    return (current.served.not_after if current.served is not None else 0.0) - schedule.renew_before


def issue_trouble(generation: Generation, served: Generation, names: Sequence[str], now: float) -> str:
    """Return why the issued certificate of a key cannot be served; "" if it can."""
    issued = generation.issued
    if issued is None:
        return "it holds no certificate"
    if issued.pin != generation.pin:
        return f"it is for another key ({issued.pin})"
    lacking = [name for name in names if not any(_covers(each, name) for each in issued.names)]
    if lacking:
        return f"it is not for {', '.join(lacking)}"
    if not issued.not_before <= now < issued.not_after:
        return "it is not valid now"
    same_key = generation.directory == served.directory
    if same_key and served.served is not None and issued.not_after <= served.served.not_after:
        return "it ends no later than the served certificate"
    return ""


def _covers(pattern: str, name: str) -> bool:
    """RFC 9525 section 6.3: a star stands for the whole first label of a DNS name."""
    if pattern.startswith("*.") and not _is_address(name):
        return name.lower().partition(".")[2] == pattern[2:].lower()
    return _canonical(pattern) == _canonical(name)


def _canonical(name: str) -> str:
    return str(ipaddress.ip_address(name)) if _is_address(name) else name.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
