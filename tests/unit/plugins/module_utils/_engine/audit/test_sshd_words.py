# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import NotMeasured, Subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import (
    first,
    logins,
    partners,
    seconds,
    words,
)
from support.scenes.audit_site import NOW, good_site

SETTINGS = {"ciphers": ["a,b,,c"], "logingracetime": ["30"], "banner": []}


def test_words() -> None:
    assert words(SETTINGS, "ciphers") == ["a", "b", "c"]
    assert seconds(SETTINGS, "logingracetime") == 30
    assert first(SETTINGS, "ciphers") == "a,b,,c"


@pytest.mark.parametrize("keyword", ["banner", "macs"])
def test_a_keyword_without_a_value(keyword: str) -> None:
    with pytest.raises(NotMeasured, match=keyword):
        first(SETTINGS, keyword)


def test_a_text_that_is_no_number() -> None:
    with pytest.raises(NotMeasured, match="ciphers a,b,,c is not a number"):
        seconds(SETTINGS, "ciphers")


def test_accounts_whose_settings_depend_on_the_port() -> None:
    """Each entry is judged, and named with its ports; a port that a host makes up is left out."""
    site = good_site()
    entries = site.values()["sshd_settings"]
    entries.append({**copy.deepcopy(entries[2]), "ports": [2222, "x"]})
    entries[2]["ports"] = [22, 2200]
    subject = Subject("files1", site.named, site.values(), site.policy, NOW)
    shown = ["root", "owner", "partner on ports 22, 2200", "partner on port 2222"]
    assert [each["shown"] for each in logins(subject)] == shown
    assert [each["shown"] for each in partners(subject, "sshd_settings")] == shown[2:]
    entries[3]["settings"].update(passwordauthentication=["yes"], forcecommand=["none"], ciphers=["aes128-cbc"])
    for control in ("2.1", "5.1", "6.2"):
        assert [each.observed.split(":")[0] for each in site.row(control).findings] == [shown[3]]
    entries[2]["exists"] = False
    assert [each["shown"] for each in partners(subject, "sshd_settings")] == shown[3:]


def test_a_second_jail_on_another_port() -> None:
    site = good_site()
    site.values()["jails"].insert(0, {"account": "partner", "path": "none", "parts": []})
    assert [each.observed for each in site.row("5.2").findings] == ["partner: ChrootDirectory none"]
