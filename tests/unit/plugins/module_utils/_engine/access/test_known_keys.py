# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of an account of this machine, in files below its directory."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import known_keys as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.authorized_lines import key_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.known_keys import (
    AccountKeys,
    account_keys,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.read_as import read_as
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from support.servers.ssh_keys import key

ONE, TWO, THREE = (key_of(" ".join(key(name).public.split()[:2])) for name in ("partner", "partner-new", "admin"))
OWN = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """sshd's answers and the other accounts are given; each account has two files."""
    monkeypatch.setattr(module, "read_as", lambda _account, path: read_as(OWN, path))
    monkeypatch.setattr(module, "key_words", lambda _account: ["one", "two"])
    monkeypatch.setattr(module, "key_paths", lambda name, words: [f"{tmp_path}/{name}-{word}" for word in words])
    monkeypatch.setattr(module, "other_ways", lambda _account: ["TrustedUserCAKeys"])
    monkeypatch.setattr(module, "other_accounts", lambda account, _logins, shadow: ["daemon", "bin"])
    monkeypatch.setattr(module, "_prints_of_this_login", lambda: frozenset({THREE.fingerprint}))
    return tmp_path


def test_keys_of_the_account_and_of_others(files: Path) -> None:
    (files / f"{OWN}-one").write_text(f"{ONE.text}\n")
    (files / f"{OWN}-two").write_text(f"\ncert-authority {TWO.text}\n{TWO.text}\n{THREE.text}\n")
    (files / "bin-two").write_text(f"{TWO.text}\nodd\n")
    found = account_keys(OWN, "admin")
    assert found.found == (ONE, TWO, THREE)
    assert found.odd == (f"line 2 of {files}/{OWN}-two is not exactly one plain key",)
    assert found.ways == ("TrustedUserCAKeys",)
    assert [found.keeps(each) for each in found.found] == [False, True, True]


def test_files_that_cannot_be_read(files: Path) -> None:
    """Keys that are not known cannot be refused. Of another account they open nothing either."""
    os.mkfifo(files / "bin-one")
    assert account_keys(OWN, "") == AccountKeys(kept_prints=frozenset({THREE.fingerprint}), ways=("TrustedUserCAKeys",))
    os.mkfifo(files / f"{OWN}-one")
    with pytest.raises(OperationFailed):
        account_keys(OWN, "")


def test_the_file_of_the_account_is_not_a_file_of_others(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sshd has a file for each account by its name: read for another account too, it would spare every key."""
    monkeypatch.setattr(module, "key_words", lambda account: [str(files / account)])
    monkeypatch.setattr(module, "key_paths", lambda _account, words: words)
    (files / OWN).write_text(ONE.text)
    found = account_keys(OWN, "")
    assert (found.found, found.keeps(ONE)) == ((ONE,), False)
