# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and the expected behaviour that a request means, on a host whose files and groups are a table."""

from __future__ import annotations

import grp

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import keys, plan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.daemon import CONFIG, Client
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.plan import (
    DROP_IN_LAYOUT,
    WHOLE_FILE,
    Group,
    Request,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.profiles import PROFILES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.settings import DROP_IN
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.stage import File

STOCK = """\
Include /etc/ssh/sshd_config.d/*.conf
UsePAM yes
X11Forwarding yes
Subsystem sftp /usr/lib/openssh/sftp-server
"""
WEAK_MODULI = "20260101000000 2 6 100 1023 2 AA\n"
STRONG_MODULI = "20260101000000 2 6 100 4095 2 BB\n"
NEW = (10, 0)
OWNER = Client("admin", "198.51.100.9")
MEMBERS = ["partner", "named"]
JAILED = {"ForceCommand": "internal-sftp"}


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {CONFIG: STOCK, keys.MODULI: WEAK_MODULI + STRONG_MODULI}
    monkeypatch.setattr(plan, "read", texts.get)
    monkeypatch.setattr(keys, "usable", lambda: ["/etc/ssh/ssh_host_ed25519_key"])
    monkeypatch.setattr(grp, "getgrnam", lambda name: grp.struct_group((name, "x", 1, MEMBERS)))


def request(**changes: object) -> Request:
    plain = Request(PROFILES["pq_only-2026"], {}, None, DROP_IN_LAYOUT, True, {}, {}, "ssh", 60)
    return plain._replace(**changes)


def test_a_drop_in_has_the_settings_and_the_main_file_stays() -> None:
    files = plan.files(request(), NEW)
    assert files[CONFIG] == File(STOCK, 0o644)
    assert "HostKey /etc/ssh/ssh_host_ed25519_key\n" in str(files[DROP_IN].text)
    assert files[DROP_IN].mode == 0o600


def test_only_strong_moduli_stay_and_only_where_it_was_asked_for() -> None:
    text = str(plan.files(request(), NEW)[keys.MODULI].text)
    assert STRONG_MODULI in text
    assert WEAK_MODULI not in text
    assert keys.MODULI not in plan.files(request(strong_moduli=False), NEW)


def test_a_whole_file_drops_the_settings_of_others() -> None:
    text = str(plan.files(request(layout=WHOLE_FILE), NEW)[CONFIG].text)
    assert "UsePAM yes" in text
    assert "X11Forwarding" not in text


def test_a_group_has_a_match_of_its_own() -> None:
    text = str(plan.files(request(group=Group("sftp_only", JAILED)), NEW)[DROP_IN].text)
    assert text.endswith("\nMatch Group sftp_only\n    ForceCommand internal-sftp\n")


def test_without_a_profile_only_the_files_that_were_given_change() -> None:
    extra = {"/etc/ssh/sshd_config.d/50-mine.conf": File("Banner none\n")}
    assert plan.files(request(profile=None, extra=extra), NEW) == extra
    assert plan.expectations(request(profile=None), NEW, OWNER) == []


def test_owner_root_a_stranger_and_every_member_are_looked_at() -> None:
    group, named = Group("sftp_only", JAILED), {"named": {"PermitTTY": "no"}}
    found = plan.expectations(request(group=group, expected=named), NEW, OWNER)
    settings = {each.client.user: each.settings for each in found}
    assert sorted(settings) == ["admin", "named", "partner", "root", "secure_ftp_synchronize_stranger"]
    assert settings["named"] == {"PermitTTY": "no"}
    assert settings["partner"]["ForceCommand"] == "internal-sftp"
    assert "ForceCommand" not in settings["admin"]
    assert {each.client.address for each in found} == {OWNER.address}
    assert {each.client.user: each.settings for each in found if each.from_anywhere} == {**named, "partner": JAILED}
