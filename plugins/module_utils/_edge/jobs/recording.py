# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run and its metrics, written by the program itself or, after the job, by the unit's recorder."""

from __future__ import annotations

import hashlib
import time
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple

from ..._engine.errors import InvalidRequest, OperationFailed
from ..._engine.jobs.ending import ending, state_of
from ..._engine.jobs.handover import run_id, taken, values
from ..._engine.jobs.job_file import Job, read_job, require_records
from ..._engine.jobs.metrics import Limits, counted, metrics_text, write_metrics
from ..._engine.jobs.records import HISTORY, Records, Sources, first_broken_link, record
from ..quantities import delete_limit
from ..receipting import VERSION
from .job_options import specification
from .job_run import status_of
from .pings import ping_ended


class Recording(NamedTuple):
    """file: of the job
    program: path of the program
    warn: shows a warning
    credentials: directory of the secrets; without it, systemd's
    """

    file: str
    program: str
    warn: Callable[[str], None]
    credentials: Optional[str] = None


def record_end(asked: Recording, environment: Mapping[str, str]) -> None:
    """Write the record of the job that systemd has just ended, from its variables and the values that the run left.

    A run in check mode leaves no record. The unit for pings reports the run. Raises InvalidRequest, OperationFailed.
    """
    left = taken(environment)
    if not left.get("check"):
        job = read_job(asked.file)
        _keep(job, _fields(asked, job, left, run_id(environment), ending(environment)))


def record_result(asked: Recording, result: Mapping[str, Any]) -> None:
    """Write the record of a run from its own result. Raises InvalidRequest, OperationFailed."""
    if result["check"]:
        return
    job = read_job(asked.file)
    fields = _fields(asked, job, values(result), str(result["run"]), (state_of(status_of(result)), ""))
    try:
        _keep(job, fields)
    finally:
        ping_ended(asked.credentials, fields, asked.warn)


def check_records(file: str) -> int:
    """Return the number of the records of a job; raises OperationFailed if a line does not follow the line before."""
    job = read_job(file)
    history = Records(require_records(job), job.history).history()
    broken = first_broken_link(history)
    if broken is not None:
        raise OperationFailed(
            f"records: line {broken} of {HISTORY} does not follow the line before",
            cure="Find out who changed the file; its lines from there on are not proven.",
        )
    return history.count(b"\n")


def _fields(asked: Recording, job: Job, left: Dict[str, Any], run: str, end: Tuple[str, str]) -> Dict[str, Any]:
    state, facts = end
    return record(
        job.name,
        left,
        run=run,
        state=state,
        facts=facts,
        ended=time.time(),
        sources=Sources(_digest(asked.program), job.sha256),
    )


def _keep(job: Job, fields: Mapping[str, Any]) -> None:
    counters = Records(require_records(job), job.history).append(fields, counted)
    if job.metrics is not None:
        write_metrics(job.metrics, job.name, metrics_text(fields, counters, _limits(job), version=VERSION))


def _limits(job: Job) -> Limits:
    """Return the limits of a job; a run with options that cannot be read deleted nothing."""
    if job.options.get("delete") is not True:
        return Limits(job.late_after)
    default = specification()["argument_spec"]["max_delete"]["default"]
    try:
        return Limits(job.late_after, delete_limit("max_delete", str(job.options.get("max_delete", default))))
    except InvalidRequest:
        return Limits(job.late_after)


def _digest(program: str) -> str:
    try:
        with open(program, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""
