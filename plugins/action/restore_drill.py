# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, shows lines about its progress, and examines its answer."""

from __future__ import annotations

from .secure_sync import ActionModule as SyncAction


class ActionModule(SyncAction):
    """A drill pulls, and shows its progress as a sync does."""
