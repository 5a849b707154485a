# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a role, taken once and on the controller; no host is contacted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils._engine.errors import InvalidRequest
from ..module_utils._engine.model.display import plain
from ..modules.role_options import DOCUMENTATION
from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.core_private import own_variables
from ..plugin_utils.fact_guard import ROLES, require_no_own_names
from ..plugin_utils.role_rules import (
    key_revocation_texts,
    mfa_texts,
    require_at_rest,
    require_break_glass,
    require_chroot_jail,
    require_ftps_server,
    require_key_revocation,
    require_transfer_monitoring,
    sandbox_texts,
)
from ..plugin_utils.role_spec import PLAYBOOKS, RoleSpec, option_values, require_known_names, role_spec

Variables = Mapping[str, Any]

Rules = Callable[[Mapping[str, Any], Callable[[str], str]], None]
RULES: Mapping[str, Rules] = {
    "at_rest": require_at_rest,
    "break_glass": require_break_glass,
    "chroot_jail": require_chroot_jail,
    "ftps_server": require_ftps_server,
    "key_revocation": require_key_revocation,
    "transfer_monitoring": require_transfer_monitoring,
}
"""Rules between the options of a role."""
TOGETHER = ("account_access", "client_key_rotation", "exchange", "key_revocation", "password_rotation")
"""Roles, and a playbook, that compare the results of their hosts, or act once for all of them."""


def _exchange_values(options: Variables, own: Callable[[str], dict[str, Any]], entry_point: str) -> dict[str, Any]:
    # Other roles do not need the modules of secure_sync.
    from ..plugin_utils import transfers  # pylint: disable=import-outside-toplevel

    if entry_point == "flows":
        return transfers.exchange_flows(options, own)
    found = transfers.exchange_values(options, own, as_jobs=entry_point == "jobs")
    return {**found, **_sync_job_values(found)}


def _sync_job_values(options: Variables, *_others: Any) -> dict[str, Any]:
    from ..plugin_utils.transfers import job_of_transfer  # pylint: disable=import-outside-toplevel

    return {"jobs": [job_of_transfer(job) for job in options["jobs"]]}


TEXTS: Mapping[str, Callable[[Variables, Callable[[str], dict[str, Any]], str], dict[str, Any]]] = {
    "chroot_jail": sandbox_texts,
    "exchange": _exchange_values,
    "key_revocation": lambda options, *_others: key_revocation_texts(options),
    "mfa": lambda options, *_others: mfa_texts(options),
    "sync_job": _sync_job_values,
    "transfer_monitoring": sandbox_texts,
}
"""Texts and other values that a role writes, and that modules recognize or that follow from its options and variables
of the host."""


class ActionModule(ControllerAction):
    """Refuse facts with our names, and return the options or variables of a role, evaluated without facts."""

    documentation = DOCUMENTATION

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        found = super().arguments()
        return {**found, "role": {**found["role"], "choices": [*ROLES, *PLAYBOOKS]}}

    def result(self, wanted: dict[str, Any], task_vars: Variables) -> dict[str, Any]:
        """Return `options`, `texts` and `evaluated`, hidden in the output."""
        require_no_own_names(task_vars["inventory_hostname"], task_vars.get("ansible_facts") or {})
        host = wanted["host"] or ""
        if host:
            _require_host(host, task_vars["hostvars"])
        if wanted["role"] in TOGETHER and self._task.play.strategy.rpartition(".")[2] in ("free", "host_pinned"):
            raise InvalidRequest(
                f"strategy: is {self._task.play.strategy}, and the hosts of {wanted['role']} wait for each other",
                cure="Set strategy to linear in the play.",
            )
        self._own = self._templar.available_variables = own_variables(self._task, task_vars, host)
        evaluated = {}
        for name in wanted["evaluate"]:
            evaluated.update(self._of_host(name))
        options = {} if wanted["guard_only"] or evaluated else self._options(wanted)
        if wanted["validate"]:
            _rules_of(wanted["role"])(options, self._loader.path_dwim)
        made = TEXTS.get(wanted["role"]) if options else None
        texts = made(options, self._of_host, wanted["entry_point"]) if made else {}
        values = {"options": options, "texts": texts, "evaluated": evaluated}
        return {"changed": False, **values, "_ansible_no_log": True}

    def _options(self, wanted: dict[str, Any]) -> dict[str, Any]:
        spec = role_spec(wanted["role"], wanted["entry_point"], self._read)
        require_known_names(spec, self._own, wanted["results"])
        return option_values(spec, self._given(spec))

    def _read(self, path: str) -> Any:
        return self._loader.load_from_file(path, trusted_as_template=True)

    def _given(self, spec: RoleSpec) -> dict[str, Any]:
        """Return the options that have a value, from the variables or from the specification."""
        given = {}
        for name, option in spec.options.items():
            given.update(self._evaluated(name, option.get("default")))
            given.update(self._of_host(name))
        return given

    def _of_host(self, name: str) -> dict[str, Any]:
        return self._evaluated(name, self._own.get(name))

    def _evaluated(self, name: str, value: Any) -> dict[str, Any]:
        """Return a variable with its value, or nothing if that is null or omitted."""
        try:
            return {} if value is None else self._templar.template({name: value})
        except AnsibleError as error:
            raise InvalidRequest(
                f"{name}: cannot be evaluated: {error}",
                cure=f"Correct the template that sets {name}. It sees no facts of hosts.",
            ) from error


def _require_host(name: str, hosts: Variables) -> None:
    if name not in hosts:
        raise InvalidRequest(f"host: {plain(name)} is not in the inventory", cure="Add it, or correct its name.")
    require_no_own_names(name, hosts[name].get("ansible_facts") or {})


def _rules_of(role: str) -> Rules:
    if role not in RULES:
        raise InvalidRequest(f"validate: {role} has no rules", cure="Remove validate.")
    return RULES[role]
