# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of keys, from all of the configuration of sshd, whose answers are given here; hosts have a real sshd."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import (
    authority_files,
    key_paths,
    key_words,
    other_ways,
)


def test_words_of_all_logins() -> None:
    values = {"partner": (".ssh/keys none", ".ssh/keys /keys/%u"), "other": ("none",)}
    assert key_words("partner", ask=lambda account, _keyword: values[account]) == [".ssh/keys", "/keys/%u"]
    assert key_words("other", ask=lambda account, _keyword: values[account]) == []


def test_paths() -> None:
    assert key_paths("root", [".ssh/keys", "/keys/%u", "%h/.ssh/keys"]) == ["/root/.ssh/keys", "/keys/root"]
    with pytest.raises(KeyError):
        key_paths("no-such-account", ["x"])


def test_other_ways() -> None:
    values = {"trustedusercakeys": ("/etc/ssh/ca",), "authorizedkeyscommand": ("none",), "hostbasedauthentication": ()}
    assert other_ways("partner", ask=lambda _account, keyword: values[keyword]) == ["TrustedUserCAKeys"]
    values["hostbasedauthentication"] = ("no", "none")
    values["authorizedkeyscommand"] = ("none", "/bin/keys %u")
    assert other_ways("partner", ask=lambda _account, keyword: values[keyword]) == [
        "AuthorizedKeysCommand",
        "TrustedUserCAKeys",
    ]


def test_files_of_authorities(tmp_path: Path) -> None:
    """Of blocks for other accounts too; sshd may have been started with another configuration."""
    config, other = tmp_path / "config", tmp_path / "other.conf"
    config.write_text(f"Include {other}\n#TrustedUserCAKeys /no\nTrustedUserCAKeys none\n")
    other.write_text('Match User deputy\n\ttrustedUserCAkeys="/etc/ssh/a b"  # x\n')
    ask = {"trustedusercakeys": ("/etc/ssh/ca", "none")}
    assert authority_files("partner", ask=lambda _account, keyword: ask[keyword], config=str(config)) == [
        "/etc/ssh/a b",
        "/etc/ssh/ca",
    ]
