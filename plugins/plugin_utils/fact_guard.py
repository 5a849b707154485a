# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against facts that control a play.

Facts of a host override role defaults, group_vars and host_vars. Ansible also uses facts with the names of variables of
connection, become and shell plugins, and removes only a part of them (ansible.vars.clean).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..module_utils._engine.errors import Refused
from ..module_utils._engine.model.display import plain

_COLLECTION = Path(__file__).resolve().parents[2]
_ROLES = _COLLECTION / "roles"
_PLAYBOOKS = _COLLECTION / "playbooks"
ROLES = tuple(sorted(path.parent.parent.name for path in _ROLES.glob("*/meta/argument_specs.yml")))
"""The roles of this collection."""
_OWNERS = (*ROLES, "audit")
"""The roles, and the playbook with options of its own."""
CONNECTION_NAMES = frozenset(
    """
    admin_users async_dir common_remote_group control_path control_path_dir deprecation_warnings
    facts_modules host_key_checking inject_invocation interpreter_python_fallback no_target_syslog
    private_key private_key_passphrase python_module_rlimit_nofile remote_tmp runas_flags runas_pass
    runas_user scp_executable sftp_batch_mode sftp_executable shell_allow_world_readable_temp
    ssh_host_key_checking sshpass_prompt su_exe su_flags su_pass su_prompt_l10n su_user sudo_chdir
    sudo_exe sudo_flags sudo_pass sudo_user system_tmpdirs target_log_info win_async_startup_timeout
    worker_session_isolation
    """.split()  # noqa: SIM905
)
"""Variables that ansible-core and its connection, become and shell plugins take from facts, without `ansible_`."""
HOST_NAMES = frozenset("group_names inventory_dir inventory_file inventory_hostname inventory_hostname_short".split())  # noqa: SIM905
"""Variables of Ansible about each host that facts replace: a host could pass for another and get its secrets."""
_FOUND_BY_ANSIBLE = "discovered_interpreter_"
MOST_SHOWN = 5
_CURE = (
    "Find out which task or fact file of the host returns them: a host that is not compromised does not. "
    "Then clear the fact cache. Set your own values in the inventory, never by set_fact with cacheable."
)


class FactsRefused(Refused):
    """A host returned facts that control the play, or facts in an answer that must have none."""

    code = "facts_refused"


def require_no_facts(host: str, facts: Iterable[str]) -> None:
    """Raise FactsRefused if the answer of a host to one of our modules holds facts."""
    names = sorted(map(str, facts))
    if names:
        raise FactsRefused(
            f"answer of {plain(host)}: must hold no facts, and holds {_listed(names)}",
            cure="Treat the host as compromised: no module of this collection returns facts.",
        )


def require_own_host(variables: Mapping[str, Any], task: Any) -> None:
    """Raise FactsRefused if facts decide which host a task is for, or if a task of our playbooks sees any facts. Its
    options were evaluated with them, because `--start-at-task` skips the task that clears them.

    variables: of the task.
    """
    facts = variables.get("ansible_facts") or {}
    seen = [name for name in facts if not name.startswith(_FOUND_BY_ANSIBLE)]
    if seen and _PLAYBOOKS in Path(task.get_path()).resolve().parents:
        raise FactsRefused(
            f"facts of {plain(str(variables['inventory_hostname'])[:80])}: must be cleared "
            f"before this task, and there are {_listed(sorted(seen))}",
            cure="Run the playbook from its first task, without --start-at-task or --step.",
        )
    found = sorted(HOST_NAMES.intersection(facts))
    if found:
        raise FactsRefused(
            f"facts of a host that passes for {plain(str(variables['inventory_hostname'])[:80])}: "
            f"must not name or place a host, and have {_listed(found)}",
            cure=_CURE,
        )


def require_no_own_names(host: str, facts: Iterable[str]) -> None:
    """Raise FactsRefused if the facts of a host hold a name of the roles' variables or of Ansible's connection."""
    own = sorted(filter(_decides, facts))
    if own:
        raise FactsRefused(
            f"facts of {plain(host)}: must not have the names of role or connection variables, and have {_listed(own)}",
            cure=_CURE,
        )


def require_own_connection(host: str, variables: Mapping[str, Any]) -> None:
    """Raise FactsRefused if facts decide how Ansible reaches a host, such as by the connection of another.

    variables: all of the host, with those that its facts have become.
    """
    names = CONNECTION_NAMES.intersection(variables.get("ansible_facts") or {})
    found = sorted("ansible_" + name for name in names if "ansible_" + name in variables)
    if found:
        raise FactsRefused(
            f"facts of {plain(host)}: must not decide how it is reached, and have {_listed(found)}", cure=_CURE
        )


def _decides(name: str) -> bool:
    bare = str(name).lstrip("_")
    if bare.removeprefix("ansible_") in CONNECTION_NAMES or bare in HOST_NAMES:
        return True
    return bare in _OWNERS or bare.startswith(tuple(owner + "_" for owner in _OWNERS))


def _listed(names: list[str]) -> str:
    shown = ", ".join(plain(name[:80]) for name in names[:MOST_SHOWN])
    return shown if len(names) <= MOST_SHOWN else f"{shown} and {len(names) - MOST_SHOWN} more"
