# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of ssh become options, or are refused by name and without their values."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest, NotSupported
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.inventory_endpoint import (
    ARGUMENTS,
    REUSE,
    options_of,
)

COMMON = "ansible_ssh_common_args"


@pytest.mark.parametrize("variable", ARGUMENTS)
@pytest.mark.parametrize(
    ("text", "options"),
    [
        (None, {}),
        ("", {}),
        ("-J gate", {"proxy_jump": ["gate"]}),
        ("-Ja@gate:22,[::1]:22", {"proxy_jump": ["a@gate:22", "[::1]:22"]}),
        ("-o ProxyJump=gate", {"proxy_jump": ["gate"]}),
        ("-oproxyjump=gate", {"proxy_jump": ["gate"]}),
        ("-o 'ProxyJump gate'", {"proxy_jump": ["gate"]}),
        ("-o 'ProxyJump = gate' -J other", {"proxy_jump": ["gate"]}),
        ("-F /a/config", {"ssh_config_file": "/a/config"}),
        ("-F'/a b' -J gate", {"ssh_config_file": "/a b", "proxy_jump": ["gate"]}),
        ("-F none", {"ssh_config_file": "none"}),
    ],
)
def test_jump_hosts_and_configuration(variable: str, text: Any, options: dict[str, Any]) -> None:
    assert options_of(variable, text) == options


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("-o ProxyCommand='sshpass -p canary ssh -W %h:%p gate'", "-o ProxyCommand"),
        ("-oStrictHostKeyChecking=no", "-o StrictHostKeyChecking"),
        ("-J gate -p 2222", "-p"),
        ("-pcanary", "-p"),
        ("-C", "-C"),
        ("-c none", "-c"),
        ("-J none", "-J"),
        ("-o ProxyJump=none", "-J"),
        ("-o ProxyJump", "-o ProxyJump"),
        ("gate", "'gate'"),
        ("-l root", "-l"),
        ("--", "--"),
    ],
)
def test_anything_else_is_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(NotSupported) as refused:
        options_of(COMMON, text)
    assert refused.value.message == f"{COMMON}: {word} cannot be taken from the inventory"
    assert "canary" not in refused.value.message
    assert "-F FILE" in refused.value.cure


def test_sharing_a_connection_has_no_effect_on_the_endpoint() -> None:
    text = "-C -o ControlMaster=auto -o controlpersist=60s -o 'ControlPath /tmp/%C' -J gate"
    assert options_of(REUSE, text) == {"proxy_jump": ["gate"]}
    for variable, other in ((COMMON, "-o ControlMaster=auto"), (REUSE, "-c aes128-ctr"), (REUSE, "-o Port=22")):
        with pytest.raises(NotSupported):
            options_of(variable, other)


@pytest.mark.parametrize("text", ["-J", "-F ''", "-o", "-J 'gate", "-J ' '"])
def test_torn_arguments_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=COMMON):
        options_of(COMMON, text)
