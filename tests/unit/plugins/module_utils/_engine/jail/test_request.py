# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that cannot be a jail are refused."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.key_file import authorized_key
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import (
    Jail,
    JailDirectory,
    JailRequest,
    check_account_name,
    check_request,
)


def request(*jails: Jail) -> JailRequest:
    """Return a request with nothing wrong but, perhaps, its jails."""
    return JailRequest("/srv/jail", "/etc/keys", "/var/archive", jails)


@pytest.mark.parametrize("name", ["a", "partner", "_ab", "a-b_c9", "a" * 32])
def test_names_of_accounts(name: str) -> None:
    assert check_account_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "/a", "-x", "%u", "%", "root", "A", "a b", "a.b", "a\n", "a\0", "*", "a,b", "!a", "ä", "9a",
     "a" * 33, "a:b", "a$"],
)  # fmt: skip
def test_what_is_no_name_of_an_account(name: str) -> None:
    with pytest.raises(InvalidRequest, match="is not valid for a jailed account"):
        check_request(request(Jail(name)))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", ".ssh", "dev", "a b", "a\n", "%h", "a" * 65])
def test_what_is_no_directory_of_a_jail(name: str) -> None:
    with pytest.raises(InvalidRequest, match="is not valid in the jail"):
        check_request(request(Jail("a", directories=(JailDirectory(name),))))


def test_the_same_name_twice() -> None:
    twice = (JailDirectory("in"), JailDirectory("in"))
    with pytest.raises(InvalidRequest, match="twice: in"):
        check_request(request(Jail("a", directories=twice)))
    with pytest.raises(InvalidRequest, match="twice: a"):
        check_request(request(Jail("a"), Jail("a")))


KEY = authorized_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX")


@pytest.mark.parametrize(("part", "option"), [("keys", "authorized_keys"), ("authorities", "certificate_authorities")])
def test_keys_that_two_would_keep(part: str, option: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{option}: the keys of a are rotated"):
        check_request(request(Jail("a", **{part: (KEY,)}, rotated=True)))


@pytest.mark.parametrize("principal", ["a", "nightly", "batch@example.com", "role:upload", "a" * 64])
def test_names_of_principals(principal: str) -> None:
    check_request(request(Jail("a", authorities=(KEY,), principals=(principal,))))


@pytest.mark.parametrize("principal", ["", "a,b", 'a"', "a b", "a\n", "*", "!a", "ä", "\\", "a" * 65])
def test_what_is_no_principal(principal: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^principals: .* is not valid for a$"):
        check_request(request(Jail("a", authorities=(KEY,), principals=(principal,))))


def test_principals_need_an_authority() -> None:
    with pytest.raises(InvalidRequest, match=r"^principals: a has no certificate_authorities$"):
        check_request(request(Jail("a", keys=(KEY,), principals=("a",))))


def test_the_key_of_an_authority_does_not_log_in() -> None:
    with pytest.raises(InvalidRequest, match=r"^certificate_authorities: SHA256:.* may log in to a as a key, too$"):
        check_request(request(Jail("a", keys=(KEY,), authorities=(KEY._replace(comment="ours"),))))
