# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe import answer as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.answer import SentKey

MESSAGES = (
    "debug2: local client KEXINIT proposal",
    "debug2: KEX algorithms: of-the-client",
    "debug2: peer server KEXINIT proposal",
    "debug2: KEX algorithms: curve25519-sha256,kex-strict-s-v00@openssh.com",
    "debug2: host key algorithms: ssh-ed25519",
    "debug2: ciphers ctos: aes256-ctr",
    "debug2: ciphers stoc: aes256-ctr,aes128-ctr",
    "debug2: languages ctos: ",
    "debug1: kex: algorithm: curve25519-sha256",
    "debug2: KEX algorithms: of-the-client-again",
    "debug1: Authentications that can continue: publickey,password",
    "debug1: Authentications that can continue: later",
)


def test_only_the_lists_of_the_server_count() -> None:
    assert subject._offered(MESSAGES) == {
        "KexAlgorithms": ("curve25519-sha256", "kex-strict-s-v00@openssh.com"),
        "HostKeyAlgorithms": ("ssh-ed25519",),
        "Ciphers": ("aes256-ctr", "aes128-ctr"),
    }


def test_the_first_methods_count() -> None:
    assert subject._methods(MESSAGES) == ("publickey", "password")
    assert subject._methods(MESSAGES[:3]) == ()


@pytest.mark.parametrize(
    ("line", "half_way"),
    [
        ('Authenticated using "publickey" with partial success.', True),
        ("Authenticated with partial success.", True),
        ('Authenticated using "keyboard-interactive" with partial success.', False),
        ("debug1: Authentications that can continue: publickey", False),
    ],
)
def test_a_key_that_is_accepted_in_part(line: str, half_way: bool) -> None:
    assert subject._is_half_way((*MESSAGES, line)) is half_way


def test_the_keys_that_were_sent() -> None:
    lines = (
        "debug1: Offering public key: /a path/of: SHA256:key RSA SHA256:plain explicit",
        "debug1: Offering public key: /path ED25519-CERT SHA256:certified explicit agent",
        "debug1: Will attempt key: /other ED25519 SHA256:other explicit",
    )
    assert subject._keys(subject._TAKEN, lines) == ()
    assert subject._keys(subject._SENT, (*MESSAGES, *lines)) == (
        SentKey("SHA256:plain"),
        SentKey("SHA256:certified", is_certificate=True),
    )
