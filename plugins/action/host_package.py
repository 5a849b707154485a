# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install packages, from refreshed lists if the present lists lack them; for tasks that take several steps on a host.

An action of several steps ends with the first answer that failed. Every answer is examined, and the last answer is the
result.
"""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping, Sequence
from typing import Any

from ..plugin_utils.answer_guard import require_plain_answer
from ..plugin_utils.fact_guard import require_no_facts
from .core_module import ActionModule as CoreAction

ARGUMENTS = {
    "name": {"type": "list", "elements": "str", "required": True},
    "recommends": {"type": "bool", "default": True},
}
Answer = dict[str, Any]
Variables = Mapping[str, Any]


class ActionModule(CoreAction):
    """Install packages."""

    def _answer(self, tmp: Any, task_vars: Variables) -> Answer:
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        return self._installed(wanted["name"], task_vars, recommends=wanted["recommends"])

    def _installed(self, packages: Sequence[str], task_vars: Variables, *, recommends: bool = True) -> Answer:
        """Return the answer to the installation. Empty or outdated lists lack packages, or name files that are gone."""
        module = "ansible.builtin.package" if recommends else "ansible.builtin.apt"
        options: Answer = {"name": list(packages), "state": "present"}
        options.update({} if recommends else {"install_recommends": False})
        answer = self._step(module, options, task_vars)
        if not answer.get("failed") or self._step("ansible.builtin.apt", {"update_cache": True}, task_vars).get(
            "failed"
        ):
            return answer
        return self._step(module, options, task_vars)

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
