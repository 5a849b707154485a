# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials: a file for each secret, private, and none with a spelling error."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.credentials import (
    read_credentials,
    read_ping_url,
)

NAMES = ("password", "private_key", "sign.private_key")


def store(directory: Path, name: str, content: bytes, mode: int = 0o600) -> None:
    """Store a secret."""
    (directory / name).write_bytes(content)
    (directory / name).chmod(mode)


@pytest.fixture(autouse=True)
def _no_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_a_named_directory(tmp_path: Path) -> None:
    store(tmp_path, "password", b"two words\n")
    store(tmp_path, "sign.private_key", b"-----BEGIN\nline\n\n")
    store(tmp_path, "ping_url", b"https://ping.example.com")
    assert read_credentials(str(tmp_path), NAMES, job="nightly") == {
        "password": "two words",
        "sign.private_key": "-----BEGIN\nline\n",
    }


def test_the_directory_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ACLs, systemd's files show the group's bits."""
    store(tmp_path, "password", b"secret", 0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_credentials(None, NAMES, job="nightly") == {"password": "secret"}
    with pytest.raises(InvalidRequest, match=r"credentials: password: other accounts can read .* mode 0440"):
        read_credentials(str(tmp_path), NAMES, job="nightly")


def test_names_in_the_directory_of_systemd_are_bound_to_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path, "secure-sync-nightly.sign.private_key", b"secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_credentials(None, NAMES, job="nightly") == {"sign.private_key": "secret"}
    with pytest.raises(InvalidRequest, match=r"secure-sync-nightly\.sign\.private_key is not the name of a secret"):
        read_credentials(None, NAMES, job="other")
    with pytest.raises(InvalidRequest, match="is not the name of a secret"):
        read_credentials(str(tmp_path), NAMES, job="nightly")


def test_no_directory() -> None:
    assert read_credentials(None, NAMES, job="nightly") == {}


def test_a_name_without_meaning_is_refused(tmp_path: Path) -> None:
    store(tmp_path, "pasword", b"canary")
    with pytest.raises(InvalidRequest, match=r"^credentials: pasword is not the name of a secret$") as caught:
        read_credentials(str(tmp_path), NAMES, job="nightly")
    assert "password, private_key" in caught.value.cure


@pytest.mark.parametrize(("content", "mode"), [(b"canary", 0o644), (b"canary\xff", 0o600)])
def test_an_error_never_shows_a_secret(tmp_path: Path, content: bytes, mode: int) -> None:
    store(tmp_path, "password", content, mode)
    with pytest.raises(InvalidRequest, match=r"^credentials: password: ") as caught:
        read_credentials(str(tmp_path), NAMES, job="nightly")
    assert "canary" not in caught.value.message + caught.value.cure


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"^credentials: .*missing: No such file"):
        read_credentials(str(tmp_path / "missing"), NAMES, job="nightly")


def test_the_url_for_pings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_ping_url(None, job="nightly") is None
    assert read_ping_url(str(tmp_path), job="nightly") is None
    store(tmp_path, "ping_url", b"https://ping.example.com/canary\n")
    assert read_ping_url(str(tmp_path), job="nightly") == "https://ping.example.com/canary"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_ping_url(None, job="nightly") == "https://ping.example.com/canary"
    store(tmp_path, "ping_url", b"https://ping.example.com/canary\n", 0o644)
    with pytest.raises(InvalidRequest, match=r"^credentials: ping_url: other accounts") as caught:
        read_ping_url(None, job="nightly")
    assert "canary" not in caught.value.message


def test_the_url_for_pings_has_the_name_of_its_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    store(tmp_path, "secure-sync-nightly.ping_url", b"https://ping.example.com/canary")
    assert read_ping_url(None, job="nightly") == "https://ping.example.com/canary"
    assert read_ping_url(None, job="other") is None
