# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays with compromised hosts: figures at the end, and no process may stay."""

from __future__ import annotations

from support.reporting import nothing_stays_behind, pytest_terminal_summary
from support.time_budget import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_runtest_protocol,
    pytest_xdist_node_collection_finished,
)

__all__ = [
    "nothing_stays_behind",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_runtest_protocol",
    "pytest_terminal_summary",
    "pytest_xdist_node_collection_finished",
]
