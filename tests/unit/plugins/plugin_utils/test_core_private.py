# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of Ansible's own managers, without facts: of the host of a task, and of others through `hostvars`. No
other file of the collection knows private names of ansible-core; the values that it has from there are tested on every
supported version in tests/integration/test_ansible_cores.py."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar, trust_as_template
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.core_private import own_variables, without_facts
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


DOCUMENTED = {
    *("_connection", "_display", "_execute_module", "_find_needle", "_fixup_perms2", "_loader", "_make_tmp_path"),
    *("_play_context", "_shared_loader_obj", "_shell", "_task", "_templar", "_transfer_file"),
}
"""What the developer guide and the action plugins of other collections use of an action."""
INTERNAL = re.compile(r"ansible\.(_internal|executor|inventory|parsing|playbook|template|vars)\b")
OWNER = "core_private.py"
PLUGINS = Path(__file__).parents[4] / "plugins"


def private_names(source: str, own: set[str]) -> list[str]:
    """Return the private names that a file uses and that neither the collection defines nor the guide has."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            found += [node.attr] if re.match("_[a-z]", node.attr) and node.attr not in own | DOCUMENTED else []
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [getattr(node, "module", None) or "", *(each.name for each in node.names)]
            found += [name for name in names if INTERNAL.match(name)]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("getattr", "setattr", "hasattr"):
            name = ast.literal_eval(node.args[1]) if isinstance(node.args[1], ast.Constant) else "_of_a_variable"
            found += [name] if name.startswith("_") else []
    return found


def own_names(sources: list[str]) -> set[str]:
    """Return the private names that these files define, and those of every NamedTuple."""
    names = {"_asdict", "_fields", "_replace"}
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            names.add(node.attr)
    return names


def test_no_other_file_uses_private_names_of_ansible_core() -> None:
    files = [path for part in ("action", "plugin_utils") for path in (PLUGINS / part).glob("*.py")]
    own = own_names([path.read_text() for path in files if path.name != OWNER])
    found = {path.name: private_names(path.read_text(), own) for path in files}
    assert {name for name, names in found.items() if names} == {OWNER}
    assert {"_variable_manager", "_no_log_values", "ansible.vars.hostvars"} <= set(found[OWNER])


@pytest.mark.parametrize(
    "line",
    [
        "hostvars._variable_manager",
        "from ansible.vars.hostvars import HostVars",
        "import ansible._internal._templating",
        "getattr(action, '_discovered_interpreter_key', None)",
        "getattr(action, name)",
    ],
)
def test_a_private_name_is_found(line: str) -> None:
    assert private_names(line, set()) != []
    assert private_names("self._task.args; self._own; item._replace(a=1)", {"_own", "_replace"}) == []
