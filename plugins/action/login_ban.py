# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a jail of fail2ban, and install fail2ban if it is missing, between two runs of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.steps_action import StepsAction


class ActionModule(StepsAction):
    """Run the module; install missing packages and run it again."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        written = self._own_step("login_ban", self._task.args, task_vars)
        packages = self._task.args.get("packages")
        if written.get("failed") or not written.get("missing") or not packages:
            return written
        # The drop-in exists already: the service never runs without the controller's exemption.
        installed = self._installed(packages, task_vars)
        if installed.get("failed"):
            return installed
        if self._task.check_mode:
            return written
        started = self._own_step("login_ban", self._task.args, task_vars)
        return started if started.get("failed") else {**started, **_shown(written)}


def _shown(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the first answer that report the change."""
    return {"changed": True, **{name: written[name] for name in ("diff",) if name in written}}
