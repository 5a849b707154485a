# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 4.1: each file of each run was proven by SHA-256."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, Check, Control, Gap, Subject
from ..job_words import jobs, successes
from ..values import is_within


def _declared(subject: Subject) -> Iterator[Gap]:
    for job in jobs(subject):
        if job["proof"] == "none":
            yield Gap("%s: proof none" % job["job"], "proof auto, server_hash or read_back", "high")


def _recorded(subject: Subject) -> Iterator[Gap]:
    for run in subject.values["job_runs"]:
        if run["broken_line"]:
            shown = "%s: record %d does not follow the record before" % (run["job"], run["broken_line"])
            yield Gap(shown, "an unbroken chain of records", "critical")
    for job, run in successes(subject):
        if run["unproven"]:
            shown = "%s: %d of %d files without proof" % (job["job"], run["unproven"], run["files"])
            yield Gap(shown, "a proof of each file", "high")
        if not is_within(subject, run["ended"], job["late_after"]):
            shown = "%s: its newest successful run is of %s" % (job["job"], run["ended"])
            yield Gap(shown, "a run of the last %d hours" % (job["late_after"] // 3600), "high")


CONTROL = Control(
    "4.1",
    "The newest successful run of each job is recent and proved each file by SHA-256. Its records are unbroken.",
    "high",
    "Set proof to auto. Read the record of the job, and run it.",
    (Check(CLIENT, ("jobs",), _declared), Check(CLIENT, ("jobs", "job_runs"), _recorded)),
    "Syncs of playbooks are not measured.",
)
