# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identities: from the task or from a private file; every other text is refused without being shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import AGE, Identities
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.identities import age_identities
from support.servers import ssh_keys

X25519 = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"
ED25519 = ssh_keys.key("unit")
LOCKED = ssh_keys.key("unit-locked", passphrase="phrase")
FILE = f"# created: 2026-11-27\n# public key: age1abc\n\n{X25519}\r\n"


def found(*texts: str, file: Path | None = None) -> list[tuple[str, bool]]:
    identities = Identities(AGE, texts, None if file is None else str(file))
    return [(key.text, key.ssh) for key in age_identities(identities)]


def test_both_kinds_of_keys_are_read() -> None:
    assert found(FILE, ED25519.text, X25519.lower()) == [(X25519, False), (ED25519.text, True), (X25519, False)]


def test_line_ends_and_blanks_around_an_openssh_key_do_not_count() -> None:
    changed = "\n " + ED25519.text.replace("\n", "\r\n").rstrip()
    assert found(changed) == [(ED25519.text, True)]


def test_a_private_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    file.write_text(FILE)
    file.chmod(0o600)
    assert found(file=file) == [(X25519, False)]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.txt"
    file.write_text(FILE)
    file.chmod(mode)
    with pytest.raises(InvalidRequest, match=f"others may read it .*mode 0{mode:o}"):
        found(file=file)


def test_other_files_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(InvalidRequest, match="is not a regular file"):
        found(file=tmp_path / "fifo")
    with pytest.raises(InvalidRequest, match="No such file"):
        found(file=tmp_path / "missing")
    with pytest.raises(InvalidRequest, match=f"identities_file: {Path.cwd()}/missing: No such file"):
        found(file=Path("missing"))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("canary", "item 1 is not a private key"),
        (X25519[:-1], "item 1 is not a private key"),
        ("AGE-SECRET-KEY-PQ-1" + X25519[16:], "post-quantum"),
        ("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", "is a public key"),
        (ED25519.public, "is a public key"),
        (LOCKED.text, "is encrypted with a passphrase"),
        (ED25519.text.replace("OPENSSH", "RSA"), "is not a private key of OpenSSH"),
        (ED25519.text[:80], "is not a private key of OpenSSH"),
        (ssh_keys.key("unit-ecdsa", kind="ecdsa").text, "is not an ssh-ed25519 key"),
    ],
)
def test_every_other_text_is_refused_and_not_shown(text: str, fact: str) -> None:
    with pytest.raises(InvalidRequest, match=fact) as caught:
        found(text)
    assert text.splitlines()[0] not in caught.value.message + caught.value.cure
    assert caught.value.cure.startswith("Set decrypt.identities ")


def test_a_task_without_identities_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no identity is given"):
        found()
    with pytest.raises(InvalidRequest, match="no identity is given"):
        found("# created: 2026-11-27")


def test_the_repr_has_no_secret() -> None:
    assert X25519 not in repr(age_identities(Identities(AGE, (X25519,))))
