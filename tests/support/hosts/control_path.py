# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's sockets of SSH connections: a path of pytest's easily exceeds the limit of a socket's path, 107 bytes
(unix(7))."""

from __future__ import annotations

__all__ = ["control_path_directory"]

import shutil
import weakref
from pathlib import Path

from ..running.scratch import scratch


def control_path_directory(user: object) -> Path:
    """Make a directory with a short path, which goes with its user."""
    made = scratch("cp")
    weakref.finalize(user, shutil.rmtree, made, ignore_errors=True)
    return made
