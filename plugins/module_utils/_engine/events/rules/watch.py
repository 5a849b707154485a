# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch: all rules over the events, in one state that is saved with the cursor of the logs.

    each event -> event_rules (logins, deletions) and volumes -> alerts
    each pass  -> volumes, late feeds, health of the logs     -> alerts

- `event_rules` counts events of the last minutes by subject, and knows the sources and keys of accounts. `peaks` keeps
  the highest values of 28 days, against which any threshold can be counted.
- `log_health` uses the pauses of the volumes and the numbers of lines of the pass.
- Events before `began` are history: the rules learn of them without an alert.
- A state that was written and read back continues as if it had never ended.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional

from ...model.human import counted, human_size
from ..event import DOWNLOAD, SESSION_SUMMARY, UPLOAD, Alert, Event
from ..volumes.unusual import NO_BASELINE, VOLUME_DAY, VOLUME_HOUR
from ..volumes.volumes import UnusualVolume, Volumes
from .event_rules import EventRules
from .limits import RuleLimits
from .log_health import LogHealth, LogSilence, Reported, late_feeds
from .tree_changes import Findings, TreeChanges

SCHEMA = 1
_NOTHING = Findings()
_TIMES = {VOLUME_HOUR: "in this hour", VOLUME_DAY: "on this day", NO_BASELINE: "in an hour"}


class Watch:
    """The state of all rules.

    began: seconds since 1970; events before it are history, of which the rules learn without an alert
    findings: of the other programs of this host
    """

    def __init__(self, limits: RuleLimits, began: float, findings: Findings = _NOTHING) -> None:
        self._limits = limits
        self._began = began
        self._rules = EventRules(limits)
        self._health = LogHealth()
        self._late: Reported = {}
        self._findings, self._trees, self._silence = findings, TreeChanges(), LogSilence()
        self.volumes = Volumes()

    def add(self, event: Event) -> Iterator[Event]:
        is_history = event.moment < self._began
        self._count(event, learn=is_history)
        for alert in self._rules.add(event):
            if not is_history:
                yield alert

    def end_pass(self, lines: int, unknown: int, newest: Optional[float], now: float) -> List[Event]:
        """Return the alerts that the pass as a whole causes.

        lines, unknown: number of lines of the pass, and of lines that no pattern knows
        newest: time of the newest line
        """
        self._rules.sweep(now)
        unusual = [_volume_alert(each, now) for each in self.volumes.judge(now, self._limits.volumes)]
        late = late_feeds(self.volumes, now, self._limits, self._late)
        health = self._health.add(lines, unknown, now, self._limits)
        found = [*self._trees.add(self._findings, now), *self._silence.add(self._findings.answer, now)]
        return [*unusual, *late, *([health] if health else []), *found]

    def _count(self, event: Event, *, learn: bool) -> None:
        """Count the bytes of transfers. A summary repeats the bytes of its transfers."""
        if event.action != SESSION_SUMMARY and event.account:
            self.volumes.add(event.account, UPLOAD, event.moment, event.received, learn=learn)
            self.volumes.add(event.account, DOWNLOAD, event.moment, event.sent, learn=learn)

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {
            "schema": SCHEMA,
            "began": self._began,
            "rules": self._rules.written(now),
            "health": self._health.written(now),
            "late": self._late,
            "trees": self._trees.written(now),
            "silence": self._silence.written(now),
            "volumes": self.volumes.written(),
        }

    @classmethod
    def read(cls, data: Mapping[str, Any], limits: RuleLimits, findings: Findings = _NOTHING) -> Watch:
        """Return the state of `written`. Raises ValueError."""
        if data.get("schema") != SCHEMA:
            raise ValueError(f"the state has the schema {data.get('schema')!r}; this version reads {SCHEMA}")
        watch = cls(limits, data["began"], findings)
        watch._rules = EventRules.read(data["rules"], limits)
        watch._health = LogHealth.read(data["health"])
        watch._late = dict(data["late"])
        # The state of an earlier version has neither.
        if "trees" in data:
            watch._trees = TreeChanges.read(data["trees"])
        if "silence" in data:
            watch._silence = LogSilence.read(data["silence"])
        watch.volumes = Volumes.read(data["volumes"])
        return watch


def _volume_alert(each: UnusualVolume, now: float) -> Event:
    unusual = each.unusual
    span = _TIMES.get(unusual.rule, "a day")
    observed = f"{human_size(unusual.observed)} of {each.direction}s {span}"
    expected = (
        f"unknown: {counted(unusual.history_days, 'day')} of history"
        if unusual.expected is None
        else f"at most {human_size(unusual.expected)} ({unusual.kind})"
    )
    alert = Alert(unusual.rule, observed, expected, unusual.history_days, unusual.would_have_fired)
    return Event(now, each.direction, account=each.account, alert=alert)
