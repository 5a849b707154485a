# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts with the names of role variables are refused in all answers of a host."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.loader import become_loader, connection_loader, shell_loader
from ansible.vars.clean import clean_facts
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.fact_guard import (
    CONNECTION_NAMES,
    HOST_NAMES,
    ROLES,
    FactsRefused,
    require_no_facts,
    require_no_own_names,
    require_own_host,
)
from support.running.variables import task_vars


def test_the_roles_are_those_of_the_collection() -> None:
    assert sorted(path.name for path in (Path(__file__).parents[4] / "roles").iterdir()) == list(ROLES)


@pytest.mark.parametrize("role", [*ROLES, "audit"])
@pytest.mark.parametrize("form", ["{}_x", "__{}_x", "__{}", "{}", "_{}_x", "___{}_x"])
def test_a_name_of_ours_is_refused(role: str, form: str) -> None:
    name = form.format(role)
    with pytest.raises(FactsRefused) as refused:
        require_no_own_names("files1", {name: 1, "os_family": "Debian"})
    words = "must not have the names of role or connection variables"
    assert refused.value.message == f"facts of files1: {words}, and have {name}"


def test_ordinary_facts_pass() -> None:
    require_no_own_names("files1", {"os_family": "Debian", "sftp_servers": 1, "my_sftp_server_x": 2, "_": 3})


def test_many_names_are_counted_and_odd_ones_escaped() -> None:
    facts = [f"sftp_server_{number}" for number in range(7)] + ["__chroot_jail_\x1b[2J" + "x" * 200]
    with pytest.raises(FactsRefused) as refused:
        require_no_own_names("files\n1", facts)
    assert refused.value.message.endswith("sftp_server_3 and 3 more")
    assert "\\x1b[2J" in refused.value.message
    assert "files\\x0a1" in refused.value.message
    assert len(refused.value.message) < 300


def variables_of_ansible() -> set[str]:
    """Return the variables from which ansible-core and its connection, become and shell plugins take options."""
    loaders = {"connection": connection_loader, "become": become_loader, "shell": shell_loader}
    plugins = [(kind, plugin._load_name) for kind, loader in loaders.items() for plugin in loader.all(class_only=True)]
    defined = constants.config.get_configuration_definitions
    options = [each for named in [(), *plugins] for each in defined(*named).values()]
    return {variable["name"] for option in options for variable in option.get("vars", [])}


def test_the_connection_names_are_all_that_ansible_takes_from_facts() -> None:
    names = {name for name in variables_of_ansible() if name.startswith("ansible_")}
    assert len(names) > 80
    taken = {name.removeprefix("ansible_") for name in clean_facts(dict.fromkeys(names))}
    assert sorted(taken) == sorted(CONNECTION_NAMES)


@pytest.mark.parametrize("name", ["sudo_exe", "ansible_sudo_exe", "sftp_executable", "control_path"])
def test_a_variable_of_the_connection_is_refused(name: str) -> None:
    with pytest.raises(FactsRefused, match=name):
        require_no_own_names("files1", {name: 1})


def test_facts_replace_no_variable_of_ansible_but_those_that_are_refused() -> None:
    """All variables that Ansible has for a task of a play, in a group of an inventory file."""
    task, own = Task(), {"ansible_host": "192.0.2.1", "ansible_port": 22, "ansible_user": "x"}
    task._parent = Block(play=Play.load({"name": "x", "hosts": "all"}, loader=DataLoader()))
    honest = task_vars({"files1": own}, task=task)
    replaced = set()
    for name in honest:
        lied = task_vars({"files1": own}, {"files1": {name: "evil"}}, task=task)
        if lied.get(name) == "evil":
            replaced.add(name)
            with pytest.raises(FactsRefused, match=name):
                require_no_own_names("files1", {name: 1})
    assert replaced == HOST_NAMES
    for name in replaced:
        with pytest.raises(FactsRefused, match=f"passes for files1: must not name or place a host, and have {name}"):
            require_own_host({"inventory_hostname": "files1", "ansible_facts": {name: 1, "hostname": "x"}}, Task())
    require_own_host({"inventory_hostname": "files1", "ansible_facts": {"hostname": "x"}}, Task())


@pytest.mark.parametrize("name", ["exchange.yml", "awx/apply.yml"])
def test_a_task_of_our_playbooks_sees_no_facts(name: str) -> None:
    """The task that clears them can be skipped: tests/trust/test_names_of_plugins.py does so."""
    path = Path(__file__).parents[4] / "playbooks" / name
    seen = {"inventory_hostname": "files1", "ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3"}}
    require_own_host(seen, SimpleNamespace(get_path=lambda: f"{path}:48"))
    seen["ansible_facts"] = {"x": 1}
    with pytest.raises(FactsRefused, match="facts of files1: must be cleared before this task, and there are x"):
        require_own_host(seen, SimpleNamespace(get_path=lambda: f"{path}:48"))
    require_own_host(seen, SimpleNamespace(get_path=lambda: f"/srv{path}:48"))
    require_own_host(seen, Task())


def test_an_answer_must_hold_no_facts_at_all() -> None:
    require_no_facts("files1", set())
    with pytest.raises(FactsRefused, match="answer of files1: must hold no facts, and holds a, b"):
        require_no_facts("files1", {"b", "a"})
