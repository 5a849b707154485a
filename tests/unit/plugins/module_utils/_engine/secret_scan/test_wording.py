# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of secrets, and values that are written out."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.wording import (
    is_literal,
    is_secret_name,
    secret_variables,
)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "db_password",
        "ansible_ssh_pass",
        "ansible_become_password",
        "passphrase",
        "client-secret",
        "api_key",
        "apikey",
        "vault_token",
        "item.password",
        "private_key",
        "AWS_SECRET_ACCESS_KEY",
        "secret_id",
        "totp_seed",
        "passwords",
        "ANSIBLE_VAULT_TOKEN",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "password_file",
        "private_key_file",
        "max_password_age",
        "no_log",
        "token_url",
        "secretary",
        "compass",
        "public_key",
        "password_hash",
        "passive",
        "key_rotation_mode",
        "ansible_user",
        "keys",
    ],
)
def test_other_names(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("text", ["hunter2", "a b c", "p@ss/word", "0", "x9", "http://user:pw@host/", "{curly}"])
def test_values_that_are_written_out(text: str) -> None:
    assert is_literal(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "{{ vault_x }}", "x{{ y }}", "{% if x %}y{% endif %}", "/etc/key", "~/.ssh/id", "$PASSWORD",
        "${PASSWORD}", "<password>", "********", "!", "x", "CHANGEME", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "$6$salt$hash", "$y$j9T$salt$hash", "{SSHA}abc", "SHA256:abc", "ssh-ed25519 AAAAC3Nz",
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgv",
        "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "https://vault.example.com/", "%(env)s",
        "$ANSIBLE_VAULT;1.1;AES256",
    ],
)  # fmt: skip
def test_values_that_are_no_secret(text: str) -> None:
    assert not is_literal(text)


def test_the_secret_variables_of_templates() -> None:
    text = "user {{ name }} {{ db_password | trim }} {% if item.token %}{{ no_token_file }}{% endif %} password"
    assert list(secret_variables(text)) == ["db_password", "item.token"]
