# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets go to the hosts that need them, over standard input: no file of a host ever contains them, for all settings
of pipelining on the controller."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.compromised.estate import PASSPHRASE, PASSWORD, Estate
from support.compromised.our_names import PLAYBOOKS

NAMES = [path.stem for path in PLAYBOOKS]
# Modules that need a secret in each playbook, with the hosts that run them.
NEED = {
    "deploy_exchange": {("client", "sync_job")},
    "deploy_sync_job": {("client", "sync_job")},
    "harden_ftps_server": {("files1", "ftps_probe"), ("files2", "ftps_probe")},
    "open_account": {("files1", "account_access"), ("files2", "account_access")},
    "restore_drill": {("client", "restore_drill")},
    "rotate_certificates": {("client", "secure_sync")},
    "require_mfa": {("files1", "totp_account"), ("files2", "totp_account")},
    "rotate_client_certificates": {("client", "secure_sync")},
    "rotate_host_keys": {("client", "host_key_pin")},
    "rotate_keys": {("client", "client_key"), ("client", "sftp_probe")},
    "rotate_passwords": {
        *((server, "account_password") for server in ("files1", "files2")),
        ("client", "sync_job"),
    },
    "unlock_vaults": {("files1", "at_rest_vault"), ("files2", "at_rest_vault")},
}
EXCHANGE = {
    "kind": "renewal",
    "certificate_file": "/etc/ssl/own.key.d/1/issued.pem",
    "private_key_file": "/etc/ssl/own.key",
}


@pytest.mark.parametrize("name", NAMES)
def test_they_never_lie_in_a_file(name: str, tmp_path: Path) -> None:
    estate = Estate(tmp_path, environment={"ANSIBLE_PIPELINING": "false"})
    estate.client.answer("certificate_rotation", {"exchange": EXCHANGE})
    for server in estate.servers:
        server.answer("tls_policy", {"changed": True})
    played = estate.playbook(name, sync_hosts="client")
    with_secret = [
        (host.name, asked)
        for host in estate.hosts.values()
        for asked in host.asked
        if PASSPHRASE in asked.text or PASSWORD in asked.text
    ]
    assert {(host, asked.module) for host, asked in with_secret} == NEED.get(name, set()), played.output
    assert {(host, asked.module) for host, asked in with_secret if not asked.piped} == set()
    assert PASSPHRASE not in played.output
    assert PASSWORD not in played.output
    print(f"{len(with_secret)} modules with a secret")
