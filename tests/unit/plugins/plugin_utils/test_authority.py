# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private authority is made once, and nothing ever replaces its key."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils import authority as module
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.authority import (
    Authority,
    AuthorityRefused,
    LibraryMissing,
    Place,
    open_authority,
)
from cryptography import x509
from cryptography.hazmat.primitives import serialization

PASSPHRASE = "canary-51 of the authority"


def place(directory: Path, passphrase: str = PASSPHRASE) -> Place:
    return Place(str(directory / "ca"), passphrase, "ftps_server_ca")


def opened(directory: Path, passphrase: str = PASSPHRASE, *, make: bool = True) -> Authority:
    return open_authority(place(directory, passphrase), "FTPS servers", make=make)


def files(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mode & 0o777) for path in (directory / "ca").iterdir()}


def test_it_is_made_once_with_an_encrypted_key(tmp_path: Path) -> None:
    first = opened(tmp_path)
    before = files(tmp_path)
    second = opened(tmp_path)
    assert (first.made, second.made) == (True, False)
    assert second.pem == first.pem
    assert files(tmp_path) == before
    assert {name: mode for name, (_, mode) in before.items()} == {"ca.key": 0o600, "ca.pem": 0o644}
    assert before["ca.key"][0].startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert (tmp_path / "ca").stat().st_mode & 0o777 == 0o700


def test_its_certificate_may_sign_and_nothing_else(tmp_path: Path) -> None:
    certificate = opened(tmp_path).certificate
    extensions = {type(each.value): each for each in certificate.extensions}
    assert extensions[x509.BasicConstraints].value == x509.BasicConstraints(ca=True, path_length=0)
    usage = extensions[x509.KeyUsage]
    assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (True, True, False)


def test_without_make_nothing_is_made(tmp_path: Path) -> None:
    assert opened(tmp_path, make=False) is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "ca").mkdir()
    assert opened(tmp_path, make=False) is None
    assert list((tmp_path / "ca").iterdir()) == []


@pytest.mark.parametrize(
    ("passphrase", "message"),
    [
        ("wrong, and long enough", "ftps_server_ca_passphrase: does not open {}"),
        ("", "ftps_server_ca_passphrase: must have at least 12 characters"),
        ("eleven char", "ftps_server_ca_passphrase: must have at least 12 characters"),
    ],
)
def test_a_wrong_passphrase_is_an_error_and_replaces_nothing(tmp_path: Path, passphrase: str, message: str) -> None:
    opened(tmp_path)
    before = files(tmp_path)
    with pytest.raises((AuthorityRefused, InvalidRequest)) as refused:
        opened(tmp_path, passphrase)
    assert refused.value.message == message.format(tmp_path / "ca/ca.key")
    assert "ftps_server_ca_passphrase" in refused.value.cure
    assert files(tmp_path) == before


def test_a_short_passphrase_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        opened(tmp_path, "")
    assert list(tmp_path.iterdir()) == []


def test_a_key_without_a_passphrase_is_refused(tmp_path: Path) -> None:
    key = opened(tmp_path).key
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "ca/ca.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    with pytest.raises(AuthorityRefused, match="is not encrypted"):
        opened(tmp_path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "ca/ca.key").chmod(0o640)
    with pytest.raises(AuthorityRefused, match="others have access"):
        opened(tmp_path)


def test_a_key_that_was_killed_before_its_certificate_goes_on(tmp_path: Path) -> None:
    opened(tmp_path)
    key = (tmp_path / "ca/ca.key").read_bytes()
    (tmp_path / "ca/ca.pem").unlink()
    assert opened(tmp_path).made
    assert (tmp_path / "ca/ca.key").read_bytes() == key


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "ca/ca.key").unlink()
    before = files(tmp_path)
    with pytest.raises(AuthorityRefused, match=r"holds ca\.pem and no ca\.key"):
        opened(tmp_path)
    assert files(tmp_path) == before


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "other").mkdir()
    other = opened(tmp_path / "other")
    (tmp_path / "ca/ca.pem").write_text(other.pem)
    with pytest.raises(AuthorityRefused, match="is not for the key next to it"):
        opened(tmp_path)


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "ca/ca.pem").write_text("nothing")
    with pytest.raises(AuthorityRefused, match="is not a certificate in PEM form"):
        opened(tmp_path)


def test_an_authority_that_ended_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VALID_DAYS", 0.00001)
    made = opened(tmp_path)
    monkeypatch.setattr(module, "VALID_DAYS", 3650)
    while module.datetime.datetime.now(module.datetime.timezone.utc) <= made.certificate.not_valid_after_utc:
        pass
    with pytest.raises(AuthorityRefused, match="ended at"):
        opened(tmp_path)


def test_many_at_the_same_time_make_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _number: opened(tmp_path), range(8)))
    assert len({each.pem for each in found}) == 1
    assert [each.made for each in found].count(True) == 1


def test_a_crash_leaves_no_half_written_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        opened(tmp_path)
    assert list((tmp_path / "ca").iterdir()) == []


def test_a_missing_library_is_named_with_the_python_that_lacks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HAS_CRYPTOGRAPHY", False)
    with pytest.raises(LibraryMissing) as refused:
        opened(tmp_path)
    assert "-m pip install 'cryptography>=42'" in refused.value.cure


def test_the_passphrase_is_not_shown(tmp_path: Path) -> None:
    assert PASSPHRASE not in repr(place(tmp_path))
