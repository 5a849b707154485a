# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import sshd_view
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.views import View

PARTNER = pwd.struct_passwd(("partner", "x", 1001, 1001, "", "/home/partner", "/usr/sbin/nologin"))


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        ((".ssh/authorized_keys .ssh/other",), ["/home/partner/.ssh/authorized_keys", "/home/partner/.ssh/other"]),
        (("/etc/ssh/keys/%u",), ["/etc/ssh/keys/partner"]),
        (("%h/keys.%U",), ["/home/partner/keys.1001"]),
        (("none",), []),
        ((), []),
    ],
)
def test_files_of_keys(words: tuple[str, ...], paths: list[str]) -> None:
    assert list(sshd_view.authorized_key_files(("partner", PARTNER), {"authorizedkeysfile": words})) == paths
    assert list(sshd_view.authorized_key_files(("gone", None), {"authorizedkeysfile": words})) == []


def test_settings_of_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"ciphers": ("a,b",), "banner": ("left out",)}
    monkeypatch.setattr(sshd_view, "views_of_all", lambda _client: [View((), asked)])
    found = sshd_view.settings_of([("partner", PARTNER), ("gone", None)], "192.0.2.1")
    assert found == [
        {"account": "partner", "exists": True, "shell": "/usr/sbin/nologin", "settings": {"ciphers": ["a,b"]}},
        {"account": "gone", "exists": False, "shell": "", "settings": {"ciphers": ["a,b"]}},
    ]


def test_settings_that_depend_on_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        View((22, 24), {"ciphers": ("a",)}),
        View((23,), {"ciphers": ("b",)}),
        View((), {"ciphers": ("c",)}, "10.0.0.0"),
    ]
    monkeypatch.setattr(sshd_view, "views_of_all", lambda _client: found)
    settings = sshd_view.settings_of([("partner", PARTNER)], "192.0.2.1")
    assert [(each["settings"]["ciphers"], each.get("ports"), each.get("client")) for each in settings] == [
        (["a"], [22, 24], None),
        (["b"], [23], None),
        (["c"], None, "10.0.0.0"),
    ]
    assert sshd_view.for_login("partner", "192.0.2.1") == {"ciphers": ("a",)}
