# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request to deploy jobs, and its result."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Sequence, Tuple

from ...errors import SyncError
from ...system.changes import ChangeReport
from ..unit_text import JobUnit

UNLISTED = KEEP, REPORT, REMOVE = "keep", "report", "remove"


class WantedJob(NamedTuple):
    """unit: of the job, with its name and its places
    present: whether the job exists; an absent job needs its name only
    text: the job file
    secrets: by the name of the option, and ping_url
    """

    unit: JobUnit
    present: bool = True
    text: bytes = b""
    secrets: Mapping[str, str] = {}


class DeployRequest(NamedTuple):
    """jobs: in the order of their deployment
    program: path of the program of this version
    exposure_max: from 0 to 10
    metrics: directory for metrics; "" for none
    notify_command: gets a message about each failed run; empty: none
    notify_account: runs it
    by_ansible: whether ansible-playbook of the host carries out the syncs
    source: that the jobs come from
    unlisted: keep, report or remove jobs of the source that are not in `jobs`
    """

    jobs: Sequence[WantedJob]
    program: str
    exposure_max: float
    metrics: str
    check_mode: bool
    notify_command: Sequence[str] = ()
    notify_account: str = "daemon"
    by_ansible: bool = False
    source: str = ""
    unlisted: str = KEEP


class JobState(NamedTuple):
    """checked: whether this run ran the job in check mode
    exposure: of its unit; None if it was not measured
    egress: the limits of its connections, "account" and "unit", each enforced or not_measured; empty without a limit
    error: why the job was not deployed; it is as it was before
    """

    name: str
    checked: bool = False
    exposure: Optional[float] = None
    egress: Mapping[str, str] = {}
    error: Optional[SyncError] = None


class DeployReport(NamedTuple):
    """The result of a run. error: of the link to the program, after the jobs"""

    report: ChangeReport
    jobs: Tuple[JobState, ...]
    error: Optional[SyncError] = None
