# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option and its alias: the same value twice is no harm, different values are refused. A name of no option is
refused with the option that was probably meant."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.argspec import (
    check_aliases,
    nearest,
    require_known_names,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest

SPEC = {
    "path": {"type": "path", "aliases": ["file", "known_hosts_file"]},
    "limits": {"type": "list", "elements": "dict", "options": {"rate": {"type": "int", "aliases": ["speed"]}}},
    "secret": {"type": "str", "no_log": True, "aliases": ["hidden"]},
}


def check(given: dict[str, Any]) -> None:
    check_aliases(SPEC, given)


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


OPTIONS = secure_sync.spec()["argument_spec"]


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("max_deletes", 5, ("max_delete", False)),
        ("usr", "acme", ("username", False)),
        ("mode", "pull", ("direction", True)),
        ("mode", "0644", ("tls_mode", False)),
        ("comparison", "checksum", ("compare", False)),
        ("check_by", "size_mtime", ("compare", True)),
        ("recipients", ["age1"], ("encrypt.recipients", False)),
        ("colour", "auto", ("", False)),
        ("colour", {"a": 1}, ("", False)),
    ],
)
def test_the_option_that_was_meant(name: str, value: Any, meant: tuple[str, bool]) -> None:
    """By a near name, by a suboption of this name, or by a value that a single option has."""
    assert nearest(name, value, OPTIONS) == meant


def test_all_names_of_no_option_are_shown_and_none_of_the_others() -> None:
    given = {"src": "a", "user": "b", "mode": "pull", "sign": {"valid_fo": "1d"}, "_ansible_no_log": False, "x\x1b": 1}
    with pytest.raises(InvalidRequest) as caught:
        require_known_names("secure_sync", OPTIONS, given)
    assert caught.value.message == (
        "mode: secure_sync has no option of this name; pull is a value of direction; "
        "sign.valid_fo: secure_sync has no option of this name; did you mean valid_for?; "
        r"x\x1b: secure_sync has no option of this name"
    )
    assert caught.value.cure.endswith("ansible-doc secure.ftp_synchronize.secure_sync lists the options.")


def test_known_names_pass() -> None:
    require_known_names("secure_sync", OPTIONS, {"src": "a", "user": "b", "sign": {"keep": 2}, "_ansible_x": 1})
