# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of jobs that are stored in cleartext: in a job file, or as a credential that is not encrypted. Names only."""

from __future__ import annotations

import glob
from typing import Any, Dict, Iterator, List

from ...jobs.deployment.places import JOBS
from ...jobs.job_file import read_job
from ...jobs.names import UNIT
from ...secret_scan.wording import is_literal, is_secret_name
from .jobs import job_files

CLEAR = "/etc/credstore"
"""The directory of systemd for credentials that are not encrypted."""


def job_secrets(directory: str = JOBS, clear: str = CLEAR) -> Dict[str, List[str]]:
    """Return the options of job files that hold a secret, and the paths of unencrypted credentials."""
    found = [
        "%s: %s" % (job.name, name)
        for job in map(read_job, job_files(directory))
        for name in _secret_names({"options": job.options, "certificate": job.certificate or {}})
    ]
    stored = glob.glob("%s/%s" % (glob.escape(clear), UNIT % "*"))
    return {"in_job_files": found, "in_cleartext": sorted(stored)}


def _secret_names(value: Any, place: str = "") -> Iterator[str]:
    """Yield the dotted names of the options that hold a secret."""
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        inner = "%s.%s" % (place, name) if place else str(name)
        if isinstance(each, str) and is_secret_name(str(name)) and is_literal(each):
            yield inner
        yield from _secret_names(each, inner)
