# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration: from the reports of AIDE to alerts about changed files of a server's configuration.

A difference is reported once, until it changes or is accepted. Each check is an event with the digest of the accepted
state. A log server remembers it: root of this host can replace the state and the memory of the collector, but not
that.

The reports of AIDE have the format `json`: all differences of files from the accepted state, its database.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

from ..integrity.manifest import escape_name
from ..model.human import counted
from .event import (
    CONFIGURATION_ACCEPTED,
    CONFIGURATION_ADDED,
    CONFIGURATION_CHANGED,
    CONFIGURATION_CHECKED,
    CONFIGURATION_REMOVED,
    UNKNOWN,
    Alert,
    Event,
)

CHANGED, UNCHECKED = "configuration_changed", "configuration_unchecked"
"""The rules of alerts: a file differs from the accepted state; there is no new and whole report."""
_LATE = 2 * 86400.0
"""Seconds after a daily report in which the next is expected."""
_CATCHES_UP = 2 * 3600.0
"""Seconds after a boot in which a check takes place that was due while the host was off."""
_LARGEST = 1 << 20
"""Bytes of a report, which has some hundreds for each difference."""
_ACTIONS = {"added": CONFIGURATION_ADDED, "removed": CONFIGURATION_REMOVED, "changed": CONFIGURATION_CHANGED}
_OBSERVED = {CONFIGURATION_ADDED: "a new file", CONFIGURATION_REMOVED: "no file"}


class Configuration:
    """The differences that were reported. saved: the result of `saved` in an earlier run."""

    def __init__(self, path: str, began: float, saved: Optional[Dict[str, Any]] = None) -> None:
        saved = saved or {}
        self._path = path
        self._read: str = saved.get("read", "")
        self.checked: float = saved.get("checked", 0.0)
        self._began: float = saved.get("began", began)
        self._state: str = saved.get("state", "")
        self._known: Dict[str, str] = dict(saved.get("known", {}))
        self._is_late: bool = saved.get("is_late", False)

    def saved(self) -> Dict[str, Any]:
        """Return the state as values of JSON."""
        return {name.lstrip("_"): value for name, value in vars(self).items() if name != "_path"}

    @property
    def differences(self) -> int:
        """The number of files that differ from the accepted state."""
        return len(self._known)

    def events(self, now: float, up: float) -> Iterator[Event]:
        """Return the events of a new report, or of its absence. up: seconds since the boot."""
        text = self._new_report(now)
        if text is not None:
            yield from self._of_report(text)
        is_late = now - max(self.checked, self._began) > _LATE and up > _CATCHES_UP
        if is_late and not self._is_late:
            yield self._unchecked(now, "no check of the configuration for two days")
        self._is_late = is_late

    def _new_report(self, now: float) -> Optional[bytes]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                identity = f"{status.st_ino}:{status.st_mtime_ns}"
                if identity == self._read or not stat.S_ISREG(status.st_mode):
                    return None
                # A time in the future would hide that checks end.
                self._read, self.checked = identity, min(status.st_mtime, now)
                return file.read(_LARGEST)
        except OSError:
            return None

    def _of_report(self, text: bytes) -> Iterator[Event]:
        try:
            report = parse_report(text)
        except ValueError:
            yield self._unchecked(self.checked, "a report that cannot be read")
            return
        yield from self._of_state(report)
        known, self._known = self._known, {}
        for each in report.differences:
            name = escape_name(each.path).decode("ascii")
            self._known[name] = each.digest
            if known.get(name) != each.digest:
                alert = Alert(CHANGED, each.observed, _expected(each.action))
                yield Event(self.checked, each.action, UNKNOWN, protocol="", path=each.path, alert=alert)

    def _of_state(self, report: Report) -> Iterator[Event]:
        if self._state not in ("", report.state):
            yield Event(self.checked, CONFIGURATION_ACCEPTED, protocol="", state=report.state)
        self._state = report.state
        yield Event(self.checked, CONFIGURATION_CHECKED, protocol="", state=report.state)
        if report.uncompared:
            yield self._unchecked(self.checked, f"{counted(report.uncompared, 'file')} of which not all is compared")

    def _unchecked(self, moment: float, observed: str) -> Event:
        alert = Alert(UNCHECKED, observed, "a check of all files each day")
        return Event(moment, UNCHECKED, UNKNOWN, protocol="", alert=alert)


def _expected(action: str) -> str:
    return "no file" if action == CONFIGURATION_ADDED else "the accepted file"


class Difference(NamedTuple):
    """One file. observed: its difference, for people. digest: of old and new values, to recognize a further change."""

    action: str
    path: bytes
    observed: str
    digest: str


class Report(NamedTuple):
    """state: SHA-256 of the database, as AIDE writes it. uncompared: files of which not all attributes were compared,
    because settings and database ask for different attributes."""

    differences: List[Difference]
    state: str
    uncompared: int


def parse_report(text: bytes) -> Report:
    """Return a report. Raises ValueError."""
    try:
        # AIDE writes names as they are; not all are UTF-8.
        return _report(json.loads(text.decode("utf-8", "surrogateescape"), strict=False))
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError(f"not a report of AIDE: {error!r}") from None


def _report(values: Any) -> Report:
    details = values.get("details", {})
    differences = [
        _difference(action, name, details.get(name, {}))
        for part, action in _ACTIONS.items()
        for name in values.get(part, {})
    ]
    if len(differences) < sum(values["number_of_entries"].get(part, 0) for part in _ACTIONS):
        raise ValueError("not all differences are in the report")
    (database,) = values["databases"].values()
    return Report(differences, str(database["sha256"]), len(values.get("different_attributes", {})))


def _difference(action: str, name: str, detail: Mapping[str, Any]) -> Difference:
    observed = _OBSERVED.get(action) or "another " + ", ".join(detail or ["content"])
    digest = hashlib.sha256(json.dumps([action, detail], sort_keys=True).encode("utf-8")).hexdigest()[:32]
    return Difference(action, name.encode("utf-8", "surrogateescape"), observed, digest)
