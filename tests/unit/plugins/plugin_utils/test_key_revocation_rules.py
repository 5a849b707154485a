# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between options, and values that follow from them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_rules import (
    key_revocation_texts,
    require_key_revocation,
)
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.role_spec import option_values, role_spec
from support.running.examples import ROOT

SIGN = {"private_key_file": "key", "principal": "incident@example.com", "allowed_signers": ["line"]}


def options_of(entry: str, given: dict[str, Any]) -> dict[str, Any]:
    spec = role_spec("key_revocation", entry, lambda path: yaml.safe_load((ROOT / path).read_text()))
    return option_values(spec, {f"key_revocation_{name}": value for name, value in given.items()})


def checked(entry: str = "main", **given: Any) -> None:
    require_key_revocation(options_of(entry, {"sign": SIGN, **given} if entry == "main" else given), str)


@pytest.mark.parametrize("group", ["partners", "Sftp-only_1.x"])
def test_groups_that_can_be_closed(group: str) -> None:
    checked(check={"on_stale": "close_accounts", "closed_group": group})


@pytest.mark.parametrize(
    "group",
    ["", None, "sudo", "root", "wheel", "admin", "*", "part*", "!x", "a,b", "a b", "a\nDenyUsers", "a\n"],
)
def test_groups_that_cannot_be_closed(group: str | None) -> None:
    with pytest.raises(InvalidRequest, match=r"^key_revocation_check\.closed_group: "):
        checked(check={"on_stale": "close_accounts", "closed_group": group})
    checked(check={"closed_group": group})


@pytest.mark.parametrize("limits", [{}, {"refused": "5s"}, {"all_hosts": "2h"}])
def test_limits(limits: dict[str, str]) -> None:
    checked(limits=limits)


@pytest.mark.parametrize("time", ["soon", "0s", "60", "1.5m", "-1s", "", "9999999s", "5s\n"])
@pytest.mark.parametrize("entry", ["main", "drill"])
def test_limits_that_are_no_times(time: str, entry: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^key_revocation_limits: "):
        checked(entry, limits={"refused": time}, **({"drill": {"account": "canary"}} if entry == "drill" else {}))


def test_a_run_needs_the_key_that_signs_and_its_signer() -> None:
    checked(mode="propose", sign=None)
    with pytest.raises(InvalidRequest, match=r"^key_revocation_sign: must be set for the mode run"):
        checked(sign=None)
    with pytest.raises(InvalidRequest, match=r"^key_revocation_sign\.principal, key_revocation_sign\.allowed"):
        checked(sign={"private_key_file": "key", "allowed_signers": []})


def test_root_is_never_drilled() -> None:
    checked("drill", drill={"account": "canary"})
    with pytest.raises(InvalidRequest, match=r"^key_revocation_drill\.account: is root"):
        checked("drill", drill={"account": "root"})


@pytest.mark.parametrize(("age", "seconds"), [("24h", 86400), ("90s", 90), ("2w", 1209600)])
def test_the_greatest_age_in_seconds(age: str, seconds: int) -> None:
    assert key_revocation_texts(options_of("main", {"check": {"max_age": age}}))["max_age"] == seconds


def test_an_entry_point_without_the_check_has_no_values() -> None:
    assert key_revocation_texts(options_of("drill", {"drill": {"account": "canary"}})) == {}


def test_an_age_that_is_none() -> None:
    with pytest.raises(InvalidRequest, match=r"^key_revocation_check\.max_age: 'soon'"):
        key_revocation_texts(options_of("main", {"check": {"max_age": "soon"}}))
