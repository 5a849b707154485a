# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PrivateKeyUnusable
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.answer import SentKey, own_key
from support.servers.ssh_keys import certify_user, key, pem_key

KEY = key("attacker")


@pytest.mark.parametrize("given", [KEY, key("attacker", "rsa"), pem_key("attacker")])
def test_a_key(given: object) -> None:
    assert own_key(Credentials(private_key_file=str(given.path))) == SentKey(given.fingerprint)  # type: ignore[attr-defined]


def test_a_key_that_ssh_cannot_use(tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk\n")
    shutil.copy(KEY.path, tmp_path / "open")
    for name, mode in (("junk", 0o600), ("open", 0o644)):
        (tmp_path / name).chmod(mode)
    for path in (tmp_path / "junk", tmp_path / "open", tmp_path / "none", key("attacker", passphrase="secret").path):
        with pytest.raises(PrivateKeyUnusable, match="is no key without a passphrase"):
            own_key(Credentials(private_key_file=str(path)))


@pytest.mark.parametrize(("validity", "ended"), [("-2h:-1h", True), ("-5m:+1h", False), ("always:forever", False)])
def test_a_certificate_has_ended(validity: str, ended: bool) -> None:
    signed = certify_user(KEY, key("authority"), principals="partner", validity=validity)
    given = Credentials(private_key_file=str(KEY.path), certificate_file=str(signed.certificate))
    if ended:
        assert own_key(given, ended=True) == SentKey(KEY.fingerprint, is_certificate=True)
        return
    with pytest.raises(PrivateKeyUnusable, match="has not ended yet"):
        own_key(given, ended=True)


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    for path in (tmp_path / "none", Path(f"{KEY.path}.pub")):
        with pytest.raises(PrivateKeyUnusable, match="certificate_file: "):
            own_key(Credentials(private_key_file=str(KEY.path), certificate_file=str(path)), ended=True)
