# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key in signatures that ssh-keygen made."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signature_check import (
    signature_validity,
)
from support.servers.ssh_keys import certify_user, key
from support.trees.signed_tree import signed

RELEASE = key("release")


def _armoured(content: bytes) -> bytes:
    text = base64.encodebytes(content)
    return b"-----BEGIN SSH SIGNATURE-----\n" + text + b"-----END SSH SIGNATURE-----\n"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa-3072"])
def test_the_validity_of_a_certificate_is_found(kind: str) -> None:
    certified = certify_user(key("release", kind), key("authority"), principals="a", validity="0x3e8:0x7d0")
    assert signature_validity(signed(b"data", certified)) == (1000, 2000)


def test_a_plain_key_has_none() -> None:
    assert signature_validity(signed(b"data", RELEASE)) is None


@pytest.mark.parametrize(
    "text",
    [b"", b"rubbish", _armoured(b""), _armoured(b"SSHSIG"), _armoured(b"SSHSIG\0\0\0\2" + bytes(40)),
     _armoured(b"SSHSIG\0\0\0\1\xff\xff\xff\xff\xff"), _armoured(b"SSHSIG\0\0\0\1\0\0\0\5\0\0\0\1\xff"),
     b"-----END SSH SIGNATURE-----\n-----BEGIN SSH SIGNATURE-----\n"],
)  # fmt: skip
def test_other_texts_have_none(text: bytes) -> None:
    assert signature_validity(text) is None


def test_every_cut_has_none() -> None:
    certified = certify_user(RELEASE, key("authority"), principals="a", validity="0x3e8:0x7d0")
    armoured = signed(b"data", certified)
    content = base64.b64decode(armoured.split(b"-----")[2])
    size = int.from_bytes(content[10:14], "big")
    assert {signature_validity(_armoured(content[:end])) for end in range(14 + size)} == {None}
    assert signature_validity(_armoured(content[: 14 + size])) == (1000, 2000)
