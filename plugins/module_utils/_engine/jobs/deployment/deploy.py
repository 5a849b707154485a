# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy the jobs of a host: account, secrets, job file, units, timer.

1. Check all jobs: names, schedules and accounts are refused before any change.
2. Make the account of a job.
3. If anything of the job differs, or its timer is not enabled: try the job in check mode, in a unit with the same
   text. If that fails, the job in service stays as it is, and a new account is removed, unless a source had no secret.
4. Replace the files, secrets first, each as a whole; write the first metrics; then enable the timer. If that fails
   half-way, as on a full disk, the files of the job in service and the shared units are put back, and of a new job
   nothing stays.
5. Let the link lead to the program of this version, and remove old programs. If the link fails, they stay.

A job that fails does not keep the next from being deployed. After it, no unlisted job is removed.

The first metrics of a job have the time of its deployment, by which a job is late whose first run never succeeded. The
next run replaces them by its own, which have this time too. systemd itself reads the calendar event of a timer before
anything is changed.
"""

from __future__ import annotations

import glob
import os
import stat
import time
from contextlib import contextmanager, suppress
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ...errors import InvalidRequest, SyncError
from ...system.accounts import Owner
from ...system.changes import Changes
from ...system.durable_files import link, replace, unlink
from ...system.entries import MISSING, Attributes
from ...system.os_errors import from_os_error
from ...system.program import ask_program, run_program
from ...system.root_owned_path import closing
from ..ansible_program import require_ansible
from ..job_file import Job, parse_job, read_job
from ..metrics import DEPLOYED, Limits, first_metrics_text, metrics_file, write_metrics
from ..names import CREDSTORE, credential_name
from ..records import Records
from ..side_units import NOTIFY, notify_unit_text, ping_unit_texts
from ..unit_text import JobUnit, service_text, timer_name, timer_text, unit_name
from . import credstore, egress, places
from .job_account import PUBLIC, STORED, job_account, keep_account, keep_path, put_secret, remove_account, remove_file
from .removal import remove_job, remove_old_programs
from .request import KEEP, REMOVE, DeployReport, DeployRequest, JobState, WantedJob
from .trial import SecretAwaited, Trial, try_job

_CHANGED = "other content"
_JOB_FILE, _RECORDS, _METRICS = 0o640, Attributes(0, 0, 0o750), Attributes(0, 0, 0o755)
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


def deploy_jobs(request: DeployRequest) -> DeployReport:
    """Run the module. Raises InvalidRequest, AnsibleMissing and AccountTaken before any change."""
    if request.by_ansible and any(job.present for job in request.jobs):
        require_ansible()
    for job in request.jobs:
        job_account(job.unit.name)
        if job.present:
            _check(job.unit, request)
    changes = Changes(check_mode=request.check_mode)
    states = [_deployed(job, request, changes) for job in request.jobs]
    unlisted, removed = _unlisted(request), []
    if request.unlisted == REMOVE and not any(state.error for state in states):
        removed = [WantedJob(JobUnit(name, request.program, "", ""), present=False) for name in unlisted]
        states += [_deployed(job, request, changes) for job in removed]
    elif unlisted:
        changes.note(f"jobs of {request.source} that are not in the list stay in service: {', '.join(unlisted)}")
    error = None
    if any(job.present for job in request.jobs):
        try:
            _keep_link(request.program, changes)
        except OSError as failed:
            error = from_os_error(failed, path=os.fsencode(places.LINK))
        else:
            remove_old_programs(request.program, [unit_name(job.unit) for job in (*request.jobs, *removed)], changes)
    return DeployReport(changes.report()._replace(unlisted=unlisted), tuple(states), error)


def _check(unit: JobUnit, request: DeployRequest) -> None:
    """Raise InvalidRequest if systemd cannot read the schedule, or a unit cannot be written."""
    try:
        require_schedule(unit.schedule)
        timer_text(unit)
        service_text(unit)
        _side_units(unit, request)
    except InvalidRequest as error:
        raise InvalidRequest(f"{unit.name}: {error.message}", cure=error.cure) from None


def _unlisted(request: DeployRequest) -> Tuple[str, ...]:
    """Return the names of the jobs of the host that have the source of the request, and are not among its jobs."""
    if request.unlisted == KEEP:
        return ()
    listed = {job.unit.name for job in request.jobs}
    found: List[str] = []
    for path in sorted(glob.glob(places.job_file("*"))):
        with suppress(InvalidRequest):  # a file that no job can read
            job = read_job(path)
            if job.source == request.source and job.name not in listed and path == places.job_file(job.name):
                found.append(job.name)
    return tuple(found)


def _deployed(job: WantedJob, request: DeployRequest, changes: Changes) -> JobState:
    try:
        if job.present:
            return _Deployment(job, request, changes).run()
        remove_job(job.unit, request.metrics, changes)
        return JobState(job.unit.name)
    except SyncError as error:
        return JobState(job.unit.name, error=error)
    except OSError as error:
        path = os.fsencode(error.filename) if isinstance(error.filename, (str, bytes)) else None
        return JobState(job.unit.name, error=from_os_error(error, path=path))


def _keep_link(program: str, changes: Changes) -> None:
    target = os.path.basename(program)
    found = os.readlink(places.LINK) if os.path.islink(places.LINK) else MISSING
    if found != target and changes.record(places.LINK, found, target):
        link(target, places.LINK)


class _Former(NamedTuple):
    """The job before a deployment.

    fresh: there was none
    account: whether it had an account, which may have waited for its secret
    enabled, active: its timer
    """

    files: FormerFiles
    fresh: bool
    account: bool
    enabled: bool
    active: bool


class _Deployment:
    """One job in a run."""

    def __init__(self, job: WantedJob, request: DeployRequest, changes: Changes) -> None:
        self._job, self._unit, self._request, self._changes = job, job.unit, request, changes

    def run(self) -> JobState:
        stored = self._stored()
        had_account = job_account(self._unit.name) is not None
        fresh = not (had_account and os.path.lexists(self._unit.job_file))
        enabled, active = self._timer_is("enabled"), self._timer_is("active")
        due = fresh or not (enabled and active) or self._differs(stored)
        former = _Former(FormerFiles(self._files(stored)), fresh, had_account, enabled, active)
        account = keep_account(self._unit.name, self._changes)
        due = due and not self._changes.check_mode
        tried = self._tried(account, new=not had_account) if due and account is not None else None
        with self._undone_by_a_failure(former):
            self._keep(stored, account, self._changes)
            if tried is not None:
                write_first_metrics(parse_job(self._job.text), fresh=fresh)
            self._keep_timer()
        if tried is None:
            return JobState(self._unit.name)
        return JobState(self._unit.name, checked=True, exposure=tried.exposure, egress=tried.egress)

    def _stored(self) -> Dict[str, Optional[str]]:
        """Return the stored secrets, by key; None for a secret that cannot be opened."""
        return {key: credstore.stored_secret(self._unit.name, key) for key in credstore.stored_keys(self._unit.name)}

    def _differs(self, stored: Mapping[str, Optional[str]]) -> bool:
        looked = Changes(check_mode=True)
        self._keep(stored, job_account(self._unit.name), looked)
        return bool(looked.report().changes)

    def _tried(self, account: Owner, *, new: bool) -> Trial:
        """Try the job. If that fails, or a signal ends it, a new account is removed, unless it waits for a secret."""
        try:
            return try_job(self._job, account, self._request.exposure_max, self._changes.note)
        except SecretAwaited:
            raise
        except BaseException:
            if new:
                with self._noted("the account of the job %s could not be removed"):
                    remove_account(self._unit.name)
            raise

    @contextmanager
    def _undone_by_a_failure(self, former: _Former) -> Iterator[None]:
        """If the block fails, or a signal ends it, the job is as it was before."""
        try:
            yield
        except BaseException:
            if not self._changes.check_mode:
                self._undo(former)
            raise

    def _undo(self, former: _Former) -> None:
        """Undo all that can be undone. A new job is removed; then the shared units of other jobs are as before too."""
        if former.fresh:
            with self._noted("the job %s is not as before"):
                remove_job(self._unit, self._request.metrics, Changes(check_mode=False), account=not former.account)
        self._put_back(former)

    @contextmanager
    def _noted(self, words: str) -> Iterator[None]:
        """Note a failure of the block: an earlier failure stays the cause. words: with %s for the name of the job."""
        try:
            yield
        except (OSError, SyncError) as error:
            self._changes.note(f"{words % self._unit.name}: {error}")

    def _put_back(self, former: _Former) -> None:
        """Put the files, the limits and the timer back. Each step is taken, also after a failed step."""
        timer = timer_name(self._unit)
        with self._noted("the timer of the job %s is enabled"):
            if not former.enabled and self._timer_is("enabled"):
                run_program("systemctl", "disable", timer)
        with self._noted("the timer of the job %s runs"):
            if not former.active and self._timer_is("active"):
                run_program("systemctl", "stop", timer)
        for path in former.files.restore():
            self._changes.note(f"{path}: could not be put back: the job {self._unit.name} is not as before")
        with self._noted("the limits of connections of the job %s are not as before"):
            egress.restore_rules(self._unit.name)
        with self._noted("the units of the job %s are not as before"):
            run_program("systemctl", "daemon-reload")
        with self._noted("the timer of the job %s is not enabled"):
            if former.enabled:
                run_program("systemctl", "enable", timer)
        with self._noted("the timer of the job %s does not run"):
            if former.active:
                run_program("systemctl", "restart", timer)

    def _files(self, stored: Mapping[str, Optional[str]]) -> List[str]:
        """Return the files of this job, and the templates that it shares with other jobs."""
        secrets = sorted({*stored, *self._job.secrets})
        return [
            *(f"{CREDSTORE}/{credential_name(self._unit.name, key)}" for key in secrets),
            *(f"{places.UNITS}/{name}" for name in self._units()),
            self._unit.job_file,
            places.egress_file(self._unit.name),
        ]

    def _keep(self, stored: Mapping[str, Optional[str]], account: Optional[Owner], changes: Changes) -> None:
        """Keep all files. With changes in check mode, only compare."""
        self._keep_secrets(stored, changes)
        keep_path(places.records(self._unit.name), _RECORDS, changes)
        if self._request.metrics and not os.path.isdir(self._request.metrics):
            keep_path(self._request.metrics, _METRICS, changes)
        group = account.group if account is not None else None
        keep_path(self._unit.job_file, Attributes(0, group, _JOB_FILE), changes, self._job.text)
        self._keep_rules(changes)
        self._keep_units(changes)

    def _keep_secrets(self, stored: Mapping[str, Optional[str]], changes: Changes) -> None:
        name, wanted = self._unit.name, self._job.secrets
        for key in [*wanted, *(each for each in stored if each not in wanted)]:
            path = f"{CREDSTORE}/{credential_name(name, key)}"
            if key not in wanted:
                remove_file(path, changes, STORED)
            elif stored.get(key) != wanted[key] or _mode(path) != 0o600:
                before = _CHANGED if key in stored else MISSING
                if changes.record(f"secret {key} of {name}", before, STORED):
                    put_secret(path, credstore.sealed(name, key, wanted[key]))

    def _keep_rules(self, changes: Changes) -> None:
        path = places.egress_file(self._unit.name)
        if self._unit.egress:
            keep_path(path, PUBLIC, changes, egress.rules_text(self._unit.name, self._unit.egress).encode())
        elif os.path.lexists(path):
            remove_file(path, changes)
            if not changes.check_mode:
                egress.forget_rules(self._unit.name)

    def _keep_units(self, changes: Changes) -> None:
        before = len(changes.report().changes)
        for name, text in self._units().items():
            keep_path(f"{places.UNITS}/{name}", PUBLIC, changes, text.encode())
        if len(changes.report().changes) > before and not changes.check_mode:
            run_program("systemctl", "daemon-reload")
            if self._timer_is("enabled") and self._timer_is("active"):
                run_program("systemctl", "restart", timer_name(self._unit))

    def _units(self) -> Dict[str, str]:
        own = {unit_name(self._unit): service_text(self._unit), timer_name(self._unit): timer_text(self._unit)}
        return {**_side_units(self._unit, self._request), **own}

    def _keep_timer(self) -> None:
        name = timer_name(self._unit)
        runs = self._timer_is("enabled") and self._timer_is("active")
        if not runs and self._changes.record("timer " + name, "disabled", "enabled"):
            run_program("systemctl", "--quiet", "enable", "--now", name)

    def _timer_is(self, state: str) -> bool:
        """state: enabled or active"""
        return ask_program("systemctl", "--quiet", "is-" + state, timer_name(self._unit)).status == 0


def _side_units(unit: JobUnit, request: DeployRequest) -> Dict[str, str]:
    """Return the templates that the unit of a job starts. They are for all jobs of the host."""
    texts: Dict[str, str] = {}
    if unit.pings:
        texts.update(ping_unit_texts(places.LINK))
    if unit.notify:
        texts[NOTIFY % ""] = notify_unit_text(places.LINK, request.notify_command, request.notify_account)
    return texts


def _mode(path: str) -> int:
    return os.lstat(path).st_mode & 0o7777


def write_first_metrics(job: Job, *, fresh: bool) -> None:
    """Write them if the job has metrics, and no run has written any at this place.

    fresh: the job is new; a removed job of its name does not count
    Raises OperationFailed.
    """
    if job.metrics is None or job.records is None:
        return
    counters = Records(job.records, job.history).begin(lambda: {DEPLOYED: int(time.time())}, fresh=fresh)
    if counters.keys() == {DEPLOYED} or not os.path.lexists(metrics_file(job.metrics, job.name)):
        write_metrics(job.metrics, job.name, first_metrics_text(job.name, counters, Limits(job.late_after)))


def require_schedule(schedule: str) -> None:
    """Raise InvalidRequest if systemd cannot read it."""
    completed = ask_program("systemd-analyze", "calendar", "--", schedule)
    if completed.status:
        raise InvalidRequest(
            f"schedule: {schedule} is not a calendar event for systemd",
            cure="Write it as in systemd.time(7), and test it with: systemd-analyze calendar",
        )


class _File(NamedTuple):
    user: int
    group: int
    mode: int
    content: bytes


class FormerFiles:
    """paths: regular files, or missing; root alone can write to their directories. Raises OSError."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._found: Dict[str, Optional[_File]] = {path: _read(path) for path in paths}

    def restore(self) -> List[str]:
        """Put the files back that differ, and return the paths of those that could not be put back.

        This needs no more space than the new files: each takes the place of its successor.
        """
        left = []
        for path, file in self._found.items():
            try:
                _put_back(path, file)
            except OSError:
                left.append(path)
        return left


def _read(path: str) -> Optional[_File]:
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as stream:
        info = os.fstat(descriptor)
        return _File(info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode), stream.read())


def _put_back(path: str, file: Optional[_File]) -> None:
    if file is None:
        unlink(path)
        return
    if _read(path) == file:
        return
    above, name = os.path.split(path)

    def settle(descriptor: int) -> None:
        os.fchown(descriptor, file.user, file.group)
        os.fchmod(descriptor, file.mode)

    with closing(os.open(above, _DIRECTORY)) as directory:
        replace(name, file.content, directory=directory, settle=settle)
