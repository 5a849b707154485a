# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored secrets of a job. systemd-creds is a script: the real program needs root, and a key of the host."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment import credstore
from support.scripted.programs import Programs

SCRIPT = """case "$1" in
encrypt) test "$3 $4" = "- -" && { echo "$2"; cat; } ;;
decrypt) read -r bound < "$3"; test "$2" = "$bound" && sed 1d "$3" ;;
esac"""
"""Stores the name in front of the secret."""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path, monkeypatch)
    made.put("systemd-creds", SCRIPT)
    monkeypatch.setattr(credstore, "CREDSTORE", str(tmp_path / "store"))
    return made


def store(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "store").mkdir(exist_ok=True)
    (tmp_path / "store" / name).write_bytes(content)


def test_a_secret_comes_back_under_its_own_name_alone(programs: Programs, tmp_path: Path) -> None:
    sealed = credstore.sealed("nightly", "password", "canary")
    for name in ("secure-sync-nightly.password", "secure-sync-weekly.password"):
        store(tmp_path, name, sealed)
    assert credstore.stored_secret("nightly", "password") == "canary"
    assert credstore.stored_secret("weekly", "password") is None, "it is bound to the other job"
    assert credstore.stored_secret("nightly", "passphrase") is None
    assert not any("canary" in each for each in programs.calls), "a secret is in no argument"


@pytest.mark.parametrize(
    ("script", "why"),
    [("cat >&2; echo x; exit 1", "canary"), ("cat >/dev/null", "no reason given")],
    ids=["status", "no output"],
)
def test_a_secret_that_cannot_be_encrypted(programs: Programs, script: str, why: str) -> None:
    programs.put("systemd-creds", script)
    with pytest.raises(OperationFailed, match=f"secrets.password: systemd-creds could not encrypt it: {why}"):
        credstore.sealed("nightly", "password", "canary")


def test_the_keys_of_a_job(tmp_path: Path, programs: Programs) -> None:
    assert credstore.stored_keys("nightly") == []
    for name in ("secure-sync-nightly.b", "secure-sync-nightly.a", "secure-sync-nightly2.c", "other"):
        store(tmp_path, name, b"")
    assert credstore.stored_keys("nightly") == ["a", "b"]


def test_a_host_without_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperationFailed, match="systemd-creds is not installed"):
        credstore.sealed("nightly", "password", "canary")
