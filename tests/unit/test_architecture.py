# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/architecture.md leads to the main file of each room, whose head describes the algorithm of the room."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ENGINE = DOCS.parent / "plugins/module_utils/_engine"
LINKS = dict(re.findall(r"^\| \[`([\w/]+)/`\]\((\S+)\) \|", (DOCS / "architecture.md").read_text(), re.M))


def test_the_main_rooms_are_linked() -> None:
    assert len(LINKS) > 15
    assert all((DOCS / file).resolve().parent == ENGINE / room for room, file in LINKS.items())


@pytest.mark.parametrize("room", LINKS)
def test_the_files_that_a_head_names_exist(room: str) -> None:
    """A word in backticks is a file of the room, or a name in the main file."""
    file = (DOCS / LINKS[room]).resolve()
    text = file.read_text()
    head = ast.get_docstring(ast.parse(text)) or ""
    for word in re.findall(r"`([a-z_]+)`", head):
        assert (file.parent / f"{word}.py").exists() or re.search(rf"\b{word}\b", text.replace(head, "")), word


EXAMPLES = {"NAME.py", "a.py", "b.py", "bagit.py"}
"""Names in docstrings that are placeholders, or programs of others."""


def test_the_files_that_docstrings_name_exist() -> None:
    root = DOCS.parent
    known = {
        path.name for part in ("plugins", "tests", "extensions") for path in (root / part).rglob("*.py")
    } | EXAMPLES
    for path in (root / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                named = re.findall(r"[\w/]*\b(\w+\.py)\b", ast.get_docstring(node) or "")
                assert [name for name in named if name not in known] == [], path
