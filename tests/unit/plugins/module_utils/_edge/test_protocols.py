# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that mean nothing with the protocol are refused, and those that change nothing are not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import argspec
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_words import ftps_port, require_fitting
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from support.running.task_params import task_params

FTPS = {"protocol": "ftps", "username": "u", "password": "p"}
SSH_ONLY: dict[str, Any] = {
    "host_keys": ["SHA256:abc"],
    "known_hosts_file": "/k",
    "private_key": "-----BEGIN",
    "private_key_file": "/k",
    "passphrase": "p",
    "certificate_file": "/c",
    "certificate": "ssh-ed25519-cert-v01@openssh.com AAAA",
    "proxy_jump": ["gate"],
    "ssh_config_file": "/config",
    "ssh_client": "paramiko",
}
TLS_ONLY: dict[str, Any] = {
    "tls_mode": "implicit",
    "ca_file": "/ca",
    "tls_pins": ["sha256//x"],
    "tls_pins_file": "/pins",
    "client_cert_file": "/c",
    "client_key_file": "/k",
    "client_key_passphrase": "p",
    "tls_min_version": "1.3",
    "tls_ciphers": "ECDHE+AESGCM",
}
CURES = {
    "host_keys": "tls_pins",
    "known_hosts_file": "ca_file",
    "private_key": "password",
    "private_key_file": "password",
    "passphrase": "client_key_passphrase",
    "certificate_file": "client_cert_file",
    "certificate": "client_cert_file",
    "tls_pins": "host_keys",
    "tls_pins_file": "host_keys",
    "ca_file": "known_hosts_file",
    "client_cert_file": "certificate_file",
    "client_key_file": "private_key_file",
    "client_key_passphrase": "passphrase",
}


def refusal(**options: Any) -> InvalidRequest:
    """Return the error of options that are refused."""
    with pytest.raises(InvalidRequest) as caught:
        require_fitting(task_params(**options))
    return caught.value


@pytest.mark.parametrize("option", SSH_ONLY)
def test_what_belongs_to_ssh_is_refused_over_ftps(option: str) -> None:
    error = refusal(**FTPS, **{option: SSH_ONLY[option]})
    assert error.message == f"{option}: has no meaning over FTPS"
    assert CURES.get(option, "protocol: sftp") in error.cure


@pytest.mark.parametrize("option", TLS_ONLY)
def test_what_belongs_to_tls_is_refused_over_sftp(option: str) -> None:
    error = refusal(**{option: TLS_ONLY[option]})
    assert error.message == f"{option}: has no meaning over SFTP"
    assert CURES.get(option, "protocol: ftps") in error.cure


def test_with_its_own_protocol_each_is_taken() -> None:
    rivals = {"private_key_file", "certificate_file"}
    require_fitting(task_params(**{name: value for name, value in SSH_ONLY.items() if name not in rivals}))
    require_fitting(task_params(**FTPS, **TLS_ONLY))


def test_a_client_certificate_in_memory_is_for_ftps_alone() -> None:
    pem = {"certificate": "\n-----BEGIN CERTIFICATE-----\nAAAA", "private_key": "-----BEGIN"}
    require_fitting(task_params(**FTPS, **pem))
    assert refusal(**FTPS, **pem, passphrase="p").message == "passphrase: has no meaning over FTPS"


def test_every_option_of_tls_has_a_rule() -> None:
    assert set(TLS_ONLY) == set(argspec.tls())


def test_every_option_of_ssh_has_a_rule_or_counts_for_both() -> None:
    both = {"protocol", "host", "port", "username", "password", "connect_timeout", "stall_timeout", "retries"}
    assert {*argspec.endpoint(), *argspec.trust()} == {*SSH_ONLY, *both, "ssh_agent"}


@pytest.mark.parametrize(
    "options",
    [
        {"ssh_agent": False},
        {"ssh_config_file": "none"},
        {"ssh_client": "auto"},
        {"host_keys": []},
        {"proxy_jump": []},
        {"tls_mode": "explicit", "tls_min_version": "1.2"},
    ],
    ids=repr,
)
def test_what_changes_nothing_is_let_pass(options: dict[str, Any]) -> None:
    require_fitting(task_params(**FTPS, **options))
    require_fitting(task_params(**options))


@pytest.mark.parametrize("missing", ["username", "password"])
def test_ftps_needs_an_account(missing: str) -> None:
    error = refusal(**{name: value for name, value in FTPS.items() if name != missing})
    assert error.message == f"{missing}: is required to log in over FTPS"
    require_fitting(task_params())


def test_ports() -> None:
    assert (ftps_port("explicit"), ftps_port("implicit")) == (21, 990)
