# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of Ansible's own managers, without facts: of the host of a task, and of others through `hostvars`."""

from __future__ import annotations

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.own_variables import own_variables, without_facts
from support.running.variables import task_vars

GREETING = trust_as_template("{{ words | default('ours') }} {{ ansible_facts | length }}")
FACTS = {"words": "evil", "greeting": "evil", "ansible_words": "evil"}


def test_a_fact_replaces_no_variable_and_is_none() -> None:
    given = task_vars({"files1": {"greeting": GREETING}}, {"files1": FACTS})
    assert (given["greeting"], given["words"]) == ("evil", "evil")
    own = own_variables(Task(), given)
    assert own["greeting"] == GREETING
    assert {"words", "ansible_words"}.isdisjoint(own)
    assert Templar(DataLoader(), variables=own).template(own["greeting"]) == "ours 0"


def test_variables_of_other_hosts_have_no_facts_either() -> None:
    given = task_vars({"files1": {}, "files2": {"greeting": GREETING}}, {"files2": FACTS})
    shown = trust_as_template("{{ hostvars.files2.greeting }}")
    assert Templar(DataLoader(), variables=given).template(shown) == "evil"
    assert Templar(DataLoader(), variables=own_variables(Task(), given)).template(shown) == "ours 0"
    assert without_facts(given["hostvars"])["files2"]["greeting"] == "ours 0"


def test_variables_of_the_task_are_among_them() -> None:
    task = Task()
    task.vars = {"of_the_task": 1}
    own = own_variables(
        task, task_vars({"files1": {"x": 2}}, {"files1": {"ansible_search_path": ["/evil"]}}, task=task)
    )
    assert own["of_the_task"] == 1
    assert own["ansible_search_path"] == task.get_search_path()


def test_the_facts_themselves_stay_in_their_place() -> None:
    given = task_vars({"files1": {}}, {"files1": FACTS})
    own_variables(Task(), given)
    assert given["hostvars"]["files1"]["words"] == "evil"
