# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a jail, as far as it needs no root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Refused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import removal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.removal import (
    remove_jail,
    remove_keys,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import ABSENT, DELETE, Jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes

JAIL = Jail("no-such-account", ABSENT)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[int]:
    (tmp_path / JAIL.name / "data").mkdir(parents=True)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def remove(jail: Jail, base: int, tmp_path: Path, *, check_mode: bool = False) -> Changes:
    changes = Changes(check_mode=check_mode)
    shown = f"{tmp_path}/{jail.name}"
    remove_jail(jail, changes, base=base, shown=shown, archives=base, archive=f"{tmp_path}/a.tar.gz")
    return changes


def test_the_data_are_archived_and_go(base: int, tmp_path: Path) -> None:
    assert remove(JAIL, base, tmp_path).report().archives == (f"{tmp_path}/a.tar.gz",)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]
    assert remove(JAIL, base, tmp_path).report().changes == ()


def test_deleted_only_if_asked(base: int, tmp_path: Path) -> None:
    assert remove(JAIL._replace(removal=DELETE), base, tmp_path).report().archives == ()
    assert list(tmp_path.iterdir()) == []


def test_check_mode_tells(base: int, tmp_path: Path) -> None:
    (change,) = remove(JAIL, base, tmp_path, check_mode=True).report().changes
    assert change.after == f"in {tmp_path}/a.tar.gz"
    assert (tmp_path / JAIL.name / "data").is_dir()


def test_data_stay_if_the_archive_fails(base: int, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_text("older")
    with pytest.raises(Exception, match="an archive of this name"):
        remove(JAIL, base, tmp_path)
    assert (tmp_path / JAIL.name / "data").is_dir()


def test_an_account_that_is_there_is_refused(base: int, tmp_path: Path) -> None:
    (tmp_path / "nobody").mkdir()
    with pytest.raises(Refused, match="account: nobody still exists"):
        remove(Jail("nobody", ABSENT), base, tmp_path)
    assert (tmp_path / "nobody").is_dir()


def test_what_is_mounted_in_it_is_refused(base: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands for a mount: to make one takes root.
    monkeypatch.setattr(removal, "mounts_below", lambda path: [f"{path}/data"])
    with pytest.raises(Refused, match="is a mount point in the jail"):
        remove(JAIL, base, tmp_path)
    assert (tmp_path / JAIL.name / "data").is_dir()


def test_who_is_in_it_is_ended(base: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands for a root of a process: to change one takes root.
    with subprocess.Popen(["sleep", "600"]) as inmate:
        monkeypatch.setattr(removal, "_inmates", lambda _path: [inmate.pid] if inmate.poll() is None else [])
        remove(JAIL, base, tmp_path)
        assert inmate.wait(60) == -9


def test_keys_go(base: int, tmp_path: Path) -> None:
    (tmp_path / "k").symlink_to("/etc/passwd")
    for number in (1, 0):
        changes = Changes(check_mode=False)
        remove_keys(Jail("k", ABSENT), changes, parent=base, shown="/keys/k")
        assert len(changes.report().changes) == number
    assert Path("/etc/passwd").exists()
