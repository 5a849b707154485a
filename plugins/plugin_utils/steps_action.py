# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""StepsAction: an action that runs modules of ansible-core and of this collection on a host, and examines each answer.

An action of several steps ends with the first answer that failed. Every answer is examined, and the last answer is the
result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain
from .answer_action import AnswerAction
from .answer_guard import require_plain_answer
from .core_private import take_interpreter
from .fact_guard import require_no_facts

CORE = "ansible.builtin."
OWN = ("secure.ftp_synchronize.secure_sync", "secure.ftp_synchronize.tree_verify")
"""The modules of this collection that a playbook runs with options that are data."""
FILLED_IN = frozenset({"results", "skipped"})
"""Keys that modules of ansible-core return, and that mean nothing to Ansible in a result of one item."""
Answer = dict[str, Any]
Variables = Mapping[str, Any]


class StepsAction(AnswerAction):
    """Run modules as steps of one task."""

    _supports_async = False

    def _installed(self, packages: Sequence[str], task_vars: Variables, *, recommends: bool = True) -> Answer:
        """Return the answer to the installation. Empty or outdated lists lack packages, or name files that are gone."""
        module = "ansible.builtin.package" if recommends else "ansible.builtin.apt"
        options: Answer = {"name": list(packages), "state": "present"}
        options.update({} if recommends else {"install_recommends": False})
        answer = self._step(module, options, task_vars)
        if not answer.get("failed"):
            return answer
        refreshed = self._step("ansible.builtin.apt", {"update_cache": True}, task_vars)
        return answer if refreshed.get("failed") else self._step(module, options, task_vars)

    def _step(self, module: str, options: Answer, task_vars: Variables) -> Answer:
        """Return the examined answer to a module of ansible-core."""
        return self._examined(self._answer_of(module, options, task_vars), task_vars)

    def _own_step(self, module: str, options: Mapping[str, Any], task_vars: Variables) -> Answer:
        """Return the examined answer to a module of this collection."""
        name = "secure.ftp_synchronize." + module
        answer = self._execute_module(module_name=name, module_args=dict(options), task_vars=task_vars)
        return self._examined(answer, task_vars)

    def _examined(self, answer: Answer, task_vars: Variables) -> Answer:
        host = self._task.delegate_to or task_vars["inventory_hostname"]
        require_no_facts(host, self._facts_of(answer))
        require_plain_answer(host, self._keys_of(answer), self._names_of_the_loop())
        return answer

    def _answer_of(self, module: str, options: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer of one module, not examined yet."""
        action = self._action_for(module, options)
        answer: dict[str, Any] = action.run(task_vars=task_vars)
        take_interpreter(self, action)
        return answer

    def _action_for(self, module: str, options: dict[str, Any]) -> ActionBase:
        if not module.startswith(CORE) and module not in OWN:
            raise InvalidRequest(
                f"module: {plain(module)} is not a module of ansible-core, nor secure_sync or tree_verify",
                cure=f"Set module to {CORE}NAME or {' or '.join(OWN)}.",
            )
        task = self._task.copy()
        task.action, task.args = module, options
        known = self._shared_loader_obj.action_loader
        return known.get(
            module if known.has_plugin(module) else "ansible.legacy.normal",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )

    def _keys_of(self, answer: Mapping[str, Any]) -> set[str]:
        return super()._keys_of(answer) - FILLED_IN
