# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate and key: matching pairs are accepted, all others are refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    PrivateKeyUnusable,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.key_pair import (
    load_key_pair,
    require_authorities,
)
from support.servers.tls_authority import Authority, authority


@pytest.mark.parametrize(("kind", "key_type"), [("ecdsa", "ec"), ("rsa", "rsa")])
def test_a_good_pair(kind: str, key_type: str) -> None:
    between = Authority("between", above=authority())
    made = between.server(kind=kind)
    pair = load_key_pair(str(made.chain), str(made.key))
    assert (pair.key_type, len(pair.chain), pair.chain[0]) == (key_type, 2, made.der)
    assert load_key_pair(str(made.combined), str(made.combined)).chain == pair.chain


def test_what_does_not_do(tmp_path: Path) -> None:
    good, other, locked = authority().server(), authority().server(), authority().client(passphrase="canary")
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    nothing.chmod(0o600)
    for certificate, key, words in (
        (good.chain, other.key, "is not the key of"),
        (good.chain, nothing, "hold no usable certificate and key"),
        (nothing, good.key, "hold no usable certificate and key"),
        (locked.chain, locked.key, "hold no usable certificate and key"),
        (good.chain, tmp_path / "none", "No such file"),
        (good.chain, tmp_path, "hold no usable certificate and key|Is a directory"),
    ):
        with pytest.raises(PrivateKeyUnusable, match=words) as caught:
            load_key_pair(str(certificate), str(key))
        assert caught.value.cure


@pytest.mark.parametrize("mode", [0o644, 0o602, 0o620])
def test_a_key_that_others_can_reach(mode: int) -> None:
    made = authority().server()
    made.key.chmod(mode)
    with pytest.raises(PrivateKeyUnusable, match="mode %04o" % mode):
        load_key_pair(str(made.chain), str(made.key))


def test_a_group_may_read_the_key() -> None:
    made = authority().server()
    made.key.chmod(0o640)
    assert load_key_pair(str(made.chain), str(made.key)).key == str(made.key)


def test_authorities(tmp_path: Path) -> None:
    require_authorities(str(authority().file))
    (tmp_path / "empty.pem").touch()
    for path in (tmp_path / "empty.pem", tmp_path / "none"):
        with pytest.raises(TrustStoreUnreadable, match="authorities"):
            require_authorities(str(path))


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(TrustStoreUnreadable, match="null"):
        require_authorities("/etc/ssl/\0.pem")
