# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls of the content that arrives.

- 4.1: each file of each run was proven by SHA-256.
- 4.2: signed sets at servers are intact, and the chain of receipts is whole.
"""

from __future__ import annotations

from typing import Iterator

from ...model.human import counted
from ..control import CLIENT, CONTROLLER, EXCHANGE, Check, Control, Gap, NotMeasured, Subject
from ..policy import span
from ..values import Job, is_within, jobs, of_playbooks, severe, successes, usable


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
        yield from _proven(subject, job["job"], run, job["late_after"])


def _proven(subject: Subject, name: str, run: Job, late_after: int) -> Iterator[Gap]:
    if run["unproven"]:
        yield Gap(
            f"{name}: {run['unproven']} of {counted(run['files'], 'file')} without proof",
            "a proof of each file",
            "high",
        )
    if not is_within(subject, run["ended"], late_after):
        shown = f"{name}: its newest successful run is of {run['ended']}"
        yield Gap(shown, f"a run of the last {late_after // 3600} hours", "high")


def _by_playbooks(subject: Subject) -> Iterator[Gap | NotMeasured]:
    """Judge transfers by their receipts."""
    for each in of_playbooks(subject):
        if each["proof"] == "none":
            yield Gap(f"{each['name']}: proof none", "proof auto, server_hash or read_back", "high")
        if each["ended"]:
            yield from _proven(subject, each["name"], each, each["late_after"])
        else:
            yield NotMeasured(f"transfers: {each['name']} has no receipt of a successful run")


PROOFS = Control(
    "4.1",
    "The newest successful run of each job and transfer is recent and proved each file by SHA-256. The records of jobs "
    "are unbroken.",
    "high",
    "Set proof to auto. Read the record of the job or the receipt of the transfer, and run it.",
    (
        Check(CLIENT, ("jobs",), _declared),
        Check(CLIENT, ("jobs", "job_runs"), _recorded),
        Check(EXCHANGE, ("transfers",), _by_playbooks),
    ),
    "Syncs of playbooks besides exchange.yml are not measured.",
)


def _sets(subject: Subject) -> Iterator[Gap | NotMeasured]:
    most = subject.policy.set_max_age
    if not subject.values["sets"]:
        raise NotMeasured("sets: no set is named")
    for each in usable(subject, "sets"):
        yield from severe(each["findings"], f"{each['name']}: ")
        if each["sequence"] < 1:
            yield NotMeasured(f"sets: {each['name']} has no verified manifest")
        elif not each["since"]:
            yield Gap(f"{each['name']}: some files were never read", "a check of every file", "medium")
        elif not is_within(subject, each["since"], most):
            shown = f"{each['name']}: some files were last read on {each['since'][:10]}"
            yield Gap(shown, f"a check of every file in {span(most)}", "medium")


def _receipts(subject: Subject) -> Iterator[Gap | NotMeasured]:
    if not subject.values["receipts"]:
        raise NotMeasured("receipts: no directory is named")
    for each in usable(subject, "receipts"):
        yield from severe(each["findings"], f"{each['name']}: ")
        if not each["newest"]:
            yield NotMeasured(f"receipts: {each['name']} has no receipt")


SIGNED_SETS = Control(
    "4.2",
    "Signed sets at servers are as their senders signed them. The signed receipts of runs are an unbroken chain.",
    "high",
    "Publish with sign. Read the findings of tree_verify and receipt_verify.",
    (Check(CONTROLLER, ("sets",), _sets), Check(CONTROLLER, ("receipts",), _receipts)),
    "Sets that the audit does not name are not measured.",
)
