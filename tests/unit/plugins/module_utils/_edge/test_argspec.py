# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specifications agree with their documentation."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import argspec
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.argspec import check_aliases
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.running.task_params import task_errors

PLUGINS = Path(__file__).parents[5] / "plugins"
GROUPS = {
    "doc_fragments/endpoint.py": argspec.endpoint,
    "doc_fragments/trust.py": argspec.trust,
    "doc_fragments/tls.py": argspec.tls,
    "modules/secure_sync.py": lambda: {**params.spec(), **argspec.content_check()},
}
SECRETS = {"password", "private_key", "passphrase", "client_key_passphrase"}


def documented(file: str) -> dict[str, dict[str, Any]]:
    """Return the options of the DOCUMENTATION of a plugin, without importing it."""
    for node in ast.walk(ast.parse((PLUGINS / file).read_text())):
        if isinstance(node, ast.Assign) and [getattr(name, "id", "") for name in node.targets] == ["DOCUMENTATION"]:
            return yaml.safe_load(ast.literal_eval(node.value))["options"]
    raise AssertionError(f"{file} has no DOCUMENTATION")


@pytest.mark.parametrize("file", GROUPS)
def test_documentation_and_specification_agree(file: str) -> None:
    spec = {name: dict(option) for name, option in GROUPS[file]().items()}
    for option in spec.values():
        option.pop("no_log", None)
        option.pop("required_one_of", None)
    docs = documented(file)
    for name, option in docs.items():
        assert described(name, option) == spec.pop(name), name
    assert not spec


def described(name: str, option: dict[str, Any]) -> dict[str, Any]:
    """Return a documented option as a specification has it."""
    option = dict(option)
    assert option.pop("description"), name
    option.pop("version_added", None)
    if "suboptions" in option:
        option["options"] = {one: described(one, of) for one, of in option.pop("suboptions").items()}
    return option


def test_groups_do_not_share_a_name() -> None:
    names = [name for group in GROUPS.values() for name in group()]
    assert len(names) == len(set(names))


def test_what_is_secret_is_not_logged_and_nothing_else_is_hidden() -> None:
    hidden = {name for group in GROUPS.values() for name, option in group().items() if option.get("no_log")}
    assert hidden == SECRETS


def test_two_keys_are_refused() -> None:
    errors = task_errors(private_key="-----BEGIN", private_key_file="/key")
    assert errors == ["parameters are mutually exclusive: private_key|private_key_file"]


@pytest.mark.parametrize(
    "options",
    [
        {"protocol": "ftp"},
        {"tls_mode": "none"},
        {"tls_min_version": "1.1"},
        {"direction": "both"},
        {"compare": "never"},
        {"proof": "md5"},
        {"links": "follow"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_choices_are_closed(options: dict[str, str]) -> None:
    (error,) = task_errors(**options)
    assert next(iter(options)) in error


def test_the_guide_lists_the_names_from_other_modules() -> None:
    guide = (
        (PLUGINS.parent / "docs/connections.md").read_text().partition("## Familiar names")[2].partition("\n\n##")[0]
    )
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ", guide, re.M)
    options = {name: option for group in GROUPS.values() for name, option in group().items()}
    assert dict(rows) == {alias: name for name, option in options.items() for alias in option.get("aliases", ())}
    assert not {alias for alias, _name in rows} & set(options)


@pytest.mark.parametrize(
    ("alias", "name"), [("timeout", "connect_timeout"), ("ca_path", "ca_file"), ("user", "username")]
)
def test_an_alias_with_another_value_is_refused(alias: str, name: str) -> None:
    given = {"host": "x", "src": "/", "dest": "x", alias: "7", name: "8"}
    with pytest.raises(InvalidRequest, match=f"{name}: {alias} is an alias of it"):
        check_aliases({**argspec.endpoint(), **argspec.tls()}, given)
