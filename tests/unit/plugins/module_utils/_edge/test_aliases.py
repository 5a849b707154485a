# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option and its alias: the same value twice is no harm, different values are refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.aliases import check_aliases
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest

SPEC = {
    "path": {"type": "path", "aliases": ["file", "known_hosts_file"]},
    "limits": {"type": "list", "elements": "dict", "options": {"rate": {"type": "int", "aliases": ["speed"]}}},
    "secret": {"type": "str", "no_log": True, "aliases": ["hidden"]},
}


def check(given: dict[str, Any]) -> None:
    with patch_module_args({}):
        module = AnsibleModule(SPEC)  # with `given` it would leave warnings behind in this process
    with patch_module_args(given):
        check_aliases(module)


@pytest.mark.parametrize(
    "given",
    [{}, {"path": "/a"}, {"file": "/a"}, {"path": "/a", "file": "/a"}, {"limits": [{"rate": 1}, {"speed": 2}]}],
)
def test_one_value_under_any_name_is_taken(given: dict[str, Any]) -> None:
    check(given)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"path": "/a", "known_hosts_file": "/b"}, ("path", "known_hosts_file")),
        ({"file": "/a", "known_hosts_file": "/b"}, ("file", "known_hosts_file")),
        ({"path": "/a", "file": None}, ("path", "file")),
        ({"limits": [{}, {"rate": 1, "speed": 2}]}, ("rate", "speed")),
    ],
)
def test_two_values_are_refused(given: dict[str, Any], names: tuple[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=f"^{names[0]}: {names[1]} is") as caught:
        check(given)
    assert "module_defaults" in caught.value.cure


def test_no_value_is_shown() -> None:
    with pytest.raises(InvalidRequest) as caught:
        check({"secret": "canary", "hidden": "other canary"})
    assert "canary" not in caught.value.message
