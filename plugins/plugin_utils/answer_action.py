# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AnswerAction: runs a module of this collection, and refuses an answer that Ansible would obey.

Ansible takes facts from the result of any module, and from a delegated task as facts of the host of the play. Some of
them decide how Ansible reaches that host and becomes root there. The modules of this collection return no facts, so an
answer that has facts comes from a compromised host: the task fails, and nothing of the answer is used. This is also
true for keys that Ansible obeys, such as `unreachable`, and for a key with the name of the loop variable, which would
replace the item in the registered result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as NormalAction

from ..module_utils._edge.argspec import require_known_names
from ..module_utils._edge.words import failure
from ..module_utils._engine.errors import SyncError
from .answer_guard import require_plain_answer, require_shallow_answer
from .core_private import found_interpreter
from .fact_guard import require_no_facts, require_own_connection, require_own_host


class AnswerAction(NormalAction):
    """Run a module as Ansible does, and fail if its answer holds facts or keys with a meaning for Ansible."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer of the module, or an error that holds nothing of it."""
        variables = task_vars or {}
        host = self._task.delegate_to or variables["inventory_hostname"]
        try:
            require_own_host(variables, self._task)
            self._require_own_connection(host, variables)
            answer = self._answer(tmp, variables)
            require_no_facts(host, self._facts_of(answer))
            require_shallow_answer(host, answer)
            require_plain_answer(host, self._keys_of(answer), self._names_of_the_loop())
        except SyncError as error:
            return failure(error)
        return answer

    def validate_argument_spec(self, argument_spec: Any = None, **rules: Any) -> Any:
        """Refuse the names of no option before Ansible does, to show the right names."""
        require_known_names(self._task.action.rpartition(".")[2], argument_spec, self._task.args)
        return super().validate_argument_spec(argument_spec=argument_spec, **rules)

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = super().run(tmp, task_vars)
        return answer

    def _require_own_connection(self, host: str, task_vars: Mapping[str, Any]) -> None:
        """Facts of earlier tasks may lead the connection to another host; nothing was sent yet."""
        if constants.config.get_config_value("INJECT_FACTS_AS_VARS"):
            others = task_vars.get("hostvars") or {}
            require_own_connection(host, others[host] if self._task.delegate_to and host in others else task_vars)

    def _facts_of(self, answer: Mapping[str, Any]) -> set[str]:
        """Return the names of the facts, without the interpreter that Ansible itself found for this task."""
        return set(answer.get("ansible_facts") or {}) - {found_interpreter(self)}

    def _keys_of(self, answer: Mapping[str, Any]) -> set[str]:
        """Return the keys that are not examined elsewhere; of a task with `async`, it is the job that answers here."""
        return set(answer) - {"ansible_facts"} - ({"ansible_job_id"} if self._task.async_val else set())

    def _names_of_the_loop(self) -> set[str]:
        control = self._task.loop_control
        return {name for name in (control.loop_var, control.index_var) if name} if control else set()
