# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pass of the collector: from the new lines of all logs to events, alerts and metrics.

    complete the lines of the last run                         (state.py)
    read the journal by cursor, log files by inode and offset  (journal.py, log_file.py)
    parse each line: a pattern fits from its first to its last character  (sshd_lines.py, vsftpd_lines.py, ...)
    join the lines of a session, count its files               (ssh_sessions.py, ftp_sessions.py, work.py)
    let the rules see each event
    after each batch: save all parts in one rename, then append the lines to events.jsonl
    at the end: events that the passage of time brings, alerts of the pass, metrics

A batch is bounded, in lines and in bytes, and so are the names that sessions have waiting: a backlog of any length,
and names of any length, take the same memory. Every part is saved together with the positions of the logs that it has
seen: a process that is killed at any time loses no line and repeats none.
"""

from __future__ import annotations

import itertools
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Protocol

from .configuration import Configuration
from .event import DOWNLOAD, Alert, Event, line_of
from .ftp_sessions import FtpSessions
from .journal import Gap, Item, read_journal
from .log_file import LogFiles
from .metrics import count
from .settings import ALL, NONE, Settings
from .ssh_sessions import Accounts, SshSessions
from .state import Output, State, load_state, locked_state, save_state

LOG_GAP = "log_gap"
"""The rule of an alert: lines were deleted before they were read."""
_BATCH = 2000
"""Lines of logs."""
_BATCH_BYTES = 4 << 20
"""Of events. A client chooses how long the names in its events are."""
_NAMES = 8 << 20
"""Characters of names that all sessions of a protocol have waiting."""
_FILE_ACTIONS = frozenset(("upload", "download", "rename", "delete", "mkdir", "setstat", "link"))
_SOURCES = ("vsftpd", "xferlog")
Journal = Callable[[str, float], Iterator[Item]]


class Watcher(Protocol):
    """The rules, which see every event."""

    def add(self, event: Event) -> Iterable[Event]:
        """Return the alerts that an event causes."""

    def end_pass(self, lines: int, unknown: int, newest: Optional[float], now: float) -> Iterable[Event]:
        """Return the alerts that a pass as a whole causes."""

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as values of JSON."""


class Passed(NamedTuple):
    """The result of a pass: its lines and events, the counters of all passes, open sessions, the moment of the newest
    line, and the state of the configuration."""

    lines: int
    events: int
    counters: Dict[str, int]
    sessions: int
    newest: float
    configuration: Optional[Configuration] = None


class Pass:
    """The parts of one pass, as they were saved by the last."""

    def __init__(
        self, settings: Settings, accounts: Accounts, saved: Optional[Dict[str, Any]], watch: Watcher, now: float
    ) -> None:
        values = saved or {}
        self._settings, self._watch = settings, watch
        self._now = now
        self._began: float = values.get("began", 0.0)
        self._completed: float = values.get("completed", 0.0)
        self._ssh = SshSessions(accounts, values.get("ssh"))
        self._ftp = FtpSessions(settings.idle, values.get("ftp"))
        self.counters: Dict[str, int] = dict(values.get("counters", {}))
        self.cursor: str = values.get("cursor", "")
        self.since: float = values.get("since", now - settings.history * 86400)
        self.configuration = Configuration(settings.aide, now, values.get("configuration")) if settings.aide else None
        self._positions: Dict[str, Any] = dict(values.get("positions", {}))
        self._reading: Dict[str, LogFiles] = {}
        self.newest: float = values.get("newest", 0.0)
        self._unparsed = self.counters.get("unparsed_lines_total", 0)
        self.lines = 0
        self.events = 0

    @property
    def unparsed(self) -> int:
        """The number of lines that no pattern knows, of all passes."""
        return self._unparsed + self._unknown

    @property
    def sessions(self) -> int:
        return self._ssh.open + self._ftp.open

    def complete(self, now: float) -> None:
        """Book that this pass has read all logs: audit and the program `trees` go by its times."""
        self._began, self._completed = self._now, now

    def values(self, now: float) -> Dict[str, Any]:
        """Return all that the next pass needs, as values of JSON."""
        return {
            "ssh": self._ssh.saved(),
            "ftp": self._ftp.saved(),
            "counters": {**self.counters, "unparsed_lines_total": self.unparsed},
            "cursor": self.cursor,
            "since": self.since,
            "positions": {**self._positions, **{path: each.positions() for path, each in self._reading.items()}},
            "newest": self.newest,
            "began": self._began,
            "completed": self._completed,
            "watch": self._watch.written(now),
            **({"configuration": self.configuration.saved()} if self.configuration else {}),
        }

    def from_journal(self, entries: Iterator[Item]) -> Iterator[bytes]:
        """Yield the lines of the events of each entry."""
        for entry in entries:
            if isinstance(entry, Gap):
                yield self._gap("journal", entry.moment)
                continue
            self._read(entry.moment)
            lines = self._written(self._ssh.take(entry))
            self.cursor = entry.cursor
            yield lines

    def from_log(self, kind: str, path: str, now: float) -> Iterator[bytes]:
        """Yield the lines of the events of each line of a log file."""
        take = {
            "vsftpd": self._ftp.take_vsftpd,
            "xferlog": self._ftp.take_xferlog,
        }[kind]
        with LogFiles(path, self._positions.get(path)) as files:
            self._reading[path] = files
            if files.lost:
                yield self._gap(path, now)
            for line in files.lines():
                self._read(now)
                yield self._written(take(line.text, line.cursor))
            del self._reading[path]
            self._positions[path] = files.positions()

    def limited(self) -> bytes:
        """Return the lines of the events of names that are forgotten, because there are too many."""
        return self._written(itertools.chain(self._ssh.limited(_NAMES), self._ftp.limited(_NAMES)))

    def ended(self, now: float) -> bytes:
        """Return the lines of the events that the end of the pass brings."""
        lines = self._written(itertools.chain(self._ssh.passed(now), self._ftp.passed(now)))
        if self.configuration:
            lines += self._alerts(self.configuration.events(now, time.clock_gettime(time.CLOCK_BOOTTIME)))
        newest = self.newest if self.lines else None
        return lines + self._alerts(self._watch.end_pass(self.lines, self._unknown, newest, now))

    @property
    def _unknown(self) -> int:
        return self._ssh.unknown + self._ftp.unknown

    def _read(self, moment: float) -> None:
        self.lines += 1
        self.newest = max(self.newest, moment)

    def _gap(self, log: str, moment: float) -> bytes:
        alert = Alert(LOG_GAP, f"{log}: lines were deleted before they were read", "all lines")
        return self._alerts([Event(moment, LOG_GAP, "unknown", alert=alert)])

    def _written(self, events: Iterable[Event]) -> bytes:
        lines: List[bytes] = []
        for event in events:
            count(self.counters, event, account_labels=self._settings.account_labels)
            if self._is_wanted(event):
                lines.append(line_of(event))
                self.events += 1
            lines.append(self._alerts(self._watch.add(event)))
        return b"".join(lines)

    def _alerts(self, alerts: Iterable[Event]) -> bytes:
        lines = []
        for alert in alerts:
            count(self.counters, alert, account_labels=False)
            lines.append(line_of(alert))
            self.events += 1
        return b"".join(lines)

    def _is_wanted(self, event: Event) -> bool:
        if event.action not in _FILE_ACTIONS or self._settings.files == ALL:
            return True
        return self._settings.files != NONE and event.action != DOWNLOAD


def collect(
    settings: Settings,
    accounts: Accounts,
    make_watch: Callable[[Optional[Dict[str, Any]]], Watcher],
    clock: Callable[[], float],
    journal: Journal = read_journal,
) -> Passed:
    """Read all new lines and write their events. Raises SyncError and OSError; the next pass then begins where the last
    saved state is."""
    with locked_state(settings.state) as directory:
        state = load_state(directory)
        output = Output(settings.output)
        try:
            if state is not None and state.pending is not None:
                output.complete(state.pending)
            saved = state.values if state else None
            current = Pass(settings, accounts, saved, make_watch((saved or {}).get("watch")), clock())
            _run(current, directory, output, settings, clock, journal)
        finally:
            output.close()
    counters = {**current.counters, "unparsed_lines_total": current.unparsed}
    return Passed(current.lines, current.events, counters, current.sessions, current.newest, current.configuration)


def _run(
    current: Pass, directory: int, output: Output, settings: Settings, clock: Callable[[], float], journal: Journal
) -> None:
    batch: List[bytes] = []
    size = 0
    for lines in _all_lines(current, settings, clock, journal):
        batch.append(lines)
        size += len(lines)
        if len(batch) >= _BATCH or size >= _BATCH_BYTES:
            _save(current, directory, output, batch, clock())
            batch.clear()
            size = 0
    batch.append(current.ended(clock()))
    _save(current, directory, output, batch, clock())
    current.complete(clock())
    save_state(directory, State(current.values(clock())))


def _all_lines(current: Pass, settings: Settings, clock: Callable[[], float], journal: Journal) -> Iterator[bytes]:
    if settings.journal:
        yield from current.from_journal(journal(current.cursor, current.since))
    for kind in _SOURCES:
        for path in getattr(settings, kind):
            yield from current.from_log(kind, path, clock())


def _save(current: Pass, directory: int, output: Output, batch: List[bytes], now: float) -> None:
    """Save the state with the lines, then write the lines."""
    lines = b"".join([*batch, current.limited()])
    if lines:
        pending = output.place(lines)
        save_state(directory, State(current.values(now), pending))
        output.complete(pending)
