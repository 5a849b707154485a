# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key and the certificate of a service, with the real openssl."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.own_certificate import (
    ask,
    install,
)
from support.running.durable_calls import durable_calls


def signed(key: Path) -> str:
    """Return a certificate of the key."""
    words = ["openssl", "req", "-x509", "-config", "/dev/null", "-key", str(key), "-subj", "/CN=files", "-days", "1"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_a_key_is_made_once_and_its_request_proves_it(tmp_path: Path) -> None:
    key, path = tmp_path / "key.pem", str(tmp_path / "certificate.pem")
    asked = ask(str(key), path, check_mode=False)
    assert [(each.path, each.before) for each in asked.changes] == [(str(key), "missing")]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert asked.certificate == ""
    verified = subprocess.run(
        ["openssl", "req", "-verify", "-noout"], input=asked.request, capture_output=True, text=True, check=True
    )
    assert "OK" in verified.stdout + verified.stderr
    content = key.read_bytes()
    assert ask(str(key), path, check_mode=False).changes == ()
    assert key.read_bytes() == content
    assert list(tmp_path.iterdir()) == [key]


def test_a_key_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut, an empty file under the name would stay, and fail each further run."""
    asked = durable_calls(monkeypatch)
    ask(str(tmp_path / "key.pem"), "/none", check_mode=False)
    assert asked == ["key.pem.new", "rename", tmp_path.name]


def test_check_mode_makes_nothing(tmp_path: Path) -> None:
    asked = ask(str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem"), check_mode=True)
    assert (len(asked.changes), asked.request) == (1, "")
    assert list(tmp_path.iterdir()) == []


def test_an_open_key_is_closed(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    ask(str(key), "/none", check_mode=False)
    key.chmod(0o644)
    assert len(ask(str(key), "/none", check_mode=True).changes) == 1
    assert stat.S_IMODE(key.stat().st_mode) == 0o644
    ask(str(key), "/none", check_mode=False)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_key_that_openssl_cannot_use_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("not a key")
    (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(OperationFailed, match="openssl makes no request"):
        ask(str(tmp_path / "key.pem"), "/none", check_mode=False)


def test_the_certificate_is_installed_through_a_link_and_shown_in_words(tmp_path: Path) -> None:
    key, path, target = tmp_path / "key.pem", tmp_path / "certificate.pem", tmp_path / "target.pem"
    ask(str(key), str(path), check_mode=False)
    path.symlink_to(target)
    pem = signed(key)
    (planned,) = install(str(path), pem, check_mode=True)
    assert not target.exists()
    (change,) = install(str(path), pem, check_mode=False)
    assert change == planned
    assert "CN" in change.after
    assert "BEGIN" not in change.after
    assert (path.is_symlink(), target.read_text()) == (True, pem)
    assert install(str(path), pem, check_mode=False) == ()
    assert ask(str(key), str(path), check_mode=False).certificate == pem
