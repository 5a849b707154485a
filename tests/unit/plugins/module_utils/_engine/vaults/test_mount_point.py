# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mount point of a locked vault. Its parts that need root run in tests/hosts/test_at_rest.py."""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed, VaultUnsafe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import ChangeReport, Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.entries import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import Walker
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults import mount_point
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import Vault

VAULT = Vault("jails", "/var/lib/vaults/jails", "/srv/jail")


def looked(monkeypatch: pytest.MonkeyPatch, out: str) -> None:
    monkeypatch.setattr(mount_point, "ask_program", lambda *_words: Completed(0, out, ""))
    mount_point.bare(VAULT)


def test_a_closed_mount_point_below_a_mount(monkeypatch: pytest.MonkeyPatch) -> None:
    looked(monkeypatch, "0:0 555\n")


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("0:0 555\nleftover\n.hidden\n", "holds entries outside the vault jails, unencrypted: 2"),
        ("0:0 755\n", "owner and mode 0:0 755"),
        ("1000:0 555\n", "owner and mode 1000:0 555"),
        ("", "owner and mode ?"),
    ],
)
def test_an_open_one(monkeypatch: pytest.MonkeyPatch, out: str, words: str) -> None:
    with pytest.raises(VaultUnsafe, match=words.replace("?", r"\?")):
        looked(monkeypatch, out)


def test_an_account_that_can_write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def write(*words: str) -> Completed:
        Path(words[-1]).touch()
        return Completed(0, "begun\n", "")

    monkeypatch.setattr(mount_point, "ask_program", write)
    with pytest.raises(VaultUnsafe, match="the user 1000 can write"):
        mount_point.require_closed(VAULT._replace(mount=str(tmp_path)), 1000, "x")
    assert os.listdir(tmp_path) == []


def test_an_account_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(mount_point, "ask_program", lambda *words: asked.append(words) or Completed(2, "begun\n", ""))
    mount_point.require_closed(VAULT, 0, "x")
    assert "--reuid=65534" in asked[0], "root stands for any account"


def test_an_account_that_did_not_try(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Completed(127, "", "setpriv: setresuid failed: Operation not permitted")
    monkeypatch.setattr(mount_point, "ask_program", lambda *_words: failed)
    with pytest.raises(
        OperationFailed, match="the user 1000 could try to write to /srv/jail: setpriv: setresuid failed"
    ):
        mount_point.require_closed(VAULT, 1000, "x")


def test_mounted_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not mount_point.is_mounted(VAULT._replace(mount=str(tmp_path)))
    assert mount_point.is_mounted(VAULT._replace(mount="/proc"))

    assert not mount_point.is_mounted(VAULT._replace(mount=str(tmp_path / "missing")))

    def dead(_path: str) -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    monkeypatch.setattr(mount_point.os, "lstat", dead)
    assert mount_point.is_mounted(VAULT)
    assert mount_point.is_dead(VAULT)


@pytest.mark.parametrize(("on", "before", "after"), [(True, 0x80000, 0x80010), (False, 0x80010, 0x80000)])
def test_the_attribute_alone_changes(monkeypatch: pytest.MonkeyPatch, *, on: bool, before: int, after: int) -> None:
    """Only root may set it, so the answers are those of a file system (ioctl_iflags(2))."""
    flags = [before]

    def ioctl(_descriptor: int, request: int, buffer: Any) -> None:
        if request & 0xFF == 1:
            buffer[0] = flags[-1]
        else:
            flags.append(buffer[0])

    monkeypatch.setattr(mount_point.fcntl, "ioctl", ioctl)
    assert mount_point._set_immutable(0, on=on)
    assert mount_point._set_immutable(0, on=on)
    assert flags == [before, after], "written once"


def test_a_disk_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mount_point.fcntl, "ioctl", Mock(side_effect=OSError(errno.EIO, "Input/output error")))
    with pytest.raises(OSError, match="Input/output error"):
        mount_point._set_immutable(0, on=True)


def test_a_file_system_without_the_attribute() -> None:
    descriptor = os.open("/proc", os.O_RDONLY)
    try:
        assert not mount_point._set_immutable(descriptor, on=True)
    finally:
        os.close(descriptor)


class Host:
    """A host below a directory that this account owns as root owns a real host. attribute: each value that was set"""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mount = root / "srv/jail"
        self.mount.parent.mkdir(mode=0o755)
        self.attribute: list[bool] = []
        self.takes_attribute = True
        monkeypatch.setattr(mount_point, "Walker", partial(Walker, owner=os.getuid(), start=str(root)))
        monkeypatch.setattr(mount_point, "_CLOSED", Attributes(os.getuid(), os.getgid(), 0o555))
        monkeypatch.setattr(mount_point, "_set_immutable", self._set)

    def _set(self, _descriptor: int, *, on: bool) -> bool:
        self.attribute.append(on)
        return self.takes_attribute

    def keep(self, *, check: bool = False) -> ChangeReport:
        changes = Changes(check_mode=check)
        mount_point.keep_mount_point(VAULT, changes)
        return changes.report()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


def test_a_mount_point_is_made_and_closed_to_root_too(host: Host) -> None:
    assert len(host.keep().changes) == 1
    assert (host.mount.stat().st_mode & 0o777, host.attribute) == (0o555, [True])
    assert host.keep().changes == ()


def test_a_mount_point_with_another_mode_is_opened_for_the_correction(host: Host) -> None:
    host.mount.mkdir(mode=0o755)
    assert len(host.keep().changes) == 1
    assert (host.mount.stat().st_mode & 0o777, host.attribute) == (0o555, [False, True])


@pytest.mark.parametrize("mode", [None, 0o755])
def test_check_mode_leaves_the_mount_point_as_it_is(host: Host, mode: int | None) -> None:
    if mode:
        host.mount.mkdir(mode=mode)
    assert len(host.keep(check=True).changes) == 1
    assert host.attribute == []
    assert (host.mount.stat().st_mode & 0o777 if host.mount.exists() else None) == mode
    host.mount.parent.rename(host.mount.parent.with_name("other"))
    assert [each.path for each in host.keep(check=True).changes] == [VAULT.mount]


def test_files_that_a_mount_would_hide_are_never_closed_in(host: Host) -> None:
    host.mount.mkdir(mode=0o755)
    (host.mount / "secret").touch()
    with pytest.raises(VaultUnsafe, match="holds entries outside the vault jails, unencrypted: 1"):
        host.keep()
    assert (host.mount.stat().st_mode & 0o777, host.attribute) == (0o755, [])


def test_a_file_system_without_the_attribute_is_a_note(host: Host) -> None:
    host.takes_attribute = False
    assert [each.partition(":")[0] for each in host.keep().notes] == [VAULT.mount]
