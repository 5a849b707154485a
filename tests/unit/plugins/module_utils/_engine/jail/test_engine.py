# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals before any check or change of the host; jails that are closed and removed."""

from __future__ import annotations

import os
import stat
import tarfile
from functools import partial
from pathlib import Path

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
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import ChangeReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker

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


class Site:
    """Jails of accounts that are gone, below a directory that this account owns as root owns a real host."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base, self.keys, self.archives = root / "srv/jail", root / "etc/keys", root / "var/archive"
        for name in ("gone", "other"):
            (self.base / name / "in").mkdir(parents=True)
            (self.base / name / "in/file").write_text(name)
            self.keys.mkdir(parents=True, exist_ok=True)
            (self.keys / name).touch()
        monkeypatch.setattr(engine, "Walker", partial(Walker, owner=os.getuid(), start=str(root)))
        monkeypatch.setattr(engine, "ROOT_ID", os.getuid())

    def keep(self, *jails: Jail, check_mode: bool = False) -> ChangeReport:
        return keep_jails(JailRequest("/srv/jail", "/etc/keys", "/var/archive", jails, check_mode=check_mode))

    def left(self) -> tuple[list[str], list[str], list[str]]:
        """Return the names of jails, keys and archives, these without their time."""
        archived = os.listdir(self.archives) if self.archives.exists() else []
        names = sorted(each.partition("-")[0] for each in archived)
        return sorted(os.listdir(self.base)), sorted(os.listdir(self.keys)), names


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_a_removed_jail_goes_into_the_archive_and_others_stay(site: Site) -> None:
    foreseen = site.keep(Jail("gone", "absent"), check_mode=True)
    assert site.left() == (["gone", "other"], ["gone", "other"], [])
    done = site.keep(Jail("gone", "absent"))
    assert site.left() == (["other"], ["other"], ["gone"])
    assert [each.path for each in foreseen.changes] == [each.path for each in done.changes]
    assert stat.S_IMODE(site.archives.stat().st_mode) == 0o700
    (archive,) = done.archives
    with tarfile.open(site.archives / os.path.basename(archive)) as content:
        assert any(name.endswith("in/file") for name in content.getnames())
    assert site.keep(Jail("gone", "absent")).changes == ()


def test_a_jail_is_deleted_without_an_archive_only_if_asked(site: Site) -> None:
    site.keep(Jail("gone", "absent", removal="delete"))
    assert site.left() == (["other"], ["other"], [])


def test_the_rest_of_an_earlier_removal_has_an_archive_of_its_own(site: Site) -> None:
    rest = site.base / ".gone-20261201T000000Z.removed"
    rest.mkdir()
    (rest / "early").write_text("x")
    done = site.keep(Jail("gone", "absent"))
    assert site.left() == (["other"], ["other"], ["gone", "gone"])
    assert len(set(done.archives)) == 2


def test_the_keys_of_a_closed_jail_go_and_its_data_stay(site: Site) -> None:
    site.keep(Jail("gone", "closed"), check_mode=True)
    assert site.left()[1] == ["gone", "other"]
    assert [each.path for each in site.keep(Jail("gone", "closed")).changes] == ["/etc/keys/gone"]
    assert site.left() == (["gone", "other"], ["other"], [])


def test_nothing_is_removed_where_there_is_nothing(site: Site) -> None:
    assert site.keep(Jail("never", "absent"), Jail("never2", "closed")).changes == ()
    assert not site.archives.exists()
