# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key file of a jail with certificate authorities, read by a real sshd; jail_probe tries the key alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jail import jail_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.key_file import (
    authorized_key,
    key_file_text,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import Jail, JailKey
from support.running.tasks import run_task
from support.scenes.ssh_logins import endpoint_of, key_of, meet, refuse, trust_of
from support.servers import ssh_keys
from support.servers.served import served
from support.servers.sshd import Sshd

AUTHORITY, STRANGER = ssh_keys.key("jail-ca"), ssh_keys.key("other-ca")
KEY, KEPT = ssh_keys.key("certified"), ssh_keys.key("kept")
CONFINED = ("ForceCommand internal-sftp -P symlink,hardlink", "DisableForwarding yes", "PermitTTY no")


def entry(key: ssh_keys.SshKey) -> JailKey:
    return authorized_key(key.public)


def key_file(**parts: Any) -> str:
    return key_file_text(Jail("partner", authorities=(entry(AUTHORITY),), principals=("nightly", "batch"), **parts))


certified = served(Sshd, jail=True, config=CONFINED, key_file=key_file())
both = served(Sshd, jail=True, config=CONFINED, key_file=key_file(keys=(entry(KEPT), entry(KEY))))


def signed(**changes: Any) -> ssh_keys.SshKey:
    given = {"subject": KEY, "authority": AUTHORITY, "principals": "nightly", **changes}
    return ssh_keys.certify_user(given.pop("subject"), given.pop("authority"), **given)


@pytest.mark.parametrize("principals", ["nightly", "batch", "other,batch"])
def test_a_certificate_with_a_principal_logs_in(certified: Sshd, principals: str) -> None:
    key = signed(principals=principals)
    assert meet("openssh", endpoint_of(certified), key_of(key), trust_of(certified)).cipher


@pytest.mark.parametrize("option", ["clear", "force-command=/bin/sh"])
def test_a_certificate_changes_nothing_of_the_jail(certified: Sshd, option: str) -> None:
    key = signed(options=(option,))
    assert meet("openssh", endpoint_of(certified), key_of(key), trust_of(certified)).cipher


REFUSED = {
    "without a certificate": lambda: KEY,
    "the authority": lambda: AUTHORITY,
    "the account is no principal": lambda: signed(principals="partner"),
    "a part of a principal": lambda: signed(principals="night"),
    "without principals": lambda: signed(principals=""),
    "another authority": lambda: signed(authority=STRANGER),
    "ended": lambda: signed(validity="20200101:20200102"),
    "from another address": lambda: signed(options=("source-address=192.0.2.1/32",)),
    "with an unknown condition": lambda: signed(options=("critical:unknown@example.org",)),
    "for a host": lambda: ssh_keys.certify_host(KEY, AUTHORITY, principals="nightly"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_else_logs_in(certified: Sshd, name: str) -> None:
    error = refuse("openssh", endpoint_of(certified), key_of(REFUSED[name]()), trust_of(certified))
    assert error.code == "authentication_failed"


def test_keys_and_certificates_side_by_side(both: Sshd) -> None:
    for key in (KEPT, signed()):
        assert meet("openssh", endpoint_of(both), key_of(key), trust_of(both)).cipher


def probed(server: Sshd) -> dict[str, Any]:
    return run_task(
        jail_probe,
        host=server.host,
        port=server.port,
        username=server.user,
        private_key_file=str(KEY.path),
        certificate=signed().certificate_text,
        ssh_agent=False,
        known_hosts_file=str(server.known_hosts),
        ssh_config_file="none",
        expect={"writable": ["/files"], "readable": ["/files"], "certificate_only": True},
        pause=0.0,
        fail_on="none",
    )


def test_a_probe_of_a_certificate_only_account(certified: Sshd) -> None:
    result = probed(certified)
    assert {each["id"] for each in result["findings"]} <= {"set_user_id"}
    assert result["logins"] == 7


def test_a_probe_finds_a_key_that_logs_in_alone(both: Sshd) -> None:
    assert "key_alone" in {each["id"] for each in probed(both)["findings"]}
