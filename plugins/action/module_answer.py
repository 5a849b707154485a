# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the modules of this collection, to which meta/runtime.yml routes it, and refuses answers that hold facts."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action.normal import ActionModule as NormalAction

from ..module_utils._edge.results import failure
from ..plugin_utils.fact_guard import FactsRefused, require_no_facts


class ActionModule(NormalAction):
    """Run a module as Ansible does, and fail if its answer holds facts."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer of the module, or an error that holds nothing of it."""
        result = super().run(tmp, task_vars)
        facts = set(result.get("ansible_facts") or {})
        # Ansible itself adds the interpreter that it found for this task.
        facts.discard(getattr(self, "_discovered_interpreter_key", None))
        try:
            require_no_facts(self._task.delegate_to or task_vars["inventory_hostname"], facts)
        except FactsRefused as error:
            return failure(error)
        return result
