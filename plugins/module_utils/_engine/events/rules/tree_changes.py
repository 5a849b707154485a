# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts from the findings of the other programs of this host since the last pass.

Of the reports on trees, each change is reported once, the first of them with its name.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ...integrity.manifest import Recorded
from ...model.human import counted, human_size
from ...model.utc import utc
from ..event import UNEXPLAINED_CHANGE, UNKNOWN, Alert, Event
from ..probe.answer import Answer
from ..trees.report import NAMED, Report
from ..trees.unexplained import Unexplained
from .peaks import Peaks

_EXPECTED = "only changes by transfers"
_LOST = "no manifest to compare with: it was removed, or cannot be read"
_SECOND = 1000000000


class TreeChanges:
    """Add the last report of each tree; a report that was seen before causes no alert.

    A tree that loses its manifest is an alert: its changes up to the next manifest are unknown.
    """

    def __init__(self) -> None:
        self._seen: Dict[str, float] = {}
        self._counts = Peaks()

    def add(self, findings: Findings, now: float) -> List[Event]:
        """Return the alerts that these reports cause."""
        reports = {report.tree: report for report in findings.reports}
        self._seen = {tree: moment for tree, moment in self._seen.items() if tree in findings.trees}
        return [alert for tree in findings.trees for alert in self._alerts(tree, reports.get(tree), now)]

    def _alerts(self, tree: str, report: Optional[Report], now: float) -> Iterator[Event]:
        last = self._seen.pop(tree, None)
        if report is not None:
            self._seen[tree] = report.moment
        if report is None or report.is_first:
            is_lost = last is not None and (report is None or report.moment != last)
            report = Report(tree, now, int(is_lost), ())
        elif report.moment == last:
            return
        yield from self._reported(report, now)

    def _reported(self, report: Report, now: float) -> Iterator[Event]:
        self._counts.start(now)
        fired, days = self._counts.at_least(1, now), self._counts.history_days(now)
        if report.total:
            self._counts.add(now, report.total)
        for change in report.changes[:NAMED]:
            yield _alert(
                report.tree, change.path, Alert(UNEXPLAINED_CHANGE, _words(change), _EXPECTED, days, fired), now
            )
        rest = report.total - len(report.changes[:NAMED])
        if rest:
            words = counted(rest, "more change", "more changes") if report.changes else _LOST
            yield _alert(report.tree, b"", Alert(UNEXPLAINED_CHANGE, words, _EXPECTED, days, fired), now)

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {"seen": self._seen, "counts": self._counts.written(now)}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> TreeChanges:
        """Return the state of `written`. Raises ValueError."""
        changes = cls()
        changes._seen, changes._counts = dict(data["seen"]), Peaks.read(data["counts"])
        return changes


def _alert(tree: str, path: bytes, alert: Alert, now: float) -> Event:
    place = os.path.join(tree.encode(), path) if path else tree.encode()
    return Event(now, UNEXPLAINED_CHANGE, UNKNOWN, path=place, alert=alert)


def _words(change: Unexplained) -> str:
    files = [_file(each) for each in (change.before, change.after) if each]
    return f"{change.kind}: {' -> '.join(files)}" if files else change.kind


def _file(file: Optional[Recorded]) -> str:
    return f"{human_size(file.size)} of {utc(file.mtime / _SECOND)}" if file else ""


class Findings(NamedTuple):
    """trees: paths of the trees that are compared
    reports: the last report on each tree, as far as there is any
    answer: of the last probe of sshd
    """

    trees: Sequence[str] = ()
    reports: Sequence[Report] = ()
    answer: Optional[Answer] = None
