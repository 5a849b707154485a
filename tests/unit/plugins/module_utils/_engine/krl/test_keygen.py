# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of ssh-keygen."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ClientMissing,
    KrlDamaged,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.entries import by_fingerprint, key_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import read_header
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import KrlFile, Spec, spec_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey
from support.servers.ssh_keys import key

SPEC = spec_of([by_fingerprint(key("lost").fingerprint)])


def public(name: str) -> PublicKey:
    return key_of(key(name).public, "keys")


def test_more_keys_leave_the_header(tmp_path: Path) -> None:
    file = KrlFile(str(tmp_path))
    made = file.make(SPEC, 7)
    more = file.extend([public("more")])
    assert read_header(more, "list") == read_header(made, "list")
    assert [file.refuses(public(name)) for name in ("lost", "more", "good")] == [True, True, False]
    assert file.extend([]) == more


def test_a_damaged_list_answers_nothing(tmp_path: Path) -> None:
    file = KrlFile(str(tmp_path), KrlFile(str(tmp_path)).make(SPEC, 7)[:-1])
    for ask in (file.listing, lambda: file.refuses(public("good"))):
        with pytest.raises(KrlDamaged):
            ask()


def test_ssh_keygen_refuses_the_text(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="ssh-keygen makes no list: "):
        KrlFile(str(tmp_path)).make(Spec("serial: x\n", ()), 1)


def test_no_ssh_keygen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClientMissing):
        KrlFile(str(tmp_path)).listing()
