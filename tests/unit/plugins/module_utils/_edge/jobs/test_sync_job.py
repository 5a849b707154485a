# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sync_job: requests are refused before any change; failures of jobs are reported together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import sync_job
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    CheckFailed,
    InvalidRequest,
    NoSpace,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.request import (
    DeployReport,
    DeployRequest,
    JobState,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.job_file import parse_job
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change, ChangeReport

OPTIONS = {"host": "files.example.com", "username": "upload", "src": "/srv/out", "dest": "in"}
JOB = {"name": "nightly", "schedule": "daily", "options": OPTIONS, "secrets": {"password": "canary"}}


def requested(*jobs: dict[str, Any], **options: Any) -> DeployRequest:
    """Return the request of a task."""
    validated = ArgumentSpecValidator(**sync_job.spec()).validate({"jobs": list(jobs), **options})
    assert validated.error_messages == []
    return sync_job.request(Task(validated.validated_parameters))


def test_a_job() -> None:
    request = requested(
        {
            **JOB,
            "ping_url": "https://ping.example.com/canary",
            "egress": ["192.0.2.7"],
            "write": ["/srv/in"],
            "late_after": 3600,
        },
        metrics_directory="/var/lib/metrics",
        history=7,
    )
    (job,) = request.jobs
    assert json.loads(job.text) == {
        "schema": 1,
        "job": "nightly",
        "options": OPTIONS,
        "records": "/var/lib/secure_ftp_synchronize/jobs/nightly",
        "history": 7,
        "late_after": 3600,
        "metrics": "/var/lib/metrics",
    }
    read = parse_job(job.text)
    assert (read.name, read.options, read.history, read.late_after) == ("nightly", OPTIONS, 7, 3600)
    assert (read.records, read.metrics) == ("/var/lib/secure_ftp_synchronize/jobs/nightly", "/var/lib/metrics")
    assert job.secrets == {"password": "canary", "ping_url": "https://ping.example.com/canary"}
    assert job.unit.credentials == ("password",), "the URL is for the units for pings"
    assert (job.unit.pings, job.unit.notify) == (True, False)
    assert (job.unit.egress, job.unit.egress_file) == (
        ("192.0.2.7",),
        "/etc/secure_ftp_synchronize/jobs/nightly.nft",
    )
    assert job.unit.program.startswith("/usr/local/lib/secure_ftp_synchronize/sync-")
    assert b"canary" not in job.text
    assert request.exposure_max == 2.0


def test_without_egress_and_metrics() -> None:
    (job,) = requested(JOB).jobs
    assert job.unit.egress_file == ""
    assert "metrics" not in json.loads(job.text)


def test_the_source_is_in_the_job_file() -> None:
    request = requested(JOB, source="exchange", unlisted="remove")
    assert parse_job(request.jobs[0].text).source == "exchange"
    assert (request.source, request.unlisted) == ("exchange", "remove")
    for wrong, words in (
        ({"unlisted": "report"}, "unlisted: needs source"),
        ({"source": "a/b"}, "source: 'a/b' is not a source of jobs"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            requested(JOB, **wrong)


def test_a_certificate() -> None:
    certificate = {"source": "openbao", "url": "https://bao", "path": "ssh/issue/a", "token": "canary"}
    (job,) = requested({**JOB, "secrets": {}, "certificate": certificate}).jobs
    assert parse_job(job.text).certificate == {"source": "openbao", "url": "https://bao", "path": "ssh/issue/a"}
    assert (job.secrets, job.unit.credentials) == ({"certificate.token": "canary"}, ("certificate.token",))
    sourced = {**{key: each for key, each in certificate.items() if key != "token"}, "token_from": {"file": "/token"}}
    from_a_role = {**sourced, "token_from": {"file": "/token", "command": None}, "secret_id_from": None}
    (job,) = requested({**JOB, "secrets": {}, "certificate": from_a_role}).jobs
    assert json.loads(job.text)["certificate"] == sourced, "without options of Ansible that are not set"
    assert job.secrets == {}


def test_sources_of_secrets_are_in_the_job_file_and_checked_before_the_host_is_contacted() -> None:
    sources = {"private_key": {"file": "/etc/key"}}
    options = {**JOB["options"], "secrets_from": sources}
    (job,) = requested({**JOB, "secrets": {}, "options": options}).jobs
    assert json.loads(job.text)["options"]["secrets_from"] == sources
    for secrets, wrong, fact in (
        ({"private_key": "canary"}, sources, "nightly: secrets_from.private_key: has a value too"),
        ({}, {"privat_key": {}}, "nightly: secrets_from.privat_key: is not an option"),
        ({}, {"password": {"file": "key"}}, "nightly: secrets_from.password.file: 'key' is not an absolute path"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            requested({**JOB, "secrets": secrets, "options": {**JOB["options"], "secrets_from": wrong}})
        assert caught.value.message == fact


def test_jobs_by_ansible() -> None:
    request = requested(JOB, program="ansible")
    assert (request.by_ansible, request.jobs[0].unit.by_ansible) == (True, True)
    assert requested(JOB).by_ansible is False


def test_an_absent_job_needs_its_name_only() -> None:
    (job,) = requested({"name": "nightly", "state": "absent"}).jobs
    assert (job.present, job.unit.name) == (False, "nightly")


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"name": "a/../b"}, "is not the name of a job"),
        ({"name": "x\nExecStart=/bin/sh"}, "is not the name of a job"),
        ({"name": "n" * 28}, "is not the name of a job"),
        ({"options": {**OPTIONS, "password": "canary"}}, "nightly: options.password: a job file holds no secrets"),
        ({"options": {**OPTIONS, "user": "x"}}, "nightly: options.user: is not an option"),
        ({"options": {**OPTIONS, "port": "22"}}, "nightly: options.port: is not a whole number"),
        ({"options": {**OPTIONS, "max_delet": 3}}, "nightly: options.max_delet: is not an option"),
        ({"secrets": {"pasword": "canary"}}, "nightly: secrets.pasword: is not the name of a secret"),
        ({"secrets": {"password": "  "}}, "nightly: secrets.password: is empty or no text"),
        ({"secrets": {"password": 7}}, "nightly: secrets.password: is empty or no text"),
        ({"ping_url": "http://ping.example.com/canary"}, "nightly: ping_url: is not a URL of https"),
        ({"ping_url": "https:///canary"}, "nightly: ping_url: is not a URL of https"),
        ({"ping_url": "https://[canary"}, "nightly: ping_url: is not a URL of https"),
        ({"secrets": {"ping_url": "canary"}}, "nightly: secrets.ping_url: is not the name of a secret"),
        (
            {"secrets": {"certificate.token": "canary"}},
            "nightly: secrets.certificate.token: is not the name of a secret",
        ),
        ({"certificate": {"source": "openbao", "token": " "}}, "nightly: certificate.token: is empty or no text"),
        ({"certificate": {"source": "file", "token": "canary"}}, "nightly: certificate.file: is required"),
        ({"secrets": {"sign.private_key": "canary"}}, "sign.private_key belongs to sign, which is not set"),
    ],
)
def test_refused_before_the_host_is_contacted(job: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        requested({**JOB, **job})
    assert words in caught.value.message
    assert "canary" not in caught.value.message + caught.value.cure


def test_two_jobs_of_one_name() -> None:
    with pytest.raises(InvalidRequest, match=r"^jobs: has 'nightly' twice$"):
        requested(JOB, JOB)


def test_a_secret_without_a_value_is_left_out() -> None:
    (job,) = requested({**JOB, "secrets": {"password": None, "passphrase": None}}).jobs
    assert job.secrets == {}


def test_a_job_that_is_present_has_a_schedule() -> None:
    validated = ArgumentSpecValidator(**sync_job.spec()).validate({"jobs": [{"name": "nightly"}]})
    assert "schedule, options" in validated.error_messages[0]


def test_failures_of_jobs_keep_the_changes_of_others() -> None:
    report = ChangeReport((Change("timer secure-sync-b.timer", "disabled", "enabled"),))
    states = (
        JobState("a", error=CheckFailed("a: in check mode: no", cure="Do this.")),
        JobState("b", checked=True, exposure=1.1),
        JobState("c", error=InvalidRequest("c: no", cure="Do that.")),
    )
    result = sync_job.result(DeployReport(report, states), check_mode=False)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "check_failed")
    assert result["msg"] == "a: in check mode: no. Do this. c: no. Do that."
    assert [(each["name"], each["checked"], each["error"] is None) for each in result["jobs"]] == [
        ("a", False, False),
        ("b", True, True),
        ("c", False, False),
    ]


def test_an_error_after_the_jobs_keeps_their_states() -> None:
    full = NoSpace("No space left on device", path=b"/usr/local/lib/sync.pyz")
    done = DeployReport(ChangeReport(), (JobState("a", checked=True),), full)
    result = sync_job.result(done, check_mode=False)
    assert (result["failed"], result["error"]["code"]) == (True, "no_space")
    assert [(each["name"], each["error"]) for each in result["jobs"]] == [("a", None)]


@pytest.mark.parametrize(("wanted", "notified"), [({}, True), ({"notify": False}, False)])
def test_notifications(wanted: dict[str, bool], notified: bool) -> None:
    request = requested({**JOB, **wanted}, notify_command=["/usr/bin/msmtp", "ops@example.com"], notify_account="mail")
    assert [job.unit.notify for job in request.jobs] == [notified]
    assert (request.notify_command, request.notify_account) == (("/usr/bin/msmtp", "ops@example.com"), "mail")


def test_notes_are_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    done = DeployReport(ChangeReport(notes=("a note\n",)), ())
    monkeypatch.setattr(sync_job, "deploy_jobs", lambda _request: done)
    monkeypatch.setattr(sync_job, "request", lambda _task: None)
    assert sync_job.run(Task({}, warn=warned.append))["changed"] is False
    assert warned == ["a note\\x0a"]
