# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs key_revocation, with the files of a signed list copied to the host, or key_revocation_list; examines the answer,
and notes the times of the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._engine.errors import NotFound
from ..module_utils._engine.model.display import plain
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.revocation_times import timed

COPY = "revoked.krl"
ENDS = {"": True, ".sig": True, ".history": False}
"""Files of a list, by the ends of their names, and whether each must exist."""


class ActionModule(AnswerAction):
    """Copy `list` and its signature, if given, from the controller before the module runs.

    added: a key of the result, by the clock of the controller.
    """

    added = frozenset({"times"})

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        return timed(lambda: self._installed(tmp, task_vars))

    def _installed(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        given = self._task.args
        try:  # the task's own options stay for another attempt
            if given.get("list"):
                self._task.args = {**given, "list": self._copied(str(given["list"]))}
            return super()._answer(tmp, task_vars)
        finally:
            self._task.args = given

    def _copied(self, name: str) -> str:
        """Copy the files, and return the path of the list on the host. Raises NotFound."""
        sources = {end: self._found(name + end, needed=needed) for end, needed in ENDS.items()}
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        directory = self._connection._shell.tmpdir
        copies = {end: str(self._connection._shell.join_path(directory, COPY + end)) for end in ENDS if sources[end]}
        for end, copy in copies.items():
            self._transfer_file(sources[end], copy)
        self._fixup_perms2([directory, *copies.values()])
        return copies[""]

    def _found(self, name: str, *, needed: bool) -> str:
        """Return the path of a file of the controller; "" for a file that may be missing. Raises NotFound."""
        try:
            return str(self._find_needle("files", name))
        except AnsibleError:
            if not needed:
                return ""
            raise NotFound(
                f"list: {plain(name)} is not on the controller", cure="Make the list with key_revocation_list."
            ) from None
