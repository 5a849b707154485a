# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import grp
import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.main import (
    has_groups,
    members,
    missing_groups,
    require_groups,
)


def test_a_group_has_its_members_and_the_accounts_whose_primary_group_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grp, "getgrnam", {"people": grp.struct_group(("people", "x", 7, ["alice"]))}.__getitem__)
    accounts = [pwd.struct_passwd((name, "x", 1, gid, "", "/", "/bin/sh")) for name, gid in (("bob", 7), ("eve", 8))]
    monkeypatch.setattr(pwd, "getpwall", lambda: accounts)
    assert members(["%people", "carol", "%missing"]) == {"alice", "bob", "carol"}
    assert members(()) == frozenset()


def test_excluded_names_and_groups_are_left_out_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = {name: grp.struct_group((name, "x", 7, list(who))) for name, who in (("all", "abcd"), ("some", "cd"))}
    monkeypatch.setattr(grp, "getgrnam", groups.__getitem__)
    monkeypatch.setattr(pwd, "getpwall", list)
    assert members(["!a", "%all", "e", "!%some"]) == {"b", "e"}


def test_the_groups_of_this_host_are_read() -> None:
    assert "root" in members(["%root"])


def test_missing_groups_are_named_without_their_signs() -> None:
    names = ["%missing", "!%gone", "%root", "alice", "!bob"]
    assert missing_groups(names) == ["missing", "gone"]
    assert has_groups(names)
    assert has_groups(["!%root"])
    assert not has_groups(["alice", "!bob"])


def test_a_missing_group_is_refused_with_its_name() -> None:
    require_groups("mfa_accounts", ["missing", "%root", "!missing", "!%root"])
    for name in ("%missing", "!%missing"):
        with pytest.raises(InvalidRequest, match="mfa_accounts: the group missing does not exist"):
            require_groups("mfa_accounts", ["%root", name])
