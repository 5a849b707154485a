# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only bound for measured times: it distinguishes a hang from a busy machine, and nothing else."""

from __future__ import annotations

__all__ = ["HANG_SECONDS"]

HANG_SECONDS = 25.0
"""More than two seconds of work take on a machine with ten times as much to do as it can, and less than the shortest
wait that a run makes by itself, a `connect_timeout` of 30 s."""
