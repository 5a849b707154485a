# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for the request of vaults."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import (
    Key,
    Vault,
    VaultRequest,
    check_request,
)

VAULT = Vault("jails", "/var/lib/vaults/jails", "/srv/jail")
KEY = Key("operator", "a passphrase of the operator")


def request(*vaults: Vault, key: Key = KEY) -> VaultRequest:
    return VaultRequest("gocryptfs", vaults or (VAULT,), key)


def test_a_plain_request_is_fine() -> None:
    check_request(request())
    check_request(request(VAULT, Vault("two", "/var/lib/vaults/jails2", "/srv/jail2", "admin")))
    assert VAULT.cipher == "/var/lib/vaults/jails/cipher"


@pytest.mark.parametrize(
    ("vaults", "words"),
    [
        ([VAULT._replace(name="../x")], "not a valid name"),
        ([VAULT._replace(name="")], "not a valid name"),
        ([VAULT._replace(store="relative/path")], "not a plain absolute path"),
        ([VAULT._replace(store="/a/b c")], "not a plain absolute path"),
        ([VAULT._replace(mount="/srv")], "mount: /srv is not a directory below"),
        ([VAULT._replace(mount="/srv/jail/")], "mount: /srv/jail/ is not"),
        ([VAULT._replace(store="/srv/jail/store")], "contain each other"),
        ([VAULT._replace(mount="/var/lib/vaults/jails")], "contain each other"),
        ([VAULT, Vault("two", "/var/lib/two", "/srv/jail/two")], "contain each other"),
        ([VAULT, Vault("jails", "/var/lib/two", "/srv/two")], "jails is listed twice"),
    ],
)
def test_a_refused_vault(vaults: list[Vault], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        check_request(request(*vaults))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KEY._replace(passphrase="x" * 19), "at least 20 printable"),
        (KEY._replace(passphrase="x" * 20 + "\n"), "at least 20 printable"),
        (KEY._replace(custody="tang"), "needs key.url and key.thumbprint"),
        (KEY._replace(custody="tang", url="http://tang"), "needs key.url and key.thumbprint"),
    ],
)
def test_a_refused_key(key: Key, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        check_request(request(key=key))


def test_a_key_shows_no_passphrase() -> None:
    assert KEY.passphrase not in repr(request())
