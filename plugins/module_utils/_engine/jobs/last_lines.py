# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a run in the journal, for a run that left no error of its own."""

from __future__ import annotations

import re
import subprocess

_RUN = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)
_LINES = 20
_SECONDS = 10


def last_lines(run: str) -> str:
    """Return the lines of the run's processes and of systemd about it; "" if there are none or no journal."""
    if not _RUN.match(run):
        return ""
    command = ["journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=%d" % _LINES]
    command += ["_SYSTEMD_INVOCATION_ID=" + run, "+", "INVOCATION_ID=" + run]
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        ended = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout.decode("utf-8", "replace").strip()
