# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sync_job: jobs of a host, tried in check mode before they are put into service."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.jobs.credentials import PING_URL
from ..._engine.jobs.deployment import places
from ..._engine.jobs.deployment.deploy import deploy_jobs
from ..._engine.jobs.deployment.request import KEEP, UNLISTED, DeployReport, DeployRequest, JobState, WantedJob
from ..._engine.jobs.job_file import DEFAULT_HISTORY, DEFAULT_LATE_AFTER, SCHEMA, Job, job_name, parse_job
from ..._engine.jobs.unit_text import JobUnit
from ..._engine.model.display import plain
from ..argspec import Spec
from ..changes import changes_result
from ..contract import Params, Result, Task
from ..receipting import VERSION
from ..words import failure
from .job_certificate import SECRET_NAMES, certificate_spec, read_certificate, secrets_spec
from .job_options import job_params, secret_names, specification

ZIPAPP, ANSIBLE = "zipapp", "ansible"
PRESENT, ABSENT = "present", "absent"
_LISTS = ("read", "write", "egress")


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    job = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT},
        "schedule": {"type": "str"},
        "random_delay": {"type": "int", "default": 0},
        "timeout": {"type": "int", "default": 4 * 3600},
        "late_after": {"type": "int", "default": DEFAULT_LATE_AFTER},
        "options": {"type": "dict"},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "certificate": {"type": "dict", "options": {**certificate_spec(), **secrets_spec()}},
        "ping_url": {"type": "str", "no_log": True},
        "notify": {"type": "bool", "default": True},
        **{name: {"type": "list", "elements": "str", "default": []} for name in _LISTS},
    }
    required = [("state", PRESENT, ("schedule", "options"))]
    return {
        "jobs": {"type": "list", "elements": "dict", "required": True, "options": job, "required_if": required},
        "program": {"type": "str", "choices": [ZIPAPP, ANSIBLE], "default": ZIPAPP},
        "metrics_directory": {"type": "path", "default": ""},
        "history": {"type": "int", "default": DEFAULT_HISTORY},
        "exposure_max": {"type": "float", "default": 2.0},
        "notify_command": {"type": "list", "elements": "str", "default": []},
        "notify_account": {"type": "str", "default": "daemon"},
        "source": {"type": "str", "default": ""},
        "unlisted": {"type": "str", "choices": list(UNLISTED), "default": KEEP},
    }


def request(task: Task) -> DeployRequest:
    given = task.params
    names = [each["name"] for each in given["jobs"]]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequest(f"jobs: has {ascii(name)[:80]} twice", cure="Give each job a name of its own.")
    if given["unlisted"] != KEEP and not given["source"]:
        raise InvalidRequest("unlisted: needs source", cure="Set source to the mark of the jobs, or unlisted to keep.")
    return DeployRequest(
        jobs=tuple(_wanted(job_name(each["name"]), each, given) for each in given["jobs"]),
        program=places.program_file(VERSION),
        exposure_max=given["exposure_max"],
        metrics=given["metrics_directory"],
        check_mode=task.check_mode,
        notify_command=tuple(given["notify_command"]),
        notify_account=given["notify_account"],
        by_ansible=given["program"] == ANSIBLE,
        source=given["source"],
        unlisted=given["unlisted"],
    )


def run(task: Task) -> Result:
    done = deploy_jobs(request(task))
    for note in done.report.notes:
        task.warn(plain(note))
    return result(done, check_mode=task.check_mode)


def result(done: DeployReport, *, check_mode: bool) -> Result:
    errors = (*(each.error for each in done.jobs), done.error)
    failures = [failure(error) for error in errors if error is not None]
    parts = {**changes_result(done.report, check_mode=check_mode), "jobs": [_shown(each) for each in done.jobs]}
    parts["unlisted"] = list(done.report.unlisted)
    if not failures:
        return parts
    msg = " ".join(f"{each['msg']}" for each in failures)
    return {**parts, "failed": True, "error": failures[0]["error"], "msg": msg}


def blank() -> Result:
    return {"changed": False, "changes": [], "jobs": [], "unlisted": []}


def _wanted(name: str, job: Params, given: Params) -> WantedJob:
    if job["state"] == ABSENT:
        return WantedJob(_unit(name, job, (), given), present=False)
    secrets = _secrets(name, job)
    keys = [key for key in secrets if key != PING_URL]
    text = _job_text(name, job, given)
    try:
        _check(parse_job(text), {key: secrets[key] for key in keys})
    except InvalidRequest as error:
        raise InvalidRequest(f"{name}: {error.message}", cure=error.cure) from None
    return WantedJob(_unit(name, job, keys, given), text=text, secrets=secrets)


def _check(job: Job, secrets: Mapping[str, str]) -> None:
    """Check the options as the job itself does. Raises InvalidRequest."""
    read_certificate(job.certificate, job.options, secrets)
    job_params(job.options, {key: text for key, text in secrets.items() if key not in SECRET_NAMES})


def _unit(name: str, job: Params, keys: Any, given: Params) -> JobUnit:
    return JobUnit(
        name,
        program=places.program_file(VERSION),
        job_file=places.job_file(name),
        schedule=job["schedule"] or "",
        credentials=tuple(keys),
        random_delay=job["random_delay"],
        timeout=job["timeout"],
        notify=bool(given["notify_command"]) and job["notify"],
        pings=job["ping_url"] is not None,
        egress_file=places.egress_file(name) if job["egress"] else "",
        read=tuple(job["read"]),
        write=tuple(job["write"]),
        egress=tuple(job["egress"]),
        by_ansible=given["program"] == ANSIBLE,
    )


def _job_text(name: str, job: Params, given: Params) -> bytes:
    fields: Dict[str, Any] = {
        "schema": SCHEMA,
        "job": name,
        "options": job["options"],
        "records": places.records(name),
        "history": given["history"],
        "late_after": job["late_after"],
    }
    if job["certificate"] is not None:
        fields["certificate"] = _given(
            {key: each for key, each in job["certificate"].items() if key not in secrets_spec()}
        )
    if given["source"]:
        fields["source"] = given["source"]
    if given["metrics_directory"]:
        fields["metrics"] = given["metrics_directory"]
    return (json.dumps(fields, indent=2) + "\n").encode("ascii")


def _given(values: Any) -> Any:
    """Return the values without those that are not set."""
    if not isinstance(values, dict):
        return values
    return {key: _given(value) for key, value in values.items() if value is not None}


def _secrets(name: str, job: Params) -> Dict[str, str]:
    """Return the secrets that have a value. An empty secret is refused: it may come from an unset variable."""
    known: List[str] = sorted(secret_names(specification()["argument_spec"]))
    found: Dict[str, str] = {}
    certificate = job["certificate"] or {}
    elsewhere: Dict[str, Optional[str]] = {key: certificate.get(key.split(".")[1]) for key in SECRET_NAMES}
    elsewhere[PING_URL] = job["ping_url"]
    for key in job["secrets"]:
        if key not in known:
            raise InvalidRequest(
                f"{name}: secrets.{ascii(key)[1:-1][:80]}: is not the name of a secret",
                cure=f"Use one of {', '.join(known)}.",
            )
    for key, secret in {**job["secrets"], **elsewhere}.items():
        if secret is None:
            continue
        if not isinstance(secret, str) or not secret.strip():
            raise InvalidRequest(
                "%s: %s: is empty or no text" % (name, key if key in elsewhere else "secrets." + key),
                cure="Set it, or remove it from the job.",
            )
        found[key] = secret
    _check_url(name, found.get(PING_URL))
    return found


def _check_url(name: str, url: Optional[str]) -> None:
    if url is None:
        return
    from ..._engine.jobs.ping import NOT_HTTPS, is_https  # pylint: disable=import-outside-toplevel

    if not is_https(url):
        raise InvalidRequest(
            f"{name}: ping_url: {NOT_HTTPS}",
            cure="Set ping_url to a URL that begins with https://: everyone who reads it can report a success.",
        )


def _shown(state: JobState) -> Dict[str, Any]:
    error = None if state.error is None else failure(state.error)["error"]
    return {**state._asdict(), "egress": dict(state.egress), "error": error}
