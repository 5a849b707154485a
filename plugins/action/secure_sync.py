# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, shows lines about its progress, and examines its answer."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible import constants
from ansible.utils.display import Display

from ..module_utils._edge.argspec import PROGRESS_FILE, progress
from ..plugin_utils.endpoint_action import EndpointAction
from ..plugin_utils.progress_watch import ProgressWatch
from .module_answer import ActionModule as ModuleAnswer


class ActionModule(EndpointAction, ModuleAnswer):
    """Without progress: tasks on other hosts, under `no_log`, with `async`; the module then runs as ever."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        given = self._task.args
        with self._watch(task_vars) as watch:
            # A value in the task has no effect.
            own = {PROGRESS_FILE: watch.path} if watch else {}
            self._task.args = {**{name: value for name, value in given.items() if name != PROGRESS_FILE}, **own}
            try:
                return super()._answer(tmp, task_vars)
            finally:
                self._task.args = given

    def _watch(self, task_vars: Mapping[str, Any]) -> AbstractContextManager[ProgressWatch | None]:
        most = _seconds(self._task.args.get("progress", progress()["progress"]["default"]))
        local = self._connection.transport == "local"
        if not most or not local or self._task.no_log or self._task.async_val:
            return nullcontext()
        try:
            return ProgressWatch(self._name(task_vars), most, parent=constants.DEFAULT_LOCAL_TMP, show=_show)
        except OSError:
            return nullcontext()

    def _name(self, task_vars: Mapping[str, Any]) -> str:
        host = str(task_vars["inventory_hostname"])
        return f"{host} -> {self._task.args.get('host')}" if self._task.loop is not None else host


def _show(text: str) -> None:
    """Write the line to standard error: programs may read standard output, such as the JSON of a callback."""
    Display().display(text, stderr=True)


def _seconds(value: object) -> float:
    """Return 0 for a value that the module refuses."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
    return seconds if 0 < seconds <= 86400 else 0.0
