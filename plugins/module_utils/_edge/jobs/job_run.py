# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a job: from its file and its credentials to the result, which has the keys of secure_sync.

job file -> certificate, if any -> options by secure_sync's own specification, with the secrets -> secure_sync ->
redacted result, without secrets
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import contextmanager
from typing import IO, Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Set

from ..._engine.jobs.credentials import read_credentials
from ..._engine.jobs.exit_status import exit_status
from ..._engine.jobs.handover import leave, run_id
from ..._engine.jobs.job_file import Job, read_job, require_records
from ..._engine.model.report import ProgressState
from ..._engine.sync.progress import Progress
from ..._engine.system.background import in_background
from ..contract import Result, Task
from ..interrupt import outcome
from ..sync import secure_sync
from ..sync.progress_lines import line, pauses
from .job_certificate import SECRET_NAMES, Certified, certified, explained, read_certificate, renewal_failure
from .job_options import job_params, secret_names, specification, with_secrets
from .pings import ping_started

PATIENCE = 1.0
"""Seconds for the thread to end: the reader of its lines may have stopped reading."""

SHORTEST_LINE = 12
HIDDEN = "********"

SCHEMA = 1
"""Of the result."""


class JobRun(NamedTuple):
    """file: of the job
    credentials: directory of the secrets; without it, systemd's
    check: whether nothing may be written
    recorded: whether a record follows, which needs a directory
    lines: stream for lines about the progress, if any
    by_ansible: whether ansible-playbook of this host carries out the sync
    diff: whether the result has a diff
    """

    file: str
    environment: Mapping[str, str]
    credentials: Optional[str] = None
    check: bool = False
    recorded: bool = False
    lines: Optional[IO[str]] = None
    by_ansible: bool = False
    diff: bool = False


class SyncRun(NamedTuple):
    """A run that the command line describes as a whole.

    name: for lines about the progress
    options: returns the options of secure_sync, without secrets
    secrets: returns the secrets, by the names of their options
    diff: whether the result has a diff
    """

    name: str
    options: Callable[[], Mapping[str, Any]]
    secrets: Callable[[], Mapping[str, str]]
    check: bool = False
    diff: bool = False
    lines: Optional[IO[str]] = None


def run_job(asked: JobRun) -> Dict[str, Any]:
    """Return the whole result, also of a failure; a signal ends the run in an orderly way."""
    head: Dict[str, Any] = {"schema": SCHEMA, "job": None, "run": run_id(asked.environment) or secrets.token_hex(16)}
    head.update(check=asked.check, began=round(time.time(), 3))
    result = _whole(head, lambda hide, warnings: _run(asked, head, hide, warnings))
    leave(result, asked.environment)
    return result


def run_sync(asked: SyncRun) -> Dict[str, Any]:
    """Return the whole result, as `run_job` does."""
    head = {"schema": SCHEMA, "job": None, "run": secrets.token_hex(16), "check": asked.check}
    return _whole({**head, "began": round(time.time(), 3)}, lambda hide, warnings: _run_once(asked, hide, warnings))


def _whole(head: Dict[str, Any], work: Callable[[List[str], List[str]], Mapping[str, Any]]) -> Dict[str, Any]:
    """Return the result of `work`, which fills lists of the texts to hide and of warnings."""
    hide: List[str] = []
    warnings: List[str] = []
    done = outcome(lambda: work(hide, warnings))
    result = {**head, "failed": False, **secure_sync.blank(), **done, "warnings": warnings}
    texts = forms(hide)
    result["ended"] = round(time.time(), 3)
    return {name: redacted(value, texts) for name, value in result.items()}


def _run_once(asked: SyncRun, hide: List[str], warnings: List[str]) -> Mapping[str, Any]:
    options, found = asked.options(), asked.secrets()
    hide.extend(found.values())
    params = job_params(options, found)
    progress = Progress()
    with shown(progress, asked.name, params["progress"], asked.lines):
        return secure_sync.counted(Task(params, asked.check, asked.diff, warnings.append, hide=hide.append), progress)


def status_of(result: Mapping[str, Any]) -> int:
    return exit_status(result["error"]["code"] if result["failed"] else None)


def _run(asked: JobRun, head: Dict[str, Any], hide: List[str], warnings: List[str]) -> Mapping[str, Any]:
    leave(head, asked.environment)
    job = read_job(asked.file)
    head["job"] = job.name
    if asked.recorded:
        require_records(job)
        if not asked.check:
            ping_started(asked.credentials, job.name, head["run"], warnings.append)
    stored = _secrets(asked, job)
    hide.extend(stored.values())
    certificate = read_certificate(job.certificate, job.options, stored)
    failed = renewal_failure(certificate, hide.append, check_mode=asked.check)
    ready = certified(certificate, job.options, stored, hide.append)
    hide.extend(ready.secrets.values())
    params = job_params(ready.options, ready.secrets)
    task = Task(params, asked.check, asked.diff, warnings.append, hide=hide.append)
    done = explained(_carried_out(asked, job.name, ready, task), certificate)
    return done if failed is None else secure_sync.failed_after(done, failed)


def _carried_out(asked: JobRun, name: str, ready: Certified, task: Task) -> Result:
    if asked.by_ansible:
        from .ansible_run import by_ansible  # pylint: disable=import-outside-toplevel

        given = with_secrets(specification()["argument_spec"], ready.options, ready.secrets)
        return by_ansible(given, check=task.check_mode, diff=task.diff, warn=task.warn)
    progress = Progress()
    with shown(progress, name, task.params["progress"], asked.lines):
        return secure_sync.counted(task, progress)


def _secrets(asked: JobRun, job: Job) -> Dict[str, str]:
    names = list(secret_names(specification()["argument_spec"]))
    if job.certificate is not None:
        names += SECRET_NAMES
    return read_credentials(asked.credentials, names, job=job.name)


def forms(secrets: Iterable[str]) -> List[str]:
    """Return the texts to hide for these secrets, the longest first."""
    found: Set[str] = set()
    for secret in filter(None, secrets):
        found.update((secret, secret.strip(), repr(secret)[1:-1]))
        found.update(
            line for line in secret.splitlines() if len(line) >= SHORTEST_LINE and not line.startswith("-----")
        )
    return sorted(filter(None, found), key=len, reverse=True)


def redacted(value: Any, texts: List[str]) -> Any:
    """Return a value of a result with HIDDEN in the place of each text; keys stay."""
    if isinstance(value, dict):
        return {name: redacted(each, texts) for name, each in value.items()}
    if isinstance(value, list):
        return [redacted(each, texts) for each in value]
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, HIDDEN)
    return value


@contextmanager
def shown(progress: Progress, name: str, most: float, stream: Optional[IO[str]]) -> Iterator[None]:
    """Inside, lines are written. most: seconds between two of them; 0: none."""
    if not most or stream is None:
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        before: Optional[ProgressState] = None
        for pause in pauses(most):
            if ended.wait(pause):
                return
            now = progress.state()
            try:
                stream.write(line(name, before, now) + "\n")
                stream.flush()
            except OSError:
                return
            before = now

    thread = in_background(watch, name="progress")
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENCE)
