# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import accounts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed


def entry(name: str, uid: int, shell: str = "/usr/sbin/nologin") -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", uid, uid, "", f"/home/{name}", shell))


def test_people_root_and_named_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    local = [entry("root", 0), entry("toor", 0), entry("daemon", 1), entry("owner", 1000), entry("nobody", 65534)]
    local += [entry("sync", 4, "/bin/sync"), entry("database", 110, "/bin/bash"), entry("old", 111, "")]
    monkeypatch.setattr(pwd, "getpwall", lambda: local)
    found = accounts.logins(["owner", "daemon", "gone-from-here"])
    names = ["root", "toor", "owner", "database", "old", "daemon", "gone-from-here"]
    assert [name for name, _entry in found] == names
    assert dict(found)["gone-from-here"] is None


@pytest.mark.parametrize(("status", "words"), [(1, "Unknown database: shadow"), (3, "Enumeration not supported")])
def test_a_password_that_nothing_reports_is_not_left_out(
    monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    monkeypatch.setattr(accounts, "ask_program", lambda *_words: Completed(status, "", words))
    with pytest.raises(Unobservable, match=f"getent shadow owner: status {status}: {words}"):
        accounts.passwords([("owner", entry("owner", 1000))])
    monkeypatch.setattr(accounts, "ask_program", lambda *_words: Completed(2, "", ""))
    assert accounts.passwords([("owner", entry("owner", 1000))]) == []
