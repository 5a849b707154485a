# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers from observed jobs and their runs."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

from .control import NotMeasured, Subject

SFTP, FTPS = "sftp", "ftps"
Job = Dict[str, Any]


def jobs(subject: Subject) -> List[Job]:
    """Return the jobs of a host. Raises NotMeasured if there is none."""
    found: List[Job] = subject.values["jobs"]
    if not found:
        raise NotMeasured("jobs: the host has no job of the role sync_job")
    return found


def jobs_over(subject: Subject, protocol: str) -> List[Job]:
    """Return the jobs over a protocol."""
    return [each for each in jobs(subject) if each["protocol"] == protocol]


def successes(subject: Subject) -> Iterator[Tuple[Job, Job]]:
    """Yield each job with its newest successful run. Raises NotMeasured at the end if a job has none."""
    runs = {each["job"]: each for each in subject.values["job_runs"] if each["ended"]}
    for job in jobs(subject):
        if job["job"] in runs:
            yield job, runs[job["job"]]
    missing = [job["job"] for job in jobs(subject) if job["job"] not in runs]
    if missing:
        raise NotMeasured("job_runs: no successful run of %s is recorded" % ", ".join(missing))
