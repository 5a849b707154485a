# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of the content that arrives.

- 4.1: each file of each run was proven by SHA-256.
- 4.2: signed sets at servers are intact, and the chain of receipts is whole.
"""

from __future__ import annotations

from typing import Iterator

from ...model.human import counted
from ..control import CLIENT, CONTROLLER, Check, Control, Gap, NotMeasured, Subject
from ..policy import span
from ..values import is_within, jobs, successes

_SEVERE = ("critical", "high", "medium")


def _declared(subject: Subject) -> Iterator[Gap]:
    for job in jobs(subject):
        if job["proof"] == "none":
            yield Gap(f"{job['job']}: proof none", "proof auto, server_hash or read_back", "high")


def _recorded(subject: Subject) -> Iterator[Gap]:
    for run in subject.values["job_runs"]:
        if run["broken_line"]:
            shown = f"{run['job']}: record {run['broken_line']} does not follow the record before"
            yield Gap(shown, "an unbroken chain of records", "critical")
    for job, run in successes(subject):
        if run["unproven"]:
            shown = f"{job['job']}: {run['unproven']} of {counted(run['files'], 'file')} without proof"
            yield Gap(shown, "a proof of each file", "high")
        if not is_within(subject, run["ended"], job["late_after"]):
            shown = f"{job['job']}: its newest successful run is of {run['ended']}"
            yield Gap(shown, f"a run of the last {job['late_after'] // 3600} hours", "high")


PROOFS = Control(
    "4.1",
    "The newest successful run of each job is recent and proved each file by SHA-256. Its records are unbroken.",
    "high",
    "Set proof to auto. Read the record of the job, and run it.",
    (Check(CLIENT, ("jobs",), _declared), Check(CLIENT, ("jobs", "job_runs"), _recorded)),
    "Syncs of playbooks are not measured.",
)


def _sets(subject: Subject) -> Iterator[Gap]:
    most = subject.policy.set_max_age
    if not subject.values["sets"]:
        raise NotMeasured("sets: no set is named")
    for each in subject.values["sets"]:
        for finding in each["findings"]:
            if finding["severity"] in _SEVERE:
                shown = f"{each['name']}: {finding['id']}: {finding['observed']}"
                yield Gap(shown, finding["wanted"], finding["severity"])
        if each["sequence"] < 1:
            raise NotMeasured(f"sets: {each['name']} has no verified manifest")
        if not each["since"]:
            yield Gap(f"{each['name']}: some files were never read", "a check of every file", "medium")
        elif not is_within(subject, each["since"], most):
            shown = f"{each['name']}: some files were last read on {each['since'][:10]}"
            yield Gap(shown, f"a check of every file in {span(most)}", "medium")


def _receipts(subject: Subject) -> Iterator[Gap]:
    if not subject.values["receipts"]:
        raise NotMeasured("receipts: no directory is named")
    for each in subject.values["receipts"]:
        for finding in each["findings"]:
            if finding["severity"] in _SEVERE:
                shown = f"{each['name']}: {finding['id']}: {finding['observed']}"
                yield Gap(shown, finding["wanted"], finding["severity"])
        if not each["newest"]:
            raise NotMeasured(f"receipts: {each['name']} has no receipt")


SIGNED_SETS = Control(
    "4.2",
    "Signed sets at servers are as their senders signed them. The signed receipts of runs are an unbroken chain.",
    "high",
    "Publish with sign. Read the findings of tree_verify and receipt_verify.",
    (Check(CONTROLLER, ("sets",), _sets), Check(CONTROLLER, ("receipts",), _receipts)),
    "Sets that the audit does not name are not measured.",
)
