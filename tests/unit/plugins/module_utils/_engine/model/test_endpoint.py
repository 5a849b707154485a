# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The representation of an endpoint's values."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials, Endpoint

FILES = {"private_key_file", "certificate_file"}
SECRETS = [name for name in Credentials._fields if name not in FILES and name != "ssh_agent"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_never_shows(name: str) -> None:
    holder = Credentials(private_key_file="/k")._replace(**{name: "hunter2"})
    for shown in (repr(holder), str(holder), f"{holder}", repr((holder,))):
        assert "hunter2" not in shown
        assert "/k" in shown


def test_what_is_no_secret_shows() -> None:
    assert repr(Credentials(certificate_file="/c")) == (
        "Credentials(private_key_file=None, certificate_file='/c', ssh_agent=True)"
    )


SAME = [
    [Endpoint("sftp", "files.example.com", 2222, "u"), Endpoint("sftp", "Files.EXAMPLE.com", 2222, "u")],
    [Endpoint("sftp", "h", 22, "u"), Endpoint("sftp", "h", 22, "u", ssh_config_file="none")],
    [Endpoint("sftp", "h", 22, "u"), Endpoint("sftp", "h", None, "u", ssh_config_file="none")],
    [Endpoint("ftps", "h", 21, "u"), Endpoint("ftps", "H", 21, "u", ssh_client="paramiko", stall_timeout=1)],
]
OTHER = [
    Endpoint("sftp", "h"),
    Endpoint("ftps", "h"),
    Endpoint("sftp", "h", 22),
    Endpoint("sftp", "h", None, "u"),
    Endpoint("sftp", "h", None, "U"),
    Endpoint("sftp", "h2"),
    Endpoint("sftp", "h", proxy_jump=("a",)),
    Endpoint("sftp", "h", proxy_jump=("a", "b")),
]


@pytest.mark.parametrize("spellings", SAME)
def test_an_account_is_remembered_by_one_spelling(spellings: list[Endpoint]) -> None:
    assert len({each.account for each in spellings}) == 1


def test_each_account_is_remembered_by_itself() -> None:
    assert len({each.account for each in OTHER}) == len(OTHER)
    assert Endpoint("sftp", "h", 22, "\udcff").account == (b"sftp", b"h", b"22", b"\xff")


def test_a_certificate_is_a_text_or_a_file() -> None:
    found = [Credentials(), Credentials(certificate="ssh-"), Credentials(certificate_file="/c")]
    assert [each.has_certificate for each in found] == [False, True, True]
