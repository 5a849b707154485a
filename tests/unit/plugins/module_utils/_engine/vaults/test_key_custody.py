# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custody of a passphrase, with answers in place of the programs: real programs run in tests/hosts/test_at_rest.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import CustodyUnavailable
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults import key_custody
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import Key, Vault

VAULT = Vault("jails", "/var/lib/vaults/jails", "/srv/jail")
SECRET = "a passphrase of the operator"


def test_an_operators_passphrase_has_no_file() -> None:
    assert key_custody.sealed_path(VAULT, "operator") == ""
    assert len(set(key_custody.sealed_paths(VAULT).values())) == 3


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (Key("host", SECRET), ("systemd-creds", "encrypt", "--with-key=host", "--name=passphrase", "-", "-")),
        (
            Key("tang", SECRET, "http://tang", "thumb"),
            ("clevis", "encrypt", "tang", '{"url": "http://tang", "thp": "thumb"}'),
        ),
        (
            Key("tpm2", SECRET, pcr_ids="7,8"),
            ("clevis", "encrypt", "tpm2", '{"pcr_bank": "sha256", "pcr_ids": "7,8"}'),
        ),
        (Key("tpm2", SECRET), ("clevis", "encrypt", "tpm2", "{}")),
    ],
)
def test_sealed_by_a_pipe(monkeypatch: pytest.MonkeyPatch, key: Key, words: tuple[str, ...]) -> None:
    asked = []
    monkeypatch.setattr(
        key_custody, "ask_program", lambda *given, stdin: asked.append((given, stdin)) or Completed(0, "sealed", "")
    )
    assert key_custody.seal(key) == "sealed"
    assert asked == [(words, SECRET)]


def test_a_server_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_custody, "ask_program", lambda *_words, stdin: Completed(1, "", "Unable to\nfetch"))
    with pytest.raises(CustodyUnavailable, match=r"key.custody: tang could not seal the passphrase: Unable to fetch"):
        key_custody.seal(Key("tang", SECRET, "http://tang", "thumb"))


@pytest.mark.parametrize(
    ("custody", "cure"), [("tang", "Check key.url"), ("tpm2", "Read the journal"), ("host", "Read the journal")]
)
def test_the_cure_is_that_of_the_custody(monkeypatch: pytest.MonkeyPatch, custody: str, cure: str) -> None:
    monkeypatch.setattr(key_custody, "ask_program", lambda *_words, stdin: Completed(1, "", ""))
    with pytest.raises(CustodyUnavailable) as caught:
        key_custody.seal(Key(custody, SECRET, "http://tang", "thumb"))
    assert caught.value.cure.startswith(cure)


def test_an_empty_answer_is_no_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_custody, "ask_program", lambda *_words, stdin: Completed(0, "", ""))
    with pytest.raises(CustodyUnavailable):
        key_custody.seal(Key("host", SECRET))


def test_opened_or_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "jwe").write_text("sealed")
    monkeypatch.setattr(key_custody, "ask_program", lambda *_words, stdin=None: Completed(0, SECRET, ""))
    assert [key_custody.unseal(Key(name, SECRET), str(tmp_path / "jwe")) for name in ("host", "tang")] == [SECRET] * 2
    monkeypatch.setattr(key_custody, "ask_program", lambda *_words, stdin=None: Completed(1, SECRET, ""))
    assert [key_custody.unseal(Key(name, SECRET), str(tmp_path / "jwe")) for name in ("host", "tang")] == [None] * 2


def test_a_host_without_a_tpm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(key_custody, "_TPM", str(tmp_path / "tpm"))
    monkeypatch.delenv("TPM2TOOLS_TCTI", raising=False)
    with pytest.raises(CustodyUnavailable, match="this host has no TPM"):
        key_custody.require_custody(Key("tpm2", SECRET))
    key_custody.require_custody(Key("host", SECRET))
    (tmp_path / "tpm").touch()
    key_custody.require_custody(Key("tpm2", SECRET))
