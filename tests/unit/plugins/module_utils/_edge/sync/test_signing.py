# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `sign`, converted; requests that cannot be carried out are refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync.signing import signing
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing
from support.running.tasks import params_of

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc"


def params(sign: dict[str, Any] | None, **options: Any) -> dict[str, Any]:
    endpoint = {"host": "files.example.com", "src": "/srv/a", "dest": "b"}
    return params_of(secure_sync, {**endpoint, **options, **({} if sign is None else {"sign": sign})})


def test_the_defaults_and_all_values() -> None:
    assert signing(params({"private_key_file": "/k"})) == Signing(private_key_file="/k")
    asked = {"private_key": KEY, "passphrase": "p", "certificate_file": "/c", "valid_for": "12h", "path": "SIGNED/"}
    assert signing(params({**asked, "keep": 1, "attributes": True, "sums": True})) == Signing(
        None, KEY + "\n", None, "p", "/c", 12 * 3600, b"SIGNED", 1, True, True
    )
    adopted = signing(params({"private_key_file": "/k", "adopt": {"tree": "0a" * 16, "sequence": 17}})).adopt
    assert adopted == ("0a" * 16, 17)
    assert signing(params({"public_key": "ssh-ed25519 AAAA"})) == Signing(public_key="ssh-ed25519 AAAA")


@pytest.mark.parametrize(
    ("sign", "options", "message"),
    [
        ({}, {"direction": "pull"}, "sign: needs a push, and direction is pull"),
        ({}, {"compare": "size_mtime"}, "sign: needs the digest of each file, and compare is size_mtime"),
        ({}, {"proof": "none"}, "sign: signs only proven files, and proof is none"),
        ({}, {"lock": False}, "sign: needs the lock, so that no two runs publish at once"),
        ({}, {"trash": "MANIFEST/old"}, "sign.path: is the directory of trash"),
        ({"path": "a/b"}, {}, "sign.path: 'a/b' is not a name that can be used"),
        ({"path": "../b"}, {}, "sign.path: '../b' is not a path below the destination"),
        ({"path": ".secure_sync.lock"}, {}, "sign.path: '.secure_sync.lock' is not a name that can be used"),
        ({"keep": 0}, {}, "sign.keep: 0 is out of range"),
        ({"adopt": {"tree": "x", "sequence": 1}}, {}, "sign.adopt.tree: 'x' is not the id of a tree"),
        ({"adopt": {"tree": "0a" * 16, "sequence": 0}}, {}, "sign.adopt.sequence: 0 is out of range"),
        ({"valid_for": "14"}, {}, "sign.valid_for: '14' is not a valid duration"),
        ({"valid_for": "59s"}, {}, "sign.valid_for: '59s' is not a valid duration"),
        ({"passphrase": "a\nb"}, {}, "sign.passphrase: is empty or has more than one line"),
    ],
)
def test_what_cannot_be_is_refused(sign: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        signing(params({"private_key_file": "/k", **sign}, **options))
    assert caught.value.message == message
    assert caught.value.cure
