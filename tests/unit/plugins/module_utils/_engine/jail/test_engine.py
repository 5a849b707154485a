# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals before any check or change of the host."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AccountMissing,
    AccountsUnlisted,
    AccountTaken,
    InvalidRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import engine
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.engine import keep_jails
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import Jail, JailRequest

GOOD = JailRequest("/srv/no-such-jails", "/srv/no-such-keys", "/srv/no-such-archive", (), check_mode=True)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"base": "/"}, "too close to the root"),
        ({"base": "/srv"}, "too close to the root"),
        ({"keys_directory": "/srv/no-such-jails/keys"}, "is among the jails"),
        ({"archive_directory": "/srv/no-such-jails"}, "is among the jails"),
        ({"jails": (Jail(".."),)}, "is not valid for a jailed account"),
    ],
)
def test_requests_that_cannot_be(changed: dict, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        keep_jails(GOOD._replace(**changed))


def test_accounts_that_the_list_leaves_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "jailed_below", lambda base: ["left", "listed", "out"] if base == GOOD.base else [])
    request = GOOD._replace(jails=(Jail("listed", "absent"),))
    assert keep_jails(request).unlisted == ("left", "out")
    with pytest.raises(AccountsUnlisted, match="accounts of jails are not in the list: left, out"):
        keep_jails(request._replace(refuse_unlisted=True))


def test_accounts_of_others() -> None:
    with pytest.raises(AccountTaken):
        keep_jails(GOOD._replace(jails=(Jail("daemon"),)))


def test_a_jail_needs_its_account_but_in_check_mode() -> None:
    request = GOOD._replace(jails=(Jail("no-such-account"),))
    changes = [change.path for change in keep_jails(request).changes]
    assert "/srv/no-such-jails/no-such-account/dev/log" in changes
    assert "/srv/no-such-keys/no-such-account" in changes
    with pytest.raises(AccountMissing):
        keep_jails(request._replace(check_mode=False))
