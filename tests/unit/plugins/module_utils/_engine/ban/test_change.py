# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jail is tested, written and started; an impossible jail is rolled back.

fail2ban is simulated, because it has no private directory on the machine that runs the tests. The real program is in
tests/hosts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ban import change
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ban.change import Jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import BanFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import Client

JAIL = Jail("guesses", {"filter": "vsftpd"}, [])


class Fail2ban:
    """The behaviour of fail2ban in a test: missing, refusing a configuration, or not starting a jail."""

    def __init__(self, path: Path) -> None:
        self.path, self.is_there, self.running = path, True, False
        self.refuses = self.fails = False
        self.read: str | None = None

    def installed(self) -> bool:
        return self.is_there

    def watches(self, _jail: str) -> bool:
        return self.running

    def check(self, _drop_in: str, _text: str | None) -> None:
        if self.refuses:
            raise BanFailed("refused")

    def take_up(self, _jail: str) -> None:
        self.release()
        if self.fails:
            raise BanFailed("not started")
        self.running = True

    def release(self) -> None:
        self.read = self.path.read_text() if self.path.exists() else None


@pytest.fixture
def fail2ban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fail2ban:
    path = tmp_path / "jail.d/00-ours.conf"
    played = Fail2ban(path)
    for name in ("installed", "watches", "check", "take_up", "release"):
        monkeypatch.setattr(change, name, getattr(played, name))
    monkeypatch.setattr(change, "path_of", lambda _name: str(path))
    monkeypatch.setattr(change, "controller_address", lambda: "203.0.113.7")
    return played


def apply(*, wanted: bool = True, check_mode: bool = False) -> change.Report:
    return change.apply("ours", JAIL, wanted=wanted, check_mode=check_mode)


def test_a_jail_is_written_and_runs_and_a_second_run_changes_nothing(fail2ban: Fail2ban) -> None:
    assert apply().changed
    assert fail2ban.running
    assert "203.0.113.7" in (fail2ban.read or "")
    assert not apply().changed


def test_a_jail_that_stopped_is_started(fail2ban: Fail2ban) -> None:
    apply()
    fail2ban.running = False
    assert apply().changed
    assert fail2ban.running


def test_where_fail2ban_is_missing_its_configuration_waits_for_it(fail2ban: Fail2ban) -> None:
    fail2ban.is_there = False
    assert apply().missing
    assert "203.0.113.7" in fail2ban.path.read_text()
    assert fail2ban.read is None, "there is nobody to read it"
    fail2ban.is_there = fail2ban.running = True
    assert not apply().changed


def test_what_fail2ban_refuses_is_not_written(fail2ban: Fail2ban) -> None:
    fail2ban.refuses = True
    with pytest.raises(BanFailed):
        apply()
    assert not fail2ban.path.exists()


@pytest.mark.parametrize("before", [None, "[guesses]\n"])
def test_a_jail_that_does_not_start_brings_the_former_drop_in_back(fail2ban: Fail2ban, before: str | None) -> None:
    fail2ban.fails = True
    fail2ban.path.parent.mkdir()
    if before is not None:
        fail2ban.path.write_text(before)
    with pytest.raises(BanFailed):
        apply()
    assert fail2ban.read == before
    assert fail2ban.path.exists() is (before is not None)


def test_a_jail_that_is_not_wanted_goes(fail2ban: Fail2ban) -> None:
    apply()
    assert apply(wanted=False).changed
    assert not fail2ban.path.exists()
    assert fail2ban.read is None
    fail2ban.is_there = False
    report = apply(wanted=False)
    assert (report.changed, report.missing) == (False, False)


@pytest.mark.parametrize("is_there", [True, False])
def test_check_mode_writes_nothing(fail2ban: Fail2ban, *, is_there: bool) -> None:
    fail2ban.is_there = is_there
    assert apply(check_mode=True).changed
    assert not fail2ban.path.exists()


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("x\nenabled = false", None),
    ],
)
def test_only_an_address_is_taken_for_the_controller(monkeypatch: pytest.MonkeyPatch, address: str, found: Any) -> None:
    monkeypatch.setattr(change.session, "owner", lambda: Client("admin", address))
    assert change.controller_address() == found
