# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that run on the controller alone: options are validated, and an error is a failed result."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action import (
    revocation_spread,
    role_options,
    rotation_legs,
    rotation_password,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.controller_action import ControllerAction


class Doubles(ControllerAction):
    documentation = "options: {number: {description: One of two., type: int, required: true}}"

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        if wanted["number"] < 0:
            raise InvalidRequest("number: must not be below 0", cure="Set number to 0 or more.")
        return {"changed": False, "twice": 2 * wanted["number"], "host": task_vars.get("inventory_hostname")}


def run(variables: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    loader = DataLoader()
    task = SimpleNamespace(args=arguments, async_val=0, check_mode=False, diff=False, action="doubles")
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    return Doubles(task, connection, SimpleNamespace(), loader, Templar(loader), None).run(task_vars=variables)


def test_options_are_converted_and_variables_passed_on() -> None:
    assert run({"inventory_hostname": "a"}, number="3") == {"changed": False, "twice": 6, "host": "a"}
    assert run(number=0)["host"] is None


def test_an_error_is_a_failed_result_with_code_and_cure() -> None:
    refused = run(number=-1)
    assert (refused["failed"], refused["error"]["code"]) == (True, "invalid_request")
    assert refused["error"]["cure"] == "Set number to 0 or more."


def test_wrong_options_are_refused() -> None:
    with pytest.raises(AnsibleError):
        run(number="many")


def test_the_documentation_of_a_module_is_its_specification() -> None:
    found = rotation_legs.ActionModule.arguments()
    server = found["jobs"]["options"]["servers"]["options"]
    assert (server["host"], server["port"]) == ({"type": "str", "required": True}, {"type": "int", "default": 22})
    assert found["key_type"]["choices"] == ["ed25519", "rsa"]
    assert revocation_spread.ActionModule.arguments()["limits"]["apply_defaults"] is True


@pytest.mark.parametrize(
    ("action", "secrets"),
    [(rotation_password, ["stored"]), (role_options, [])],
)
def test_only_secrets_are_hidden(action: ModuleType, secrets: list[str]) -> None:
    assert [name for name, option in action.ActionModule.arguments().items() if option["no_log"]] == secrets
