# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play sets the connection once, by the action group `endpoint`, which has every module that takes these options. No
module runs without an action that guards the controller."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.answer_action import AnswerAction
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.controller_action import ControllerAction
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.endpoint_action import EndpointAction
from support.running.actions import COLLECTION, ROUTES, action_of

ROOT = Path(__file__).parents[2]
GROUP = "secure.ftp_synchronize.endpoint"
MEMBER = "secure.ftp_synchronize.attributes.endpoint_group"


def documentation_of(module: Path) -> dict:
    """Return the DOCUMENTATION of a module as a mapping."""
    for node in ast.parse(module.read_bytes()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{module} has no DOCUMENTATION")


def fragments_of(module: Path) -> list[str]:
    """Return the names of the documentation fragments that a module extends."""
    return documentation_of(module).get("extends_documentation_fragment", [])


def users_of(fragment: str, modules: Path) -> set[str]:
    """Return the names of the modules that extend a documentation fragment."""
    return {path.stem for path in modules.glob("*.py") if fragment in fragments_of(path)}


def test_the_group_is_the_modules_with_the_endpoint_options() -> None:
    group = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["endpoint"]
    assert group == sorted(users_of(GROUP, ROOT / "plugins/modules")), "in alphabetical order, each once"


def test_the_pattern_of_antsibull_nox_matches_the_members() -> None:
    sessions = tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]
    (check,) = sessions["extra_checks"]["action_groups_config"]
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
    assert {name for name in modules if re.match(check["pattern"], name)} == users_of(GROUP, ROOT / "plugins/modules")
    assert (check["name"], check["doc_fragment"]) == ("endpoint", MEMBER)


def test_each_member_says_so_in_its_documentation() -> None:
    modules = ROOT / "plugins/modules"
    assert users_of(MEMBER, modules) == users_of(GROUP, modules)


def test_a_user_of_the_fragment_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"DOCUMENTATION = r'''\nextends_documentation_fragment: [{GROUP}]\n'''\n")
    (tmp_path / "b.py").write_text("DOCUMENTATION = r'''\nshort_description: none\n'''\n")
    assert users_of(GROUP, tmp_path) == {"a"}


def modules() -> list[str]:
    return sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))


def test_every_module_has_one_action() -> None:
    """Without an action, a module would run as any other module: nothing would examine the answer of its host."""
    actions = {path.stem for path in (ROOT / "plugins/action").glob("*.py")}
    assert list(ROUTES) == sorted(ROUTES), "in alphabetical order"
    assert actions.isdisjoint(ROUTES)
    assert sorted(actions | ROUTES.keys()) == modules()
    assert set(ROUTES.values()) <= {f"{COLLECTION}.{name}" for name in actions}


@pytest.mark.parametrize("module", modules())
def test_every_action_is_a_guard(module: str) -> None:
    assert issubclass(action_of(module), (AnswerAction, ControllerAction))


def test_the_modules_of_the_group_take_the_endpoint_of_the_inventory() -> None:
    taking = {name for name in modules() if issubclass(action_of(name), EndpointAction)}
    assert taking == users_of(GROUP, ROOT / "plugins/modules")


def test_a_drill_shows_its_progress_as_a_sync_does() -> None:
    assert action_of("restore_drill") is action_of("secure_sync")
