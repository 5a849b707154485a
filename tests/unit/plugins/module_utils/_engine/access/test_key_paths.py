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
    match_addresses,
    other_ways,
)


def test_words_of_every_block(tmp_path: Path) -> None:
    """sshd answers for one address; a block for another address has a file of its own."""
    main, other = tmp_path / "main", tmp_path / "other.conf"
    main.write_text(
        f"Include {tmp_path}/*.conf\n#AuthorizedKeysFile no\nMatch User a Address 192.0.2.0/24,!198.51.100.*,x\n"
        '\tauthorizedkeysfile = "/keys/a b" %h/x # y\n AuthorizedKeysFile "c\nMatch LocalAddress 203.0.113.1\n'
    )
    other.write_text(f'AuthorizedKeysFile /keys/%u none\nMatch address "2001:db8::/32"\nInclude {main}\n')
    assert match_addresses(str(main)) == ["2001:db8::", "192.0.2.0", "198.51.100.1"]
    answers = {"127.0.0.1": (".ssh/keys none",), "2001:db8::": (".ssh/keys /keys/%u",), "192.0.2.0": ("/keys/a",)}
    words = key_words("partner", ask=lambda _account, address: answers.get(address, ()), config=str(main))
    assert words == [".ssh/keys", "/keys/%u", "/keys/a"]
    assert match_addresses(str(tmp_path / "missing")) == []


def test_a_file_of_another_account_is_not_of_this(tmp_path: Path) -> None:
    """Its keys would be revoked, and this account could not be opened."""
    config = tmp_path / "config"
    config.write_text("Match User monitor\nAuthorizedKeysFile /keys/monitor\n")
    assert key_words("partner", ask=lambda _account, _address: ("/keys/%u",), config=str(config)) == ["/keys/%u"]


def test_paths() -> None:
    assert key_paths("root", [".ssh/keys", "/keys/%u", "%h/.ssh/keys"]) == ["/root/.ssh/keys", "/keys/root"]
    with pytest.raises(KeyError):
        key_paths("no-such-account", ["x"])


def test_other_ways() -> None:
    values = {"trustedusercakeys": ("/etc/ssh/ca",), "authorizedkeyscommand": ("none",), "hostbasedauthentication": ()}
    assert other_ways("partner", ask=lambda _account, keyword: values[keyword]) == ["TrustedUserCAKeys"]
    values["hostbasedauthentication"] = ("no",)
    values["authorizedkeyscommand"] = ("/bin/keys %u",)
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
