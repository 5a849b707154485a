# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options a task gets from the variables of its inventory host; its own options win."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.inventory_endpoint import (
    NAMES,
    applies,
    endpoint,
    shown,
    words_about,
)

VALUES = {
    "ansible_host": "192.0.2.4",
    "ansible_port": 2222,
    "ansible_user": "partner",
    "ansible_private_key_file": "/key",
    "ansible_ssh_common_args": "-J gate -F /config",
    "ansible_password": "canary",
}


def taken(args: dict[str, Any], values: dict[str, Any] = VALUES) -> dict[str, tuple[Any, str]]:
    return {name: tuple(each) for name, each in endpoint(args, host="partner04", values=values).items()}


@pytest.mark.parametrize(
    ("args", "host", "transport", "expected"),
    [
        ({}, "partner04", "local", True),
        ({"host": None}, "partner04", "local", True),
        ({"host": ""}, "partner04", "local", False),
        ({"host": "x"}, "partner04", "local", False),
        ({}, "partner04", "ssh", False),
        ({}, "localhost", "local", False),
        ({}, "127.0.0.1", "local", False),
        ({}, "::1", "local", False),
    ],
)
def test_only_a_task_without_host_on_this_machine(
    args: dict[str, Any], host: str, transport: str, expected: bool
) -> None:
    assert applies(args, host=host, transport=transport) == expected


def test_every_option_and_no_password() -> None:
    assert taken({}) == {
        "host": ("192.0.2.4", "ansible_host"),
        "port": (2222, "ansible_port"),
        "username": ("partner", "ansible_user"),
        "private_key_file": ("/key", "ansible_private_key_file"),
        "proxy_jump": (["gate"], "ansible_ssh_common_args"),
        "ssh_config_file": ("/config", "ansible_ssh_common_args"),
    }
    assert not [name for name in NAMES if "pass" in name]


def test_the_name_of_the_host_is_the_last_resort() -> None:
    assert taken({}, {}) == taken({}, {"ansible_host": None}) == {"host": ("partner04", "inventory_hostname")}


def test_variables_of_ssh_win_as_in_ansible() -> None:
    values = {**VALUES, "ansible_ssh_host": "a", "ansible_ssh_port": 1, "ansible_ssh_private_key_file": "/b"}
    found = taken({}, values)
    assert [found[name][0] for name in ("host", "port", "private_key_file")] == ["a", 1, "/b"]


@pytest.mark.parametrize("option", ["port", "username", "private_key_file", "proxy_jump", "ssh_config_file"])
def test_an_option_of_the_task_wins(option: str) -> None:
    assert set(taken({})) - set(taken({option: "x"})) == {option}
    assert taken({option: None}) == taken({})


@pytest.mark.parametrize(
    ("name", "option"), [("dest_port", "port"), ("user", "username"), ("private_key", "private_key_file")]
)
def test_also_under_another_name(name: str, option: str) -> None:
    assert set(taken({})) - set(taken({name: "x"})) == {option}


def test_also_as_the_source_of_a_secret() -> None:
    assert "private_key_file" not in taken({"secrets_from": {"private_key": {"file": "/other"}}})
    assert "private_key_file" in taken({"secrets_from": {"password": {"file": "/other"}}})
    assert "private_key_file" in taken({"secrets_from": "wrong"})


def test_over_ftps_the_host_alone() -> None:
    values = {**VALUES, "ansible_ssh_common_args": "-W x"}
    assert taken({"protocol": "ftps"}, values) == {"host": ("192.0.2.4", "ansible_host")}


def test_two_variables_with_different_arguments_are_refused() -> None:
    values = {"ansible_ssh_common_args": "-J a", "ansible_ssh_extra_args": "-J a"}
    assert taken({}, values)["proxy_jump"] == (["a"], "ansible_ssh_extra_args")
    with pytest.raises(
        InvalidRequest, match="ansible_ssh_extra_args: proxy_jump has another value in ansible_ssh_comm"
    ):
        taken({}, {**values, "ansible_ssh_extra_args": "-J b"})


def test_the_words_name_values_and_variables() -> None:
    found = endpoint(
        {}, host="p", values={"ansible_port": 22, "ansible_ssh_common_args": "-J a,b", "ansible_user": "\x1b"}
    )
    assert words_about(found) == (
        "host p (inventory_hostname), port 22 (ansible_port), username \\x1b (ansible_user), "
        "proxy_jump a,b (ansible_ssh_common_args)"
    )
    assert shown(found)["port"] == {"value": 22, "variable": "ansible_port"}
