# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that excludes every administrator who can log in at present."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import administrators
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.administrators import all_excluded
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import CONFIG, Client

MEMBERS = {"sudo": ["admin", "root"], "wheel": []}


class _Group:
    def __init__(self, name: str) -> None:
        self.gr_mem, self.gr_gid = MEMBERS[name], {"sudo": 2_000_000_001, "wheel": 2_000_000_002}[name]


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        ({}, {}, ""),
        ({}, {"root": "PermitRootLogin no"}, ""),
        (
            {},
            {"root": "PermitRootLogin no", "admin": "DenyUsers admin"},
            "root: PermitRootLogin no; admin: DenyUsers admin",
        ),
        ({"root": "PermitRootLogin no"}, {"root": "PermitRootLogin no", "admin": "x"}, "admin: x"),
        ({"root": "no", "admin": "no"}, {"root": "no", "admin": "no"}, ""),
    ],
)
def test_reasons(monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: dict[str, str], reasons: str) -> None:
    def refused(client: Client, config: str) -> str:
        return (before if config == CONFIG else after).get(client.user, "")

    monkeypatch.setattr(administrators, "owner_refused", refused)
    monkeypatch.setattr(administrators.grp, "getgrnam", _Group)
    assert all_excluded("/new") == reasons


def test_a_primary_group_makes_an_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [SimpleNamespace(pw_name="bob", pw_gid=2_000_000_002), SimpleNamespace(pw_name="eve", pw_gid=5)]
    monkeypatch.setattr(administrators.grp, "getgrnam", _Group)
    monkeypatch.setattr(administrators.pwd, "getpwall", lambda: accounts)
    assert administrators.administrators() == ["root", "admin", "bob"]
