# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about single events, each with its own history: logins, failed logins, deletions.

- New values are sources and keys that an account never used before. In the first days after the first login of an
  account every value is new: these days have no baseline, which is reported once for each account. An IPv6 source
  counts by its /64, because hosts change the rest of it themselves.

- Counts are of the last minutes, by subject: a source, an account. A burst begins with the first count after a quiet
  time and ends when the window is empty. Its highest count is recorded as one episode. The number of subjects is
  bounded: the subject that was quiet for the longest time is removed first.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

from ...model.human import counted
from ..event import DELETE, FAILURE, LOGIN, LOGIN_FAILED, REFUSED, SECURITY_KEY, Alert, Event
from ..volumes.unusual import NO_BASELINE
from .limits import (
    AUTH_FAILURES,
    BREAK_GLASS_USED,
    FIRST_SEEN_KEY,
    FIRST_SEEN_SOURCE,
    LOGIN_AFTER_FAILURES,
    MASS_DELETE,
    MFA_MISSING,
    RuleLimits,
)
from .peaks import Peaks

MOST_VALUES = 1000
"""Values of an account; the value that was unused for the longest time is removed first."""
REMEMBERED_DAYS = 180
DAYS = 28
_DAY = 86400.0
NEW, NO_HISTORY = "new", "no_history"
MOST_SUBJECTS = 10_000


class EventRules:
    """Add events in the order of their time; each may cause alerts."""

    def __init__(self, limits: RuleLimits) -> None:
        self._limits = limits
        self._sources = Window(limits.minutes)
        self._accounts = Window(limits.minutes)
        self._deletes = Window(limits.minutes)
        self._before_logins = Peaks()
        self._lone_factors = Peaks()
        self._emergencies = Peaks()
        self._seen_sources = FirstSeen()
        self._seen_keys = FirstSeen()

    def add(self, event: Event) -> Iterator[Event]:
        windows = (self._sources, self._accounts, self._deletes)
        for peaks in (*(each.peaks for each in windows), self._before_logins, self._lone_factors, self._emergencies):
            peaks.start(event.moment)
        if event.action in (LOGIN_FAILED, REFUSED):
            yield from self._failed(event)
        elif event.action == LOGIN:
            yield from self._logged_in(event)
        elif event.action == DELETE and event.outcome != FAILURE:
            yield from self._deleted(event)

    def sweep(self, now: float) -> None:
        """End the bursts that are over."""
        for window in (self._sources, self._accounts, self._deletes):
            window.sweep(now)

    def _failed(self, event: Event) -> Iterator[Event]:
        limit, minutes = self._limits.failures, self._limits.minutes
        subjects = ((self._sources, network_of(event.address), True), (self._accounts, event.account, False))
        for window, subject, is_source in subjects:
            if subject and window.add(subject, event.moment) == limit:
                # The alert names only its subject: the other half may be someone else's name.
                about = event._replace(account="") if is_source else event._replace(address="")
                expected = f"fewer than {limit} in {minutes} minutes"
                yield _alert(about, AUTH_FAILURES, f"{limit} failed logins", expected, window.peaks, limit)

    def _logged_in(self, event: Event) -> Iterator[Event]:
        source = network_of(event.address)
        failures = max(self._sources.count(source, event.moment), self._accounts.count(event.account, event.moment))
        limit = self._limits.failures_before_login
        if failures >= limit:
            observed = f"a login after {failures} failed logins in {self._limits.minutes} minutes"
            expected = f"fewer than {limit} failed logins before a login"
            yield _alert(event, LOGIN_AFTER_FAILURES, observed, expected, self._before_logins, limit)
        if failures:
            self._before_logins.add(event.moment, failures)
        yield from self._one_factor(event)
        yield from self._break_glass(event)
        yield from self._first_seen(event, source)

    def _first_seen(self, event: Event, source: str) -> Iterator[Event]:
        days = self._limits.learn_days
        seen = self._seen_sources.add(event.account, source, event.moment, days) if source else None
        if seen and seen.verdict == NO_HISTORY:
            expected = f"sources and keys are learned for {counted(days, 'day')}"
            yield _seen_alert(event, NO_BASELINE, "first login of the account", expected, seen)
        elif seen:
            yield _seen_alert(event, FIRST_SEEN_SOURCE, f"source {source}", _one_of(seen, "source"), seen)
        key = self._seen_keys.add(event.account, event.key, event.moment, days) if event.key else None
        if key and key.verdict != NO_HISTORY:
            yield _seen_alert(event, FIRST_SEEN_KEY, f"key {event.key}", _one_of(key, "key"), key)

    def _one_factor(self, event: Event) -> Iterator[Event]:
        """Two methods of sshd are two factors, and so is a security key with its PIN. FTP servers log no factors."""
        if event.account not in self._limits.mfa_accounts or SECURITY_KEY in event.factors:
            return
        if len(set(event.factors)) < 2:
            yield _alert(event, MFA_MISSING, _by(event), "two factors, or a security key", self._lone_factors, 1)
            self._lone_factors.add(event.moment, 1)

    def _break_glass(self, event: Event) -> Iterator[Event]:
        if event.account in self._limits.break_glass_accounts:
            observed = "a login of an emergency account"
            yield _alert(event, BREAK_GLASS_USED, observed, "no login without an incident", self._emergencies, 1)
            self._emergencies.add(event.moment, 1)

    def _deleted(self, event: Event) -> Iterator[Event]:
        limit = self._limits.deletes
        if self._deletes.add(event.account, event.moment) == limit:
            about = event._replace(path=b"", old_path=b"")
            expected = f"fewer than {limit} in {self._limits.minutes} minutes"
            yield _alert(about, MASS_DELETE, f"{counted(limit, 'file')} deleted", expected, self._deletes.peaks, limit)

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {
            "sources": self._sources.written(now),
            "accounts": self._accounts.written(now),
            "deletes": self._deletes.written(now),
            "before_logins": self._before_logins.written(now),
            "lone_factors": self._lone_factors.written(now),
            "emergencies": self._emergencies.written(now),
            "seen_sources": self._seen_sources.written(),
            "seen_keys": self._seen_keys.written(),
        }

    @classmethod
    def read(cls, data: Mapping[str, Any], limits: RuleLimits) -> EventRules:
        """Return the state of `written`. Raises ValueError."""
        rules = cls(limits)
        rules._sources = Window.read(data["sources"], limits.minutes)
        rules._accounts = Window.read(data["accounts"], limits.minutes)
        rules._deletes = Window.read(data["deletes"], limits.minutes)
        rules._before_logins = Peaks.read(data["before_logins"])
        rules._lone_factors = _peaks(data, "lone_factors")
        rules._emergencies = _peaks(data, "emergencies")
        rules._seen_sources = FirstSeen.read(data["seen_sources"])
        rules._seen_keys = FirstSeen.read(data["seen_keys"])
        return rules


def _alert(event: Event, rule: str, observed: str, expected: str, peaks: Peaks, limit: float) -> Event:
    fired: Optional[int] = peaks.at_least(limit, event.moment)
    return event._replace(alert=Alert(rule, observed, expected, peaks.history_days(event.moment), fired))


def _peaks(data: Mapping[str, Any], name: str) -> Peaks:
    """Return a history; the state of a version without its rule has none."""
    return Peaks.read(data[name]) if name in data else Peaks()


def _by(event: Event) -> str:
    if event.factors:
        return f"a login by {event.factors[0]} alone"
    return f"a login over {event.protocol}, whose log has no factors"


def _seen_alert(event: Event, rule: str, observed: str, expected: str, seen: Seen) -> Event:
    fired = None if seen.verdict == NO_HISTORY else seen.would_have_fired
    return event._replace(alert=Alert(rule, observed, expected, seen.history_days, fired))


def _one_of(seen: Seen, word: str) -> str:
    return f"the {word} that the account used before" if seen.known == 1 else f"one of {seen.known} known {word}s"


class Seen(NamedTuple):
    """verdict: NEW, or NO_HISTORY for the first login of an account
    known: number of values before
    history_days: days since the first login of the account
    would_have_fired: new values in the last 28 days
    """

    verdict: str
    known: int
    history_days: int
    would_have_fired: int


class FirstSeen:
    """The values of all accounts: for each the days of its first and its last use."""

    def __init__(self) -> None:
        self._began: Dict[str, int] = {}
        self._values: Dict[str, Dict[str, List[int]]] = {}

    def add(self, account: str, value: str, moment: float, learn_days: int) -> Optional[Seen]:
        """Record a login; return a verdict if the value is new and the account is not, or the reverse."""
        today = int(moment // _DAY)
        is_first = account not in self._began
        began, values = self._began.setdefault(account, today), self._values.setdefault(account, {})
        if value in values:
            values[value][1] = max(today, values[value][1])
            return None
        seen = Seen(
            NO_HISTORY if is_first else NEW,
            len(values),
            min(DAYS, today - began),
            self._fired(account, today, learn_days),
        )
        values[value] = [today, today]
        self._forget(values, today)
        return seen if is_first or today - began >= learn_days else None

    def _fired(self, account: str, today: int, learn_days: int) -> int:
        oldest = max(self._began[account] + learn_days, today - DAYS)
        return sum(first >= oldest for first, _last in self._values[account].values())

    @staticmethod
    def _forget(values: Dict[str, List[int]], today: int) -> None:
        for value in [each for each, (_first, last) in values.items() if last < today - REMEMBERED_DAYS]:
            del values[value]
        while len(values) > MOST_VALUES:
            del values[min(values, key=lambda each: values[each][1])]

    def written(self) -> Dict[str, Any]:
        """Return the values as plain data for JSON."""
        return {account: {"began": began, "values": self._values[account]} for account, began in self._began.items()}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> FirstSeen:
        """Return the values of `written`. Raises ValueError."""
        seen = cls()
        for account, fields in data.items():
            seen._began[account] = fields["began"]
            seen._values[account] = {value: list(days) for value, days in fields["values"].items()}
        return seen


def network_of(address: str) -> str:
    """Return the source of a login: an IPv4 address, or the /64 of an IPv6 address; other text as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{parsed}/64", strict=False))


class _Burst:
    """minutes: minute -> count
    peak: highest count within the window
    """

    __slots__ = ("minutes", "peak")

    def __init__(self) -> None:
        self.minutes: Dict[int, int] = {}
        self.peak = 0


class Window:
    """Add events in the order of their time."""

    def __init__(self, minutes: int) -> None:
        self.peaks = Peaks()
        self._width = minutes
        self._bursts: Dict[str, _Burst] = {}

    def add(self, subject: str, moment: float) -> int:
        """Count one event; return the count if it is the highest of this burst, else 0."""
        minute = int(moment // 60)
        count = self.count(subject, moment) + 1
        burst = self._bursts.pop(subject, None) or _Burst()
        burst.minutes[minute] = burst.minutes.get(minute, 0) + 1
        # The end of the dictionary has the subjects that were counted last.
        self._bursts[subject] = burst
        if len(self._bursts) > MOST_SUBJECTS:
            self._end(next(iter(self._bursts)), moment)
        if count <= burst.peak:
            return 0
        burst.peak = count
        return count

    def count(self, subject: str, moment: float) -> int:
        """Return the count of a subject within the window that ends at `moment`."""
        burst = self._bursts.get(subject)
        if burst is None:
            return 0
        oldest = int(moment // 60) - self._width
        burst.minutes = {minute: count for minute, count in burst.minutes.items() if minute > oldest}
        if not burst.minutes:
            self._end(subject, moment)
        return sum(burst.minutes.values())

    def sweep(self, moment: float) -> None:
        """End the bursts whose window is empty."""
        for subject in list(self._bursts):
            if self.count(subject, moment):
                return

    def _end(self, subject: str, moment: float) -> None:
        self.peaks.add(moment, self._bursts.pop(subject).peak)

    def written(self, now: float) -> Dict[str, Any]:
        """Return the window as plain data for JSON."""
        bursts = [[subject, burst.peak, sorted(burst.minutes.items())] for subject, burst in self._bursts.items()]
        return {"peaks": self.peaks.written(now), "bursts": bursts}

    @classmethod
    def read(cls, data: Mapping[str, Any], minutes: int) -> Window:
        """Return the window of `written`. Raises ValueError."""
        window = cls(minutes)
        window.peaks = Peaks.read(data["peaks"])
        for subject, peak, counts in data["bursts"]:
            burst = window._bursts[subject] = _Burst()
            burst.peak, burst.minutes = peak, dict(counts)
        return window
