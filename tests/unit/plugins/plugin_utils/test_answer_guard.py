# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an answer that Ansible obeys, or that replace the item of a loop, are refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.answer_guard import (
    DEEPEST,
    AnswerRefused,
    require_plain_answer,
    require_shallow_answer,
)

MODULES = sorted((Path(__file__).parents[4] / "plugins/modules").glob("*.py"))


KEYS = ["item", "unreachable", "skipped", "results", "add_host", "leg", "number", "ansible_loop"]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_with_a_meaning_is_refused(key: str) -> None:
    with pytest.raises(AnswerRefused, match=f"answer of server: must not hold {key}$"):
        require_plain_answer("server", {"changed", "msg", key}, {"leg", "number"})


def test_other_keys_pass() -> None:
    usual = {"changed", "failed", "msg", "diff", "invocation", "leg", "_ansible_parsed", "ansible_parsed"}
    require_plain_answer("server", usual)


def test_odd_names_are_escaped_and_cut() -> None:
    with pytest.raises(AnswerRefused) as refused:
        require_plain_answer("ser\nver", ["ansible_\x1b[2J" + "x" * 200])
    assert refused.value.message.startswith("answer of ser\\x0aver: must not hold ansible_\\x1b[2J")
    assert len(refused.value.message) < 150


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_returns_such_a_key(module: Path) -> None:
    require_plain_answer("documentation", returned(module))


def returned(module: Path) -> dict[str, dict]:
    """Return the RETURN of a module as a mapping."""
    for node in ast.parse(module.read_bytes()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RETURN":
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{module} has no RETURN")


def test_levels_of_an_answer() -> None:
    within: dict[str, object] = {"a": "text", "list": [1, {"b": []}]}
    deep: dict[str, object] = {}
    for _level in range(DEEPEST):
        deep = {"below": deep}
    require_shallow_answer("server", within)
    require_shallow_answer("server", deep["below"])
    for answer in (deep, {"list": [deep["below"]]}):
        with pytest.raises(AnswerRefused, match=f"answer of server: has more than {DEEPEST} levels"):
            require_shallow_answer("server", answer)
