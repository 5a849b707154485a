# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a secret ID is due, and which files are renewed. OpenBao: faults/test_secret_id_crashes.py."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    IssuerRefused,
    SecretUnavailable,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing import renewal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.openbao import Issuer, Login
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.renewal import Renewal, renew
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import parse_utc

NOON = "2026-12-01T12:00:00"


@pytest.mark.parametrize(
    ("now", "found", "due"),
    [
        ("2026-12-01T11:29:59Z", {"secret_id_ttl": 3600, "expiration_time": f"{NOON}.123456789Z"}, False),
        ("2026-12-01T11:30:01Z", {"secret_id_ttl": 3600, "expiration_time": f"{NOON}.123456789Z"}, True),
        ("2026-12-01T09:29:59Z", {"secret_id_ttl": 3600, "expiration_time": f"{NOON}+02:00"}, False),
        ("2026-12-01T09:30:01Z", {"secret_id_ttl": 3600, "expiration_time": f"{NOON}+02:00"}, True),
        ("2026-12-01T12:00:00Z", {"secret_id_ttl": 0, "expiration_time": "0001-01-01T00:00:00Z"}, False),
        ("2026-12-01T12:00:00Z", {"secret_id_ttl": 3600, "expiration_time": "soon"}, True),
        ("2026-12-01T12:00:00Z", {"secret_id_ttl": "3600", "expiration_time": None}, False),
        ("2026-12-01T12:00:00Z", {}, False),
    ],
)
def test_a_secret_id_is_due_at_half_of_its_time(
    monkeypatch: pytest.MonkeyPatch, now: str, found: dict[str, Any], due: bool
) -> None:
    monkeypatch.setattr(renewal.time, "time", lambda: float(parse_utc(now)))
    assert renewal._is_due(found) is due


@pytest.mark.parametrize(
    ("kind", "error", "fact"),
    [
        ("none", SecretUnavailable, "No such file"),
        ("link", InvalidRequest, "must be a file of uid"),
        ("open directory", InvalidRequest, "in a directory that this account alone can write"),
        ("empty", SecretUnavailable, "has no secret ID"),
        ("open", SecretUnavailable, "other accounts can read"),
        ("not ASCII", SecretUnavailable, "has no secret ID"),
    ],
)
def test_a_file_that_is_not_renewed(tmp_path: Path, kind: str, error: type[SyncError], fact: str) -> None:
    """Nothing is asked: the address does not exist."""
    directory = tmp_path / "home"
    directory.mkdir(mode=0o777 if kind == "open directory" else 0o700)
    directory.chmod(0o777 if kind == "open directory" else 0o700)
    file = directory / "secret_id"
    if kind != "none":
        file.write_bytes({"empty": b"\n", "not ASCII": b"\xff"}.get(kind, b"canary"))
        file.chmod(0o644 if kind == "open" else 0o600)
    if kind == "link":
        file.rename(directory / "target")
        file.symlink_to("target")
    asked = Renewal(Issuer("https://192.0.2.1:1"), Login(role_id="role"), str(file), "secret_id_from")
    with pytest.raises(error, match=r"^secret_id_from: ") as caught:
        renew(asked, lambda _secret: None, check_mode=False)
    assert fact in caught.value.message
    assert caught.value.cure
    assert "canary" not in caught.value.message


def test_runs_with_one_file_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each takes the other's new secret ID for a leftover, and destroys it."""

    def carried_out(*_given: Any, **_words: Any) -> None:
        other = os.open(tmp_path / ".secret_id.lock", os.O_RDONLY)
        try:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append("locked")
        finally:
            os.close(other)

    seen: list[str] = []
    (tmp_path / "secret_id").write_text("canary")
    (tmp_path / "secret_id").chmod(0o600)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(renewal._Run, "__init__", carried_out)
    monkeypatch.setattr(renewal._Run, "carry_out", carried_out)
    asked = Renewal(Issuer("https://192.0.2.1:1"), Login(role_id="role"), str(tmp_path / "secret_id"), "secret_id_from")
    renew(asked, lambda _secret: None, check_mode=False)
    assert seen == ["locked", "locked"], "the file is read under the lock"


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is one of the run, which goes on: the file still has its secret ID."""
    (tmp_path / "secret_id").write_text("canary")
    (tmp_path / "secret_id").chmod(0o600)
    tmp_path.chmod(0o700)

    class Full:
        def __init__(self, *_arguments: Any) -> None: ...

        def carry_out(self, *, check_mode: bool) -> None:
            raise OSError(errno.ENOSPC, f"No space left on device, {check_mode}")

    monkeypatch.setattr(renewal, "_Run", Full)
    asked = Renewal(Issuer("https://192.0.2.1:1"), Login(role_id="role"), str(tmp_path / "secret_id"), "secret_id_from")
    failed = renewal.first_failure([asked, asked], lambda _secret: None, check_mode=False)
    assert failed is not None
    assert failed.code == "no_space"


class Role:
    """A secrets manager with one role, whose secret IDs are `valid`. It stands for OpenBao, which faults/ and
    integration/ start."""

    role = "auth/approle/role/job"

    def __init__(self) -> None:
        self.valid, self.lacking = {"first", "third"}, ""
        self.found: dict[str, Any] = {"secret_id_num_uses": 0, "secret_id_ttl": 60, "expiration_time": "soon"}

    def begin(self, _issuer: Issuer, login: Login) -> Role:
        assert login.role_id == "role"
        if login.secret_id not in self.valid:
            raise IssuerRefused("invalid role or secret ID")
        return self

    def ask(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        if path == "sys/capabilities-self":
            return {each: ["read" if each == self.lacking else "update"] for each in fields["paths"]}
        if path == f"{self.role}/secret-id/destroy":
            self.valid.discard(fields["secret_id"])
            return {}
        assert (path, fields) == (f"{self.role}/secret-id/lookup", {"secret_id": "first"})
        return self.found

    def wrapped(self, path: str, field: str) -> str:
        assert (path, field) == (f"{self.role}/secret-id", "secret_id")
        self.valid.add("second")
        return "second"


@pytest.fixture
def role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Role:
    role = Role()
    monkeypatch.setattr(renewal, "Session", role)
    put(tmp_path / "secret_id", "first")
    tmp_path.chmod(0o700)
    return role


def put(path: Path, text: str) -> None:
    path.write_text(f"{text}\n")
    path.chmod(0o600)


def renewed(directory: Path, *, check_mode: bool = False) -> tuple[dict[str, str], set[str]]:
    """Renew the secret ID; return the files afterwards, and the secrets that are hidden."""
    hidden: set[str] = set()
    asked = Renewal(Issuer("https://192.0.2.1:1"), Login(role_id="role"), str(directory / "secret_id"), "from")
    renew(asked, hidden.add, check_mode=check_mode)
    return {each.name: each.read_text() for each in directory.iterdir() if not each.name.endswith(".lock")}, hidden


def test_a_secret_id_that_is_due_is_replaced_and_destroyed(role: Role, tmp_path: Path) -> None:
    assert renewed(tmp_path) == ({"secret_id": "second\n"}, {"first", "second"})
    assert role.valid == {"second", "third"}
    assert (tmp_path / "secret_id").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_secret_id_that_is_not_due_or_only_checked_stays(role: Role, tmp_path: Path, check_mode: bool) -> None:
    if not check_mode:
        role.found["secret_id_ttl"] = 0
    assert renewed(tmp_path, check_mode=check_mode) == ({"secret_id": "first\n"}, {"first"})
    assert role.valid == {"first", "third"}


@pytest.mark.parametrize("suffix", [".new.new", ".new", ".old"])
@pytest.mark.parametrize(("left", "valid"), [("third", {"first"}), ("first", {"first", "third"}), ("", None)])
def test_a_secret_id_that_a_killed_run_left_is_destroyed(
    role: Role, tmp_path: Path, suffix: str, left: str, valid: set[str] | None
) -> None:
    """The one in use is not, nor is there one in an empty file."""
    role.found["secret_id_ttl"] = 0
    put(tmp_path / f"secret_id{suffix}", left)
    assert renewed(tmp_path)[0] == {"secret_id": "first\n"}
    assert role.valid == (valid or {"first", "third"})


@pytest.mark.parametrize("lacking", ["", "/lookup", "/destroy"])
def test_a_login_without_the_rights_fails_before_it_is_due(role: Role, tmp_path: Path, lacking: str) -> None:
    role.lacking = f"{role.role}/secret-id{lacking}"
    with pytest.raises(IssuerRefused) as caught:
        renewed(tmp_path)
    assert caught.value.message.endswith(f"no right to update {role.lacking}")
    assert f"the right to update {role.lacking}, or remove renew from from." in caught.value.cure
    assert role.valid == {"first", "third"}


def test_a_secret_id_for_a_number_of_logins_is_not_renewed(role: Role, tmp_path: Path) -> None:
    role.found["secret_id_num_uses"] = 3
    with pytest.raises(InvalidRequest, match="for a number of logins"):
        renewed(tmp_path)
    assert role.valid == {"first", "third"}
