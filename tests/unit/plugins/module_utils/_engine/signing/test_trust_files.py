# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of allowed signers and of revoked keys: a missing, empty, damaged or open file fails closed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.signing.signers import (
    read_revoked,
    read_signer_lines,
)
from support.servers.ssh_keys import key, revocation_list


def code_of(path: Path) -> str:
    with pytest.raises(SyncError) as refused:
        read_revoked(str(path), "revoked_keys_file")
    assert refused.value.message.startswith("revoked_keys_file: ")
    assert refused.value.cure
    return refused.value.code


def test_a_krl_and_a_list_of_keys_are_read(tmp_path: Path) -> None:
    krl = read_revoked(str(revocation_list(key("old"))), "revoked_keys_file")
    assert krl.binary
    listed = tmp_path / "list"
    listed.write_text(f"# lost in March\n\n{key('old').public} its comment\n")
    assert not read_revoked(str(listed), "revoked_keys_file").binary


def test_a_list_may_say_that_nothing_is_revoked_yet(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("# no key is revoked yet\n")
    assert read_revoked(str(listed), "revoked_keys_file").content == b"# no key is revoked yet\n"


@pytest.mark.parametrize("content", [b"", b"\n \n", b"SSHKR", b"rubbish\n", b"ssh-ed25519 AAAA\n"])
def test_an_empty_or_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "revoked"
    path.write_bytes(content)
    assert code_of(path) == "trust_store_unreadable"


def test_a_missing_file_and_other_things_are_refused(tmp_path: Path) -> None:
    assert code_of(tmp_path / "missing") == "trust_store_unreadable"
    with pytest.raises(SyncError, match=f"^revoked_keys_file: {Path.cwd()}/missing: No such file"):
        read_revoked("missing", "revoked_keys_file")
    assert code_of(tmp_path) == "trust_store_unreadable"
    os.mkfifo(tmp_path / "fifo")
    assert code_of(tmp_path / "fifo") == "trust_store_unreadable"


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "revoked"
    path.write_text(key("old").public)
    path.chmod(0o620)
    assert code_of(path) == "pin_store_unsafe"


def test_lines_of_signers_are_read_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "signers"
    path.write_bytes(b"one\ntwo\xff\n")
    assert read_signer_lines(str(path), "allowed_signers_file") == ["one", "two\udcff", ""]
