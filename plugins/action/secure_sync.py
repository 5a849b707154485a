# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, shows lines about its progress, and examines its answer."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from ansible import constants
from ansible.module_utils.common.validation import check_type_dict
from ansible.utils.display import Display

from ..module_utils._edge.argspec import PROGRESS_FILE, SECRETS_FROM, progress
from ..module_utils._edge.secret_sources import given_sources
from ..module_utils._edge.sync import secure_sync as edge
from ..module_utils._edge.sync.progress_lines import failed_line, last_line, refused_lines, without_zeros
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.endpoint_action import EndpointAction
from ..plugin_utils.progress_watch import ProgressWatch


class ActionModule(EndpointAction, AnswerAction):
    """Without lines: tasks under `no_log` and with `async`; without progress: tasks on other hosts.

    The outcome of a task that changed something or failed is always shown, unless the diff of check mode shows it.
    """

    _lines, _label = False, ""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._label = str((task_vars or {})["inventory_hostname"])
        answer = super().run(tmp, task_vars)
        failed, shown_by_diff = answer.get("failed"), self._task.check_mode and self._task.diff
        if self._pause and (failed or self._lines or (answer.get("changed") is True and not shown_by_diff)):
            _show(failed_line(self._label, answer) if failed else last_line(self._label, answer.get("msg")))
        for line in refused_lines(answer) if self._task.diff and not self._task.no_log else ():
            _show(line)
        return without_zeros(answer) if failed else answer

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        given, self._label = self._task.args, self._name(task_vars)
        sources = given.get(SECRETS_FROM)
        with suppress(TypeError):  # the module refuses any other text
            sources = check_type_dict(sources)
        if isinstance(sources, Mapping):
            # A secret in the place of a source stays here: the host would log it.
            given_sources(edge.spec(), sources)
        time.sleep(self._delay(task_vars))
        with self._watch() as watch:
            own = {PROGRESS_FILE: watch.path} if watch else {}  # module_defaults may hold it, too
            self._task.args = {**{name: value for name, value in given.items() if name != PROGRESS_FILE}, **own}
            try:
                return super()._answer(tmp, task_vars)
            finally:
                self._task.args = given
                self._lines = watch is not None and watch.shown

    @property
    def _pause(self) -> float:
        """Return the seconds between two lines at most; 0 if the task shows none."""
        quiet = self._task.no_log or self._task.async_val
        return 0.0 if quiet else _seconds(self._task.args.get("progress", progress()["progress"]["default"]))

    def _watch(self) -> AbstractContextManager[ProgressWatch | None]:
        most, local = self._pause, self._connection.transport == "local"
        if not most or not local:
            return nullcontext()
        try:
            return ProgressWatch(self._label, most, parent=constants.DEFAULT_LOCAL_TMP, show=_show)
        except OSError:
            return nullcontext()

    def _delay(self, task_vars: Mapping[str, Any]) -> float:
        host, given = str(task_vars["inventory_hostname"]), self._task.args
        return start_delay(host, str(given.get("host")), _seconds(given.get("start_spread")))

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


def start_delay(host: str, peer: str, seconds: float) -> float:
    """Return the part of `seconds` that a host waits before it connects to a peer: by a hash, the same in each run."""
    digest = hashlib.sha256(f"{host}\0{peer}".encode(errors="surrogateescape")).digest()
    return seconds * int.from_bytes(digest[:4], "big") / 2**32
