# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys for the paramiko stream."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_auth import (
    _Attempt,
    load_keys,
)
from support.servers import ssh_keys

LOCKED = ssh_keys.key("unit-locked", passphrase="phr ase\\")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_key_by_file_and_text(kind: str) -> None:
    key = ssh_keys.key("unit", kind)
    for credentials in (Credentials(private_key_file=str(key.path)), Credentials(private_key=key.text)):
        (loaded,) = load_keys(credentials)
        assert f"{loaded.get_name()} {loaded.get_base64()}" == key.public


def test_a_passphrase_opens_a_key() -> None:
    (loaded,) = load_keys(Credentials(private_key=LOCKED.text, passphrase=LOCKED.passphrase))
    assert loaded.get_base64() in LOCKED.public


def test_a_task_without_key() -> None:
    assert load_keys(Credentials(password="x")) == []


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (Credentials(private_key="nothing"), "not a private key"),
        (Credentials(private_key=LOCKED.text), "has no passphrase"),
        (Credentials(private_key=LOCKED.text, passphrase="wrong"), "does not decrypt"),
    ],
)
def test_a_key_that_cannot_be_used(credentials: Credentials, words: str) -> None:
    with pytest.raises(errors.PrivateKeyUnusable, match=words):
        load_keys(credentials)


def test_a_certificate_must_belong_to_the_key() -> None:
    authority = ssh_keys.key("unit-ca")
    rsa = ssh_keys.certify_user(ssh_keys.key("unit", "rsa"), authority, principals="u")
    own = ssh_keys.certify_user(ssh_keys.key("unit"), authority, principals="u")
    other = ssh_keys.certify_user(ssh_keys.key("other"), authority, principals="u")
    for good in ({"private_key_file": str(own.path)}, {"private_key": own.text, "certificate": own.certificate_text}):
        (loaded,) = load_keys(Credentials(**good))
        assert loaded.public_blob.key_type == "ssh-ed25519-cert-v01@openssh.com"
    for wrong in (rsa, other):
        for given in ({"certificate_file": str(wrong.certificate)}, {"certificate": wrong.certificate_text}):
            with pytest.raises(errors.PrivateKeyUnusable, match=f"^{next(iter(given))}: certifies another key"):
                load_keys(Credentials(private_key=ssh_keys.key("unit").text, **given))


@pytest.mark.parametrize(
    ("method", "allowed", "active", "is_tried"),
    [
        ("publickey", ["publickey"], True, True),
        ("publickey", ["password"], True, False),
        ("publickey", ["publickey"], False, False),
        ("none", [], False, True),
    ],
)
def test_methods_that_the_server_offers(method: str, allowed: list[str], *, active: bool, is_tried: bool) -> None:
    """The transport is a double: it answers nothing but its state."""
    transport: Any = SimpleNamespace(is_active=lambda: active, is_authenticated=lambda: True)
    attempt = _Attempt(transport, SimpleNamespace())
    attempt.allowed = allowed
    tried: list[str] = []
    assert attempt.run(method, lambda: tried.append(method) or []) is is_tried
    assert tried == [method] * is_tried
    assert attempt.key_is_refused is (is_tried and method == "publickey")
