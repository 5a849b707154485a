# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The places of a job on its host."""

from __future__ import annotations

import os

from ..names import HOME

PROGRAMS = "/usr/local/lib/secure_ftp_synchronize"
LINK = PROGRAMS + "/sync.pyz"
JOBS = "/etc/secure_ftp_synchronize/jobs"
UNITS = "/etc/systemd/system"
RUNTIME_UNITS = "/run/systemd/system"
STAGES = "/run/secure_ftp_synchronize"
_RECORDS = "/var/lib/secure_ftp_synchronize/jobs"


def program_file(version: str) -> str:
    return f"{PROGRAMS}/sync-{version}.pyz"


def job_file(name: str, directory: str = JOBS) -> str:
    return f"{directory}/{name}.json"


def egress_file(name: str, directory: str = JOBS) -> str:
    """Return the path of the rules for the account's connections."""
    return f"{directory}/{name}.nft"


def records(name: str) -> str:
    """Return the directory of the records, which is root's own."""
    return f"{_RECORDS}/{name}"


def home(name: str) -> str:
    return "/var/lib/" + HOME % name


def expanded(path: str, name: str) -> str:
    """Return an absolute path. The home of the account of the job is ~, and the working directory. A part .. stays:
    after a link, it leads elsewhere."""
    return os.path.join(home(name), path[2:] if path.startswith("~/") else path)


def stage(name: str) -> str:
    """Return the directory of a job that is not deployed yet."""
    return f"{STAGES}/{name}"
