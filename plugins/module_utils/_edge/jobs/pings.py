# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pings of a job: by the program itself with --record, or by the units that systemd starts before and after the job."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.jobs.credentials import read_ping_url
from ..._engine.jobs.ended_run import ended_run
from ..._engine.jobs.ending import OK, STATES
from ..._engine.jobs.job_file import job_name

Warn = Callable[[str], None]


def ping_started(credentials: Optional[str], job: str, run: str, warn: Warn) -> None:
    """Ping the URL of a job, if any, at the start of a run. A failure is a warning. Raises InvalidRequest."""
    url = read_ping_url(credentials, job=job)
    if url is not None:
        _start(url, run, warn)


def ping_ended(credentials: Optional[str], record: Mapping[str, Any], warn: Warn) -> None:
    """Ping the URL of a job, if any, at the end of a run. A failure is a warning. Raises InvalidRequest."""
    url = read_ping_url(credentials, job=str(record["job"]))
    if url is not None:
        _end(url, record, "", warn)


def ping_unit(job: str, environment: Mapping[str, str], warn: Warn, *, start: bool) -> None:
    """Ping as the unit before a run, or after it. Raises InvalidRequest.

    Neither ping has an id: systemd gives the run its id after the ping at the start.
    """
    url = read_ping_url(None, job=job_name(job))
    if url is None:
        raise InvalidRequest("ping_url: is not stored", cure="Store the URL as a credential of the unit.")
    if start:
        _start(url, "", warn)
    else:
        run = ended_run(environment)
        _end(url, {**run, "run": ""}, _log(run), warn)


def _log(run: Mapping[str, Any]) -> str:
    """Return the last lines of a run that left no error of its own."""
    if run["result"] == OK or run["error"]["code"] not in STATES:
        return ""
    from ..._engine.jobs.ping import last_lines  # pylint: disable=import-outside-toplevel

    return last_lines(run["run"])


def _start(url: str, run: str, warn: Warn) -> None:
    from ..._engine.jobs.ping import ping_start  # pylint: disable=import-outside-toplevel

    _warned(ping_start(url, run), warn)


def _end(url: str, record: Mapping[str, Any], log: str, warn: Warn) -> None:
    from ..._engine.jobs.ping import ping  # pylint: disable=import-outside-toplevel

    _warned(ping(url, record, log=log), warn)


def _warned(fault: Optional[str], warn: Warn) -> None:
    if fault is not None:
        warn(f"ping_url: {fault}")
