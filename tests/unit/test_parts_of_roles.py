# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that is a part of a role begins with that fact, also in the list of `ansible-doc`, and links to the role.
Every other module is in a guide."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "plugins/modules").glob("[!_]*.py"))
GUIDES = "\n".join(path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")))
ROLE = r"P\(([a-z._]+)#role\)"


def documentation(path: Path) -> dict[str, Any]:
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(path)


def first_item(path: Path) -> str:
    return documentation(path)["description"][0]


PARTS = [path for path in MODULES if first_item(path).startswith("A part of ")]


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_a_part_links_to_its_roles_which_use_it(path: Path) -> None:
    named = re.findall(ROLE, first_item(path).partition(". ")[0] + ".")
    labels = [f"ansible_collections.{role}_role" for role in named]
    assert [each["ref"] for each in documentation(path).get("seealso", []) if "ref" in each] == labels
    for role in named:
        tasks = (ROOT / "roles" / role.rpartition(".")[2]).rglob("*.yml")
        assert any(f"ftp_synchronize.{path.stem}:" in each.read_text() for each in tasks), role


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_list_of_modules_shows_which_are_tools_for_users(path: Path) -> None:
    words = documentation(path)["short_description"]
    found = re.match(r"Part of (the (role|module)s? |all roles,)", words)
    assert bool(found) == (path in PARTS)
    names = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", words.partition(",")[0]) if found else []
    assert [name for name in names if name not in first_item(path)] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path not in PARTS], ids=lambda path: path.stem)
def test_every_other_module_is_in_a_guide(path: Path) -> None:
    assert f"`{path.stem}`" in GUIDES or f"ftp_synchronize.{path.stem}:" in GUIDES
