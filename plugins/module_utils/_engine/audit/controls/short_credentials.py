# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control 8.2: jobs log in with SSH certificates that end soon."""

from __future__ import annotations

from typing import Iterator

from ..control import CLIENT, Check, Control, Gap, NotMeasured, Subject
from ..job_words import SFTP, jobs_over


def _judge(subject: Subject) -> Iterator[Gap]:
    most = subject.policy.certificate_max_ttl
    found = jobs_over(subject, SFTP)
    if not found:
        raise NotMeasured("jobs: the host has no job over SFTP")
    wanted = "a certificate of at most %d hours" % (most // 3600)
    for job in found:
        if job["certificate"] == "none":
            yield Gap("%s: a key without a certificate" % job["job"], wanted, "medium")
        elif job["certificate_seconds"] > most:
            hours = job["certificate_seconds"] // 3600
            yield Gap("%s: a certificate of %d hours" % (job["job"], hours), wanted, "medium")
    for job in found:
        if job["certificate"] != "none" and job["certificate_seconds"] <= 0:
            raise NotMeasured("jobs: the lifetime of the certificate of %s is not known" % job["job"])


CONTROL = Control(
    "8.2",
    "Each job over SFTP logs in with an SSH certificate whose lifetime the policy allows.",
    "medium",
    "Set certificate of the job, with ttl.",
    (Check(CLIENT, ("jobs",), _judge),),
    "Jobs over FTPS, and tokens of the secrets manager, are not measured.",
)
