# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notification after a failed run: systemd starts its unit (OnFailure=), and a command of the site sends it."""

from __future__ import annotations

import os
from typing import Mapping, Sequence

from ..._engine.jobs.ended_run import ended_run, message, pass_on
from ..._engine.jobs.job_file import job_name


def notify(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Pass the message about the run that has just failed to a command. Raises InvalidRequest, OperationFailed."""
    pass_on(message(job_name(name), os.uname().nodename, ended_run(environment)), command)
