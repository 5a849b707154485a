# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module jail: documentation and meaning."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail as jail_params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import JailDirectory, Quota
from support.servers import ssh_keys

MODULES = Path(__file__).parents[6] / "plugins/modules"
KEY = ssh_keys.key("unit")


def documented(module: str) -> dict[str, dict[str, Any]]:
    """Return the options of a module's DOCUMENTATION."""
    for node in ast.walk(ast.parse((MODULES / f"{module}.py").read_text())):
        if isinstance(node, ast.Assign) and [getattr(name, "id", "") for name in node.targets] == ["DOCUMENTATION"]:
            return yaml.safe_load(ast.literal_eval(node.value))["options"]
    raise AssertionError(f"{module} has no DOCUMENTATION")


def test_documentation_and_specification_are_the_same() -> None:
    assert list(documented("jail")) == list(jail_params.spec()["argument_spec"])


def task(**jail: Any) -> dict[str, Any]:
    """Return the parameters of trees with one jail, as Ansible fills them in."""
    options = jail_params.spec()["argument_spec"]["jails"]["options"]
    given = {name: spec.get("default") for name, spec in options.items()}
    directories = [
        {"writable": None, "owner": "root", **each} for each in jail.pop("directories", given["directories"])
    ]
    paths = {"path": "/srv/jail/", "keys_path": "/etc/keys", "archive_path": "/var/archive", "refuse_unlisted": False}
    return {**paths, "jails": [{**given, "name": "a", **jail, "directories": directories}]}


def one(**jail: Any) -> Any:
    return jail_params.tree_request(task(**jail), check_mode=False).jails[0]


def test_what_is_not_given() -> None:
    request = jail_params.tree_request(task(), check_mode=True)
    assert (request.base, request.check_mode) == ("/srv/jail", True)
    assert request.jails[0].directories == (JailDirectory("data", True, "root"),)
    assert request.jails[0].quota == Quota()


def test_access_decides_what_is_writable() -> None:
    directories = [{"name": "x"}, {"name": "y", "writable": True}]
    assert [each.writable for each in one(access="download", directories=directories).directories] == [False, True]
    assert [each.writable for each in one(access="upload", directories=directories).directories] == [True, True]


def test_quota_and_keys() -> None:
    jail = one(quota="2G", quota_files=10, authorized_keys=[KEY.public])
    assert jail.quota == Quota(2 << 30, 10)
    assert jail.keys[0].key.fingerprint == KEY.fingerprint


@pytest.mark.parametrize("wrong", [{"quota": "much"}, {"quota": "0"}, {"quota_files": 0}, {"authorized_keys": ["x"]}])
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        one(**wrong)


def test_mounts() -> None:
    given = {"path": "/srv/jail", "mounts": ["a", "b"], "state": "absent"}
    request = jail_params.mount_request(given, check_mode=True)
    assert (request.base, request.jails, request.state, request.check_mode) == ("/srv/jail", ("a", "b"), "absent", True)
