# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that may log in, as a file for sshd."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.key_file import (
    authorized_key,
    key_file_text,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import Jail
from support.servers import ssh_keys

KEY = ssh_keys.key("unit")


CERTIFICATE = ssh_keys.certify_user(KEY, KEY, principals="a").certificate_text


def test_the_file_restricts_and_is_read_by_openssh(tmp_path: Path) -> None:
    text = key_file_text(Jail("partner", keys=(authorized_key(f"{KEY.public}\n"),)))
    assert text.splitlines()[1] == f"restrict {KEY.public}"
    (tmp_path / "keys").write_text(text)
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(tmp_path / "keys")], capture_output=True, text=True, check=True
    )
    assert KEY.fingerprint in shown.stdout


@pytest.mark.parametrize(
    ("principals", "words"), [((), "partner"), (("nightly", "batch@example.com"), "nightly,batch@example.com")]
)
def test_an_authority_is_a_line_with_principals(principals: tuple[str, ...], words: str) -> None:
    authority = authorized_key(f"{KEY.public} our authority", "certificate_authorities")
    text = key_file_text(Jail("partner", authorities=(authority,), principals=principals))
    line = f'restrict,cert-authority,principals="{words}" {KEY.public} our authority'
    assert text.splitlines()[1:] == [line]


def test_keys_and_authorities_together() -> None:
    authority, key = (authorized_key(ssh_keys.key(name).public) for name in ("unit-ca", "unit"))
    lines = key_file_text(Jail("partner", keys=(key,), authorities=(authority,))).splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["restrict", 'restrict,cert-authority,principals="partner"']


def test_errors_name_the_option() -> None:
    with pytest.raises(InvalidRequest, match=r"^certificate_authorities: must be a public key$"):
        authorized_key("cert-authority ssh-ed25519 AAAA", "certificate_authorities")
    with pytest.raises(InvalidRequest, match=r"^certificate_authorities: SHA256:.* is an RSA key of 2048 bits$"):
        authorized_key(ssh_keys.key("unit", "rsa").public, "certificate_authorities")


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", "ssh-dss AAAA", 'command="id" {key}', "restrict {key}", "ssh-ed25519 AAAA a",
     "{key}\nssh-ed25519 AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----", "# {key}", "{cut}",
     "{certificate}"],
)  # fmt: skip
def test_what_is_no_key(line: str) -> None:
    with pytest.raises(InvalidRequest, match="authorized_keys"):
        authorized_key(line.format(key=KEY.public, cut=KEY.public[:-4], certificate=CERTIFICATE))


def test_a_short_rsa_key_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="RSA key of 2048 bits"):
        authorized_key(ssh_keys.key("unit", "rsa").public)


def test_a_long_rsa_key_is_taken(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "3072", "-N", "", "-f", tmp_path / "key"], check=True)
    line = (tmp_path / "key.pub").read_text()
    assert authorized_key(line).key.text in line
