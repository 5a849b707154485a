# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trial of a job before it is deployed: a unit with the same text runs it in check mode, from other places.

The job that is in service keeps its files, its unit and its timer. A trial that is killed leaves files below /run, and
its limits of connections, until the next start or trial of the job.

A run in progress is never without limits: rules of the trial replace its rules in one step, and a trial without rules
leaves them.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import Callable, Iterator, List, Mapping, NamedTuple

from ...errors import CheckFailed, Locked, SecretUnavailable, SyncError
from ...system.accounts import Owner
from ...system.changes import Changes
from ...system.entries import Attributes
from ...system.program import ask_program, run_program
from ..handover import left_at
from ..names import ACCOUNT, credential_name
from ..unit_text import JobUnit, base_name, service_text, trial_of, unit_name
from . import credstore, egress, places
from .exposure import require_exposure
from .job_account import PUBLIC, keep_path, put_secret
from .request import WantedJob

_STAGE = 0o711
_JOB_FILE = 0o640
_SPARE_SECONDS = 120
_LINES = "15"


class SecretAwaited(CheckFailed):
    """A source has no usable secret. A file cannot belong to an account that does not exist: a new account stays."""


class Trial(NamedTuple):
    """exposure: of the unit; egress: the limits of its connections."""

    exposure: float
    egress: Mapping[str, str]


def try_job(job: WantedJob, account: Owner, exposure_max: float, note: Callable[[str], None]) -> Trial:
    """Run the job in check mode, while the limits of its connections hold.

    note: gets the failures of the clean-up after a check that failed
    Raises ExposureTooHigh, CheckFailed and OperationFailed.
    """
    with _staged(job, account, note) as trial:
        level = _measured(job.unit, exposure_max)
        _run(job.unit, trial)
        return Trial(level, egress.limits(job.unit.name, job.unit.egress))


def _measured(unit: JobUnit, most: float) -> float:
    """Measure the unit as it will be in service."""
    path = f"{places.stage(unit.name)}/{unit_name(unit)}"
    _put(path, PUBLIC, service_text(unit).encode())
    return require_exposure(path, most)


@contextmanager
def _staged(job: WantedJob, account: Owner, note: Callable[[str], None]) -> Iterator[JobUnit]:
    """Yield the unit of the trial, with its files in place. A failure of the block stays the cause."""
    stage = places.stage(job.unit.name)
    name = job.unit.name
    trial = trial_of(
        job.unit,
        job_file=places.job_file(name, stage),
        credstore=stage,
        egress_file=places.egress_file(name, stage),
    )
    unit_path = f"{places.RUNTIME_UNITS}/{unit_name(trial)}"
    _forget(trial, unit_path)
    if not trial.egress_file and not _is_running(job.unit):
        egress.forget_rules(name)
    try:
        keep_path(stage, Attributes(0, 0, _STAGE), Changes(check_mode=False))
        _put(trial.job_file, Attributes(0, account.group, _JOB_FILE), job.text)
        if trial.egress_file:
            _put(trial.egress_file, PUBLIC, egress.rules_text(name, job.unit.egress).encode())
        for key in job.unit.credentials:
            path = f"{stage}/{credential_name(name, key)}"
            put_secret(path, credstore.sealed(name, key, job.secrets[key]))
        _put(unit_path, PUBLIC, service_text(trial).encode())
        run_program("systemctl", "daemon-reload")
        yield trial
    except BaseException:
        for error in _cleaned_up(trial, unit_path):
            note(f"after the check of the job {name}: {error}")
        raise
    for error in _cleaned_up(trial, unit_path):
        raise error


def _cleaned_up(trial: JobUnit, unit_path: str) -> List[Exception]:
    """Take each step, also after a failed step, and return the failures."""
    failures: List[Exception] = []
    steps: List[Callable[[], None]] = [
        lambda: _forget(trial, unit_path),
        lambda: egress.restore_rules(trial.name),
        lambda: run_program("systemctl", "daemon-reload"),
    ]
    for step in steps:
        try:
            step()
        except (OSError, SyncError) as error:
            failures.append(error)
    return failures


def _is_running(unit: JobUnit) -> bool:
    state = ask_program("systemctl", "show", "--property=ActiveState", "--value", unit_name(unit)).out.strip()
    return state not in ("inactive", "failed")


def _forget(trial: JobUnit, unit_path: str) -> None:
    ask_program("systemctl", "stop", unit_name(trial))
    ask_program("systemctl", "reset-failed", unit_name(trial))
    for directory in (places.stage(trial.name), _runtime(trial)):
        shutil.rmtree(directory, ignore_errors=True)
    if os.path.lexists(unit_path):
        os.unlink(unit_path)


def _run(unit: JobUnit, trial: JobUnit) -> None:
    completed = ask_program("systemctl", "start", unit_name(trial), seconds=unit.timeout + _SPARE_SECONDS)
    if completed.status:
        raise _failure(unit, trial)


def _failure(unit: JobUnit, trial: JobUnit) -> SyncError:
    """Return the error that the job itself reported; else the last lines of the journal."""
    error = (left_at(_runtime(trial)) or {}).get("error")
    if error and error["code"] == Locked.code:
        return CheckFailed(
            f"{unit.name}: the check was not made: {error['message']}",
            cure=f"Deploy again after the end of the other run; {_kept(unit)}.",
        )
    if error:
        kind, cure = CheckFailed, error["cure"] or ""
        if error["code"] == SecretUnavailable.code:
            owner = f"If the source is a file, it must belong to {ACCOUNT % unit.name}, which exists now."
            kind, cure = SecretAwaited, f"{cure} {owner} Deploy again."
        return kind(f"{unit.name}: in check mode: {error['code']}: {error['message']}", cure=cure)
    return CheckFailed(
        f"{unit.name}: the unit did not start in check mode: {_journal(trial) or 'no reason given'}",
        cure=f"Correct the job; {_kept(unit)}.",
    )


def _kept(unit: JobUnit) -> str:
    return "the former job stays in service" if os.path.exists(unit.job_file) else "nothing is deployed"


def _journal(trial: JobUnit) -> str:
    completed = ask_program("journalctl", "--no-pager", "--output=cat", "--lines=" + _LINES, "--unit", unit_name(trial))
    return " / ".join(line for line in completed.out.splitlines() if line.strip())


def _runtime(trial: JobUnit) -> str:
    return f"/run/{base_name(trial)}"


def _put(path: str, wanted: Attributes, content: bytes) -> None:
    keep_path(path, wanted, Changes(check_mode=False), content)
