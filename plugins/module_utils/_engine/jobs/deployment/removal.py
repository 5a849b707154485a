# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove a job from its host. Its records stay as a proof of its runs; a new job of its name counts from zero."""

from __future__ import annotations

import os
from typing import List

from ...system.changes import Changes
from ...system.entries import MISSING
from ...system.program import ask_program, run_program
from ..metrics import metrics_file
from ..names import ACCOUNT, CREDSTORE, credential_name
from ..records import COUNTERS
from ..unit_text import JobUnit, timer_name, unit_name
from . import credstore, egress, places
from .job_account import job_account, remove_account
from .kept_paths import STORED, remove_file


def remove_job(unit: JobUnit, metrics: str, changes: Changes) -> None:
    """End the timer and a run, then remove units, secrets, files and account."""
    _remove_units(unit, changes)
    for key in credstore.stored_keys(unit.name):
        remove_file("%s/%s" % (CREDSTORE, credential_name(unit.name, key)), changes, STORED)
    for path in _files(unit.name, metrics):
        remove_file(path, changes)
    if not changes.check_mode:
        egress.restore_rules(unit.name)
    account = ACCOUNT % unit.name
    if job_account(unit.name) is not None and changes.record("account " + account, "account", MISSING):
        remove_account(unit.name)


def _remove_units(unit: JobUnit, changes: Changes) -> None:
    paths = ["%s/%s" % (places.UNITS, name) for name in (timer_name(unit), unit_name(unit))]
    if not any(map(os.path.lexists, paths)):
        return
    if not changes.check_mode:
        ask_program("systemctl", "--quiet", "disable", "--now", timer_name(unit))
        # The time of the last run: a new job of this name has none.
        ask_program("systemctl", "clean", "--what=state", timer_name(unit))
        run_program("systemctl", "stop", unit_name(unit))
    for path in paths:
        remove_file(path, changes)
    if not changes.check_mode:
        run_program("systemctl", "daemon-reload")
        ask_program("systemctl", "reset-failed", unit_name(unit))


def _files(name: str, metrics: str) -> List[str]:
    files = [places.egress_file(name), places.job_file(name), "%s/%s" % (places.records(name), COUNTERS)]
    return [*files, metrics_file(metrics, name)] if metrics else files
