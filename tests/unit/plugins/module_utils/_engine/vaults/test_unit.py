# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of the unit of a vault."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.backends import (
    BACKENDS,
    FSCRYPT,
    GOCRYPTFS,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.mount_point import (
    unit_name,
    unit_text,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import Vault

VAULT = Vault("jails", "/var/lib/vaults/jails", "/srv/jail")


def test_the_name() -> None:
    assert unit_name(VAULT) == "secure_ftp_synchronize-vault-jails.service"


@pytest.mark.parametrize("backend", [GOCRYPTFS, FSCRYPT])
@pytest.mark.parametrize(
    ("custody", "source"),
    [
        ("operator", "LoadCredential=passphrase:/run/secure_ftp_synchronize/vaults/jails"),
        ("host", "LoadCredentialEncrypted=passphrase:/etc/secure_ftp_synchronize/vaults/jails.credential"),
        ("tang", "clevis decrypt < /etc/secure_ftp_synchronize/vaults/jails.jwe | "),
        ("tpm2", "clevis decrypt < /etc/secure_ftp_synchronize/vaults/jails.tpm2.jwe | "),
    ],
)
def test_where_the_passphrase_comes_from(backend: str, custody: str, source: str) -> None:
    text = unit_text(VAULT, BACKENDS[backend], custody)
    assert source in text
    assert ("/bin/sh -c 'cat %d/passphrase | " in text) == (custody in ("operator", "host"))
    assert ("WantedBy=" in text) == (custody != "operator"), "only a host that has the key unlocks at a boot"
    assert ("network-online" in text) == (custody == "tang")
    assert "X-Mount=/srv/jail\n" in text
    assert "RequiresMountsFor=/var/lib/vaults/jails /srv\n" in text


def test_each_backend_locks_whatever_is_open() -> None:
    gocryptfs, fscrypt = (unit_text(VAULT, BACKENDS[name], "host") for name in (GOCRYPTFS, FSCRYPT))
    assert "Type=forking" in gocryptfs
    assert "ExecStopPost=-/bin/sh -c 'while umount -l /srv/jail;" in gocryptfs
    assert "Type=oneshot\nRemainAfterExit=yes" in fscrypt
    assert fscrypt.index("kill -KILL") < fscrypt.index("umount -l") < fscrypt.index("fscrypt lock")


def test_what_is_mounted_runs_nothing() -> None:
    assert "-nosuid -nodev -noexec" in unit_text(VAULT, BACKENDS[GOCRYPTFS], "host")
    assert "--bind -o nosuid,nodev,noexec" in unit_text(VAULT, BACKENDS[FSCRYPT], "host")
