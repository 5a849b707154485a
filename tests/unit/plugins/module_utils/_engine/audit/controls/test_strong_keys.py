# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("account", "keyword", "value", "state"),
    [
        ("owner", "passwordauthentication", "yes", "fail"),
        ("partner", "kbdinteractiveauthentication", "yes", "fail"),
        ("root", "passwordauthentication", "yes", "pass"),  # PermitRootLogin no
        ("root", "permitemptypasswords", "yes", "fail"),
        ("partner", "pubkeyauthentication", "no", "fail"),
        ("owner", "gssapiauthentication", "yes", "fail"),
        ("root", "hostbasedauthentication", "yes", "fail"),
        ("owner", "gssapiauthentication", "no", "pass"),
    ],
)
def test_settings(account: str, keyword: str, value: str, state: str) -> None:
    site = good_site()
    site.settings(account)[keyword] = [value]
    row = site.row("2.1")
    assert row.state == state
    assert all(each.observed.startswith(account) for each in row.findings)


@pytest.mark.parametrize(
    ("methods", "state"),
    [
        ("any", "fail"),
        ("publickey,keyboard-interactive:pam", "pass"),
        ("publickey,password publickey,keyboard-interactive", "pass"),
        ("publickey,password keyboard-interactive", "fail"),
        ("password", "fail"),
    ],
)
def test_a_password_besides_a_key_is_allowed(methods: str, state: str) -> None:
    site = good_site()
    site.settings("owner").update(passwordauthentication=["yes"], authenticationmethods=[methods])
    assert site.row("2.1").state == state


def test_root_with_a_password_fails() -> None:
    site = good_site()
    site.settings("root").update(passwordauthentication=["yes"], permitrootlogin=["yes"])
    assert site.row("2.1").state == "fail"
    site.settings("root")["permitrootlogin"] = ["prohibit-password"]
    assert site.row("2.1").state == "pass"


@pytest.mark.parametrize(
    ("kind", "bits", "state"),
    [
        ("RSA", 4096, "pass"),
        ("RSA", 3072, "fail"),
        ("ECDSA", 256, "fail"),
        ("DSA", 1024, "fail"),
        ("ED25519-SK", 256, "pass"),
    ],
)
def test_keys(kind: str, bits: int, state: str) -> None:
    site = good_site()
    site.values()["authorized_keys"][0].update(type=kind, bits=bits)
    assert site.row("2.1").state == state


def test_keys_that_a_command_returns_are_unknown() -> None:
    site = good_site()
    site.settings("partner")["authorizedkeyscommand"] = ["/usr/bin/keys"]
    row = site.row("2.1")
    assert row.state == "not_measured"
    assert row.missing[0].reason == "authorized_keys: the keys of AuthorizedKeysCommand for partner are unknown"


def test_the_policy_sets_types_and_lengths() -> None:
    site = good_site()
    site.values()["authorized_keys"][0].update(type="RSA", bits=3072)
    site.policy = site.policy._replace(rsa_bits=3072)
    assert site.row("2.1").state == "pass"
    site.policy = site.policy._replace(key_types=("ED25519",))
    assert site.row("2.1").state == "fail"


def test_a_missing_keyword_decides_nothing() -> None:
    site = good_site()
    del site.settings("owner")["pubkeyauthentication"]
    row = site.row("2.1")
    assert (row.state, row.missing[0].reason) == ("not_measured", "sshd_settings: sshd has no pubkeyauthentication")


def test_an_account_that_is_not_there_is_left_out() -> None:
    site = good_site()
    site.settings("owner")["passwordauthentication"] = ["yes"]
    site.values()["sshd_settings"][1]["exists"] = False
    assert site.row("2.1").state == "pass"
    site.change("sshd_settings", value=[])
    assert site.row("2.1").state == "not_measured"
