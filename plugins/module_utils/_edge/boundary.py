# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning and the only end of a module: every exit leads to one exit_json or fail_json."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ansible.module_utils import basic

from .zip_imports import compile_once

compile_once()  # before all other imports of the collection

from .._engine.errors import InvalidRequest  # noqa: E402
from .argspec import (  # noqa: E402
    PROGRESS_FILE,
    check_aliases,
    require_known_names,
)
from .contract import Edge, Result, Task  # noqa: E402
from .interrupt import outcome  # noqa: E402
from .words import failure  # noqa: E402

SHORTEST_SECRET_LINE = 12


class Module(basic.AnsibleModule):
    """An AnsibleModule whose failed result has the same keys for every error, so that a play may use them in `until`.

    blank: the parts of a result that are always there. Ansible ends a module with bad arguments before the module
    itself runs; that failure gets them too, and `error`."""

    def __init__(self, *, blank: Mapping[str, Any], **specification: Any) -> None:
        self._blank = blank
        super().__init__(**specification)

    def _load_params(self) -> None:
        """Take the parameter that only an action passes; it is no option."""
        super()._load_params()
        self.progress_file = self.params.pop(PROGRESS_FILE, "")

    def _log_invocation(self) -> None:
        """Hide the lines of secrets in the log of the host too, where lists of options are in escaped form."""
        _hide(self, *self.no_log_values)
        super()._log_invocation()

    def fail_json(self, msg: str, **parts: Any) -> None:
        error = {"code": InvalidRequest.code, "path": None, "message": str(msg), "cure": "Correct the task."}
        if "error" not in parts:  # Ansible itself refuses the options
            try:
                require_known_names(self._name.rpartition(".")[2], self.argument_spec, basic._load_params())
            except InvalidRequest as unknown:
                parts = failure(unknown)
                msg = parts["msg"]
        super().fail_json(**{**self._blank, "error": error, **parts, "msg": msg})


def run(edge: Edge) -> None:
    """Run a module by its contract (see `task`) and end it; does not return."""
    blank = edge.blank()
    module = Module(blank=blank, supports_check_mode=True, **edge.spec())
    task = Task(module.params, module.check_mode, module._diff, progress_file=module.progress_file)
    task = task._replace(hide=lambda secret: _hide(module, secret))
    if not module.no_log:  # Ansible shows warnings, which may contain names, under no_log too
        task = task._replace(warn=module.warn)
    end(module, lambda: _shown(task, edge.run(task)), blank=blank)


def end(module: basic.AnsibleModule, work: Callable[[], Mapping[str, Any]], *, blank: Mapping[str, Any]) -> None:
    """Do `work` and end the module with its result; does not return.

    work: gives the whole result, where `failed` decides; it may raise SyncError
    blank: the parts of a result that are there also when `work` raises
    """
    _hide(module, *module.no_log_values)
    result = {**blank, **outcome(lambda: _checked(module, work))}
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def _shown(task: Task, result: Result) -> Result:
    """Return the result without its diff outside diff mode."""
    return result if task.diff else {name: value for name, value in result.items() if name != "diff"}


def _checked(module: basic.AnsibleModule, work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    check_aliases(module.argument_spec, basic._load_params())
    return work()


def _hide(module: basic.AnsibleModule, *secrets: str) -> None:
    """Let Ansible hide secrets, their single lines and escaped forms too: so they come in the text of exceptions."""
    for secret in filter(None, secrets):
        module.no_log_values.update((secret, repr(secret)[1:-1]))
        module.no_log_values.update(
            line for line in secret.splitlines() if len(line) >= SHORTEST_SECRET_LINE and not line.startswith("-----")
        )
