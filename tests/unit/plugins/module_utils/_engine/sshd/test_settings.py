# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that are written, for old and new versions of sshd."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import settings
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.profiles import PROFILES

STOCK = "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\nSubsystem\tsftp\t/usr/lib/openssh/sftp-server\n"
MINE = {"Subsystem": "sftp internal-sftp"}
INCLUDE = "Include /etc/ssh/sshd_config.d/*-secure_ftp_synchronize*.conf\n"


@pytest.fixture(autouse=True)
def _knows_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    # An sshd's algorithms depend on the machine; this sshd supports all but the newest exchange.
    names = {name for profile in PROFILES.values() for each in profile.algorithms.values() for name in each}
    monkeypatch.setattr(settings, "known_algorithms", lambda kind: names - {"mlkem768x25519-sha256"})


def test_what_sshd_does_not_know_is_left_out() -> None:
    old = settings.settings_of(PROFILES["pq_only-2026"], {"PerSourcePenalties": "authfail:5"}, (9, 0))
    assert old["KexAlgorithms"] == "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com"
    assert "PerSourcePenalties" not in old
    assert "RequiredRSASize" not in old
    new = settings.settings_of(PROFILES["pq_only-2026"], {"PerSourcePenalties": "authfail:5"}, (9, 8))
    assert (new["PerSourcePenalties"], new["RequiredRSASize"]) == ("authfail:5", "3072")


def test_own_settings_win_however_they_are_spelled() -> None:
    found = settings.settings_of(PROFILES["pq_only-2026"], {"loglevel": "DEBUG"}, (10, 0))
    assert [value for keyword, value in found.items() if keyword.lower() == "loglevel"] == ["DEBUG"]


@pytest.mark.parametrize(
    ("own", "share"),
    [({}, "5"), ({"MaxStartups": "30:30:60"}, "15"), ({"maxstartups": "1"}, "1"), ({"MaxStartups": "many"}, "5")],
)
def test_one_address_gets_half_of_the_places_before_a_login(own: dict[str, str], share: str) -> None:
    for profile in PROFILES.values():
        found = settings.settings_of(profile, own, (8, 5))
        assert (found["PerSourceMaxStartups"], found["PerSourceNetBlockSize"]) == (share, "32:64")


def test_an_own_share_of_one_address_wins() -> None:
    found = settings.settings_of(PROFILES["pq_only-2026"], {"persourcemaxstartups": "none"}, (10, 0))
    assert [value for keyword, value in found.items() if keyword.lower() == "persourcemaxstartups"] == ["none"]


def test_a_list_and_a_match_have_lines_of_their_own() -> None:
    text = settings.lines_of({"HostKey": "/a\n/b", "UseDNS": "no"}, {"Group g": {"PermitTTY": "no"}})
    assert text.splitlines()[1:] == ["HostKey /a", "HostKey /b", "UseDNS no", "", "Match Group g", "    PermitTTY no"]


def test_the_main_file_stays_where_a_drop_in_may_override() -> None:
    assert settings.main_file(STOCK, MINE, (10, 0), include=False) == STOCK


def test_an_old_sshd_gets_its_subsystem_in_the_main_file() -> None:
    text = settings.main_file(STOCK, MINE, (9, 2), include=False)
    assert text == STOCK.replace("sftp\t/usr/lib/openssh/sftp-server", "sftp internal-sftp").replace("m\ts", "m s")
    assert settings.main_file(text, MINE, (9, 2), include=False) == text
    assert dict(settings.without_subsystem(MINE, (9, 2))) == {}
    assert dict(settings.without_subsystem(MINE, (9, 5))) == MINE


def test_ours_come_first_once() -> None:
    text = settings.main_file(STOCK, MINE, (10, 0), include=True)
    assert text == INCLUDE + STOCK
    assert settings.main_file(text, MINE, (10, 0), include=True) == text


def test_the_whole_file_keeps_where_sshd_listens() -> None:
    before = STOCK + "Port 2222\n# Port 1\nMatch User a\n    Port 3\n"
    text = settings.whole_file(before, MINE, (10, 0))
    assert text.splitlines()[1:] == [INCLUDE.strip(), "UsePAM yes", "Port 2222"]
    assert settings.whole_file(text, MINE, (10, 0)) == text
