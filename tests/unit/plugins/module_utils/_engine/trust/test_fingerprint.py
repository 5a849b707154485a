# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys and their fingerprints; ssh-keygen is the judge."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import (
    base_key_type,
    is_fingerprint,
    parse_public_key,
)
from support.servers import ssh_keys


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_fingerprint_is_the_one_that_ssh_keygen_prints(kind: str) -> None:
    key = ssh_keys.key("unit", kind)
    parsed = parse_public_key(*key.public.split())
    assert parsed.fingerprint == key.fingerprint
    assert parsed.text == key.public
    assert is_fingerprint(parsed.fingerprint)


@pytest.mark.parametrize(
    "text", ["", "SHA256:", "SHA256:" + "a" * 42, "SHA256:" + "a" * 44, "MD5:" + "a" * 43, "sha256:x"]
)
def test_what_is_no_fingerprint(text: str) -> None:
    assert not is_fingerprint(text)


@pytest.mark.parametrize("encoded", ["", "AAAA", "not base64!", "AAAAB3NzaC1yc2E="])
def test_a_key_must_be_of_the_type_it_says(encoded: str) -> None:
    with pytest.raises(ValueError, match=r"base64|type"):
        parse_public_key("ssh-ed25519", encoded)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("ssh-ed25519", "ssh-ed25519"),
        ("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"),
        ("rsa-sha2-512", "ssh-rsa"),
        ("rsa-sha2-256-cert-v01@openssh.com", "ssh-rsa"),
        ("ssh-rsa", "ssh-rsa"),
        ("ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256"),
        ("sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com"),
        ("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com"),
    ],
)
def test_the_plain_type_behind_an_algorithm(name: str, plain: str) -> None:
    assert base_key_type(name) == plain
