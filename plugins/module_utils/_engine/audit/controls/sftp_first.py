# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 1.1: jobs use SFTP. FTPS is for servers that have no SFTP, which the policy names."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, Check, Control, Gap, Subject
from ..job_words import FTPS, SFTP, jobs_over, successes

_SSH = "SSH-2.0"


def _declared(subject: Subject) -> Iterator[Gap]:
    for job in jobs_over(subject, FTPS):
        if job["server"] not in subject.policy.ftps_only:
            shown = "%s: FTPS to %s" % (job["job"], job["server"])
            yield Gap(shown, "SFTP, or the server in policy.ftps_only", "medium")


def _used(subject: Subject) -> Iterator[Gap]:
    for job, run in successes(subject):
        if job["protocol"] == SFTP and run["protocol"] != _SSH:
            yield Gap("%s: its newest run used %s" % (job["job"], run["protocol"] or "no protocol"), _SSH, "high")


CONTROL = Control(
    "1.1",
    "Jobs use SFTP, by their options and by the records of their runs. The policy names the servers without SFTP.",
    "medium",
    "Set the protocol of the job to sftp, or name the server in policy.ftps_only.",
    (Check(CLIENT, ("jobs",), _declared), Check(CLIENT, ("jobs", "job_runs"), _used)),
    "Syncs of playbooks, which leave no records of jobs, are not measured.",
)
