# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys by ssh-keygen: encrypted by a passphrase with any characters."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.client_keys.job import (
    is_encrypted,
    make_key,
)


def opens(path: Path, passphrase: str) -> bool:
    """Whether a passphrase belongs to a key; a passphrase of the test may appear in a command line."""
    words = ["ssh-keygen", "-y", "-P", passphrase, "-f", str(path)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("passphrase", ["correct horse battery", "a'\"$(x)`\\ ü", " spaces at both ends "])
def test_the_passphrase_closes_the_key(tmp_path: Path, passphrase: str) -> None:
    make_key(str(tmp_path / "key"), "ed25519", passphrase, "job/generation")
    assert opens(tmp_path / "key", passphrase)
    assert not opens(tmp_path / "key", "")
    assert not opens(tmp_path / "key", passphrase.strip() + "x")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "key.pub").read_text().endswith(" job/generation\n")


def test_a_key_without_a_passphrase_is_told(tmp_path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "open")]
    subprocess.run(words, check=True, capture_output=True)
    assert not is_encrypted((tmp_path / "open").read_text())
    assert not is_encrypted("no key")


def test_what_ssh_keygen_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="ssh-keygen failed"):
        make_key(str(tmp_path / "missing" / "key"), "ed25519", "correct horse", "c")
