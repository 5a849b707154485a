# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop a scheduled sync of this host, and start its schedule again. The former state of the timer is on record.

1. Write the record, before the first change.
2. Disable and stop the timer, then end a run in progress.
"""

from __future__ import annotations

import json
from typing import Callable, NamedTuple, Optional, Tuple

from ..errors import NotFound, OperationFailed
from ..jobs.names import UNIT
from ..system.changes import Change
from ..system.login_state import Run
from ..system.program import Completed, ask_program, run_program
from .record import CLOSED, OPEN, RecordFile

_SHOW = ("systemctl", "show", "--property=LoadState,ActiveState,UnitFileState")


class JobRequest(NamedTuple):
    """records: directory of the records"""

    name: str
    records: str = "/etc/secure_ftp_synchronize/closed_jobs"
    check_mode: bool = False

    @property
    def timer(self) -> str:
        return UNIT % self.name + ".timer"

    @property
    def service(self) -> str:
        return UNIT % self.name + ".service"


class JobReport(NamedTuple):
    """ended: whether a run in progress was ended or, in check mode, would be ended. note: for people; "" for none"""

    changes: Tuple[Change, ...]
    state: str
    ended: bool = False
    note: str = ""


class Systemd(NamedTuple):
    """The systemd of the host, and the root of its records."""

    ask: Callable[..., Completed] = ask_program
    run: Run = run_program
    owner: int = 0
    start: str = "/"


class _Unit(NamedTuple):
    known: bool
    active: bool
    enabled: bool


_HERE = Systemd()


def close_job(asked: JobRequest, host: Systemd = _HERE) -> JobReport:
    """Stop the timer and a run in progress. A job that was removed since it was closed stays closed.

    Raises NotFound, UnsafePath, OperationFailed.
    """
    timer, service, file = _unit(asked.timer, host), _unit(asked.service, host), _file(asked, host)
    changes, former = [], _former(file)
    if former is None and not timer.known and not service.known:
        raise NotFound(
            f"jobs: {asked.name} is not on this host",
            cure="Set jobs to jobs of the role sync_job on this host, without jobs that were removed.",
        )
    if former is None:
        changes.append(Change(file.path, OPEN, CLOSED))
        if not asked.check_mode:
            file.write(json.dumps({"state": CLOSED, "active": timer.active, "enabled": timer.enabled}) + "\n")
    if timer.active or timer.enabled:
        changes.append(Change(asked.timer, "active", "disabled"))
    if asked.check_mode:
        return JobReport(tuple(changes), CLOSED, service.active)
    return JobReport(tuple(changes), CLOSED, _stopped(asked, timer, host))


def _stopped(asked: JobRequest, timer: _Unit, host: Systemd) -> bool:
    """Stop the timer first: it may start the service until then. Return whether a run was ended."""
    if timer.enabled:
        host.run("systemctl", "--quiet", "disable", asked.timer)
    if timer.active:
        host.run("systemctl", "stop", asked.timer)
    running = _unit(asked.service, host).active
    if running:
        host.run("systemctl", "stop", asked.service)
    return running


def open_job(asked: JobRequest, host: Systemd = _HERE) -> JobReport:
    """Bring the timer back to its former state, or note that the job is gone. Raises UnsafePath, OperationFailed."""
    file = _file(asked, host)
    former = _former(file)
    if former is None:
        return JobReport((), OPEN)
    changes, there = [Change(file.path, CLOSED, OPEN)], _unit(asked.timer, host).known
    if there and (former.active or former.enabled):
        changes.append(Change(asked.timer, "disabled", "active" if former.active else "enabled"))
    if not asked.check_mode:
        if there:
            _started(asked, former, host)
        file.write(json.dumps({"state": OPEN}) + "\n")
    return JobReport(tuple(changes), OPEN, note="" if there else f"jobs: {asked.name} was removed from this host")


def _started(asked: JobRequest, former: _Unit, host: Systemd) -> None:
    if former.enabled:
        host.run("systemctl", "--quiet", "enable", asked.timer)
    if former.active:
        host.run("systemctl", "start", asked.timer)


def _unit(name: str, host: Systemd) -> _Unit:
    completed = host.ask(*_SHOW, name)
    found = dict(line.split("=", 1) for line in completed.out.splitlines() if "=" in line)
    active = found.get("ActiveState", "") not in ("inactive", "failed", "")
    return _Unit(found.get("LoadState", "not-found") != "not-found", active, found.get("UnitFileState") == "enabled")


def _file(asked: JobRequest, host: Systemd) -> RecordFile:
    return RecordFile(asked.records, asked.name, owner=host.owner, start=host.start)


def _former(file: RecordFile) -> Optional[_Unit]:
    """Return the former state of the timer of a closed job; None for a job that is open."""
    text = file.text()
    if not text:
        return None
    try:
        fields = json.loads(text)
        return _Unit(True, fields["active"], fields["enabled"]) if fields["state"] == CLOSED else None
    except (ValueError, TypeError, KeyError):
        raise OperationFailed(f"{file.path}: is not the record of a job", cure="Restore or remove it.") from None
