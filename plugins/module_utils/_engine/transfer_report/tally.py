# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tally: who moved how much, by account, day and week; failed logins by source; alerts.

Bytes and numbers of files come from the summaries of sessions, because the log may leave out events of files. A session
counts on the day on which it ended. Names in failed logins are made up by anyone, so they make no account.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..events.event import DOWNLOAD, LOGIN, LOGIN_FAILED, PENALTY, REFUSED, SESSION_SUMMARY, UPLOAD, Event

DAY = 86400
LARGEST = 5
"""Files of an account that are named."""
_MOST_SOURCES = 10_000
OTHERS = "others"


class Work:
    """The work of some sessions.

    received, sent: bytes that clients uploaded and downloaded
    read_back: bytes that clients read to prove their uploads
    """

    __slots__ = ("deletes", "denied", "downloads", "read_back", "received", "renames", "sent", "sessions", "uploads")

    def __init__(self) -> None:
        self.sessions = self.uploads = self.downloads = self.deletes = self.renames = self.denied = 0
        self.received = self.sent = self.read_back = 0

    def add(self, event: Event) -> None:
        """Add the summary of a session."""
        if event.summary:
            self.sessions += 1
            self.received += event.received
            self.sent += event.sent
            for name in ("uploads", "downloads", "deletes", "renames", "denied", "read_back"):
                setattr(self, name, getattr(self, name) + getattr(event.summary, name))

    def add_all(self, others: Iterable[Work]) -> Work:
        """Add the work of others; return this work."""
        for other in others:
            for name in self.__slots__:
                setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


class AccountWork:
    """The work of one account.

    days: day since 1970 -> work
    logins: number of logins
    last: time of the last login or session
    largest: the largest transfers, as size, direction and path
    """

    def __init__(self) -> None:
        self.days: Dict[int, Work] = {}
        self.logins = 0
        self.last: Optional[float] = None
        self.sources: Set[str] = set()
        self.keys: Set[str] = set()
        self.protocols: Set[str] = set()
        self._largest: List[Tuple[int, str, bytes]] = []

    def add(self, event: Event) -> None:
        """Add a login, a transfer or the summary of a session."""
        self.protocols.add(event.protocol)
        self.last = event.moment if self.last is None else max(self.last, event.moment)
        for values, value in ((self.sources, event.address), (self.keys, event.key)):
            if value and len(values) < _MOST_SOURCES:
                values.add(value)
        self.logins += event.action == LOGIN
        if event.action == SESSION_SUMMARY:
            self.days.setdefault(int(event.moment // DAY), Work()).add(event)
        elif event.action in (UPLOAD, DOWNLOAD) and event.path:
            self._name(event)

    def _name(self, event: Event) -> None:
        item = (max(event.received, event.sent), event.action, event.path)
        if item not in self._largest:
            heapq.heappush(self._largest, item)
            if len(self._largest) > LARGEST:
                heapq.heappop(self._largest)

    def largest(self) -> Sequence[Tuple[int, str, bytes]]:
        """Return the largest transfers that the log names, the largest first."""
        return sorted(self._largest, reverse=True)

    def total(self) -> Work:
        return Work().add_all(self.days.values())

    def weeks(self) -> Dict[int, Work]:
        """Return the work of each week, by its Monday as a day since 1970."""
        weeks: Dict[int, Work] = {}
        for day, work in sorted(self.days.items()):
            weeks.setdefault(week_of(day), Work()).add_all((work,))
        return weeks


class Failures(NamedTuple):
    source: str
    number: int
    accounts: Sequence[str]


class Tally:
    """Add the events of a period, in any order."""

    def __init__(self, only: Sequence[str] = ()) -> None:
        self.accounts: Dict[str, AccountWork] = {}
        self.alerts: List[Event] = []
        self.newest: Optional[float] = None
        self._only = frozenset(only)
        self._failures: Counter[str] = Counter()
        self._tried: Dict[str, Set[str]] = {}

    def add(self, event: Event) -> None:
        if self._only and event.account not in self._only:
            return
        self.newest = event.moment if self.newest is None else max(self.newest, event.moment)
        if event.alert:
            self.alerts.append(event)
        elif event.action in (LOGIN_FAILED, REFUSED, PENALTY):
            self._fail(event)
        elif event.account:
            self.accounts.setdefault(event.account, AccountWork()).add(event)

    def _fail(self, event: Event) -> None:
        is_known = event.address in self._failures or len(self._failures) < _MOST_SOURCES
        source = event.address if is_known else OTHERS
        self._failures[source] += 1
        tried = self._tried.setdefault(source, set())
        if event.account and len(tried) < LARGEST:
            tried.add(event.account)

    def total(self) -> Work:
        return Work().add_all(account.total() for account in self.accounts.values())

    def failed_logins(self) -> int:
        return sum(self._failures.values())

    def failures(self, most: int) -> List[Failures]:
        """Return the sources with the most failed logins."""
        ordered = sorted(self._failures.items(), key=lambda each: (-each[1], each[0]))
        return [Failures(source, count, sorted(self._tried[source])) for source, count in ordered[:most]]

    def by_volume(self) -> List[Tuple[str, AccountWork]]:
        """Return the accounts, the largest volume first."""
        return sorted(self.accounts.items(), key=lambda each: (-_volume(each[1].total()), each[0]))

    def alerts_of(self, account: str) -> int:
        return sum(each.account == account for each in self.alerts)


def _volume(work: Work) -> int:
    return work.received + work.sent


def week_of(day: int) -> int:
    """Return the Monday of the week of a day since 1970, which was a Thursday."""
    return day - (day + 3) % 7
