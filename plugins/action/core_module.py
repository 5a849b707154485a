# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of ansible-core, or secure_sync or tree_verify with options that are data, and examines the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.core_private import found_interpreter
from ..plugin_utils.steps_action import StepsAction

ARGUMENTS = {"module": {"type": "str", "required": True}, "options": {"type": "dict", "default": {}}}
SETUP = "ansible.builtin.setup"


class ActionModule(StepsAction):
    """Run a module, with the action that Ansible has for it."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        answer = self._answer_of(wanted["module"], wanted["options"], task_vars)
        return self._without_facts(answer) if wanted["module"] == SETUP else answer

    def _without_facts(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts under another name, so that Ansible does not take them."""
        facts = dict(answer.get("ansible_facts") or {})
        found = {name: facts.pop(name) for name in [found_interpreter(self)] if name in facts}
        return {**answer, "ansible_facts": found, "facts": facts}
