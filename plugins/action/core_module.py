# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of ansible-core on a host, and examines its answer like that from a module of this collection."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain
from .module_answer import ActionModule as AnswerAction

ARGUMENTS = {"module": {"type": "str", "required": True}, "options": {"type": "dict", "default": {}}}
CORE = "ansible.builtin."
SETUP = CORE + "setup"
FILLED_IN = frozenset({"results", "skipped"})
"""Keys that modules of ansible-core return, and that mean nothing to Ansible in a result of one item."""


class ActionModule(AnswerAction):
    """Run a module, with the action that Ansible has for it."""

    _supports_async = False

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        answer = self._answer_of(wanted["module"], wanted["options"], task_vars)
        return self._without_facts(answer) if wanted["module"] == SETUP else answer

    def _answer_of(self, module: str, options: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer of one module, not examined yet."""
        action = self._action_for(module, options)
        answer: dict[str, Any] = action.run(task_vars=task_vars)
        self._discovered_interpreter_key = getattr(action, "_discovered_interpreter_key", None)
        return answer

    def _action_for(self, module: str, options: dict[str, Any]) -> ActionBase:
        if not module.startswith(CORE):
            raise InvalidRequest(
                "module: %s is not a module of ansible-core" % plain(module), cure="Set module to %sNAME." % CORE
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

    def _without_facts(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts under another name, so that Ansible does not take them."""
        facts = dict(answer.get("ansible_facts") or {})
        found = {name: facts.pop(name) for name in [self._discovered_interpreter_key] if name in facts}
        return {**answer, "ansible_facts": found, "facts": facts}

    def _keys_of(self, answer: Mapping[str, Any]) -> set[str]:
        return super()._keys_of(answer) - FILLED_IN
