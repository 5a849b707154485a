# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a jail, as far as it needs no root."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AlreadyExists, Refused
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import removal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.archive import Archived, archive_tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.removal import (
    moved_jails,
    remove_jail,
    remove_keys,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.request import ABSENT, DELETE, Jail
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Changes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.root_owned_path import closing

JAIL = Jail("no-such-account", ABSENT)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[int]:
    (tmp_path / JAIL.name / "data").mkdir(parents=True)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def remove(
    jail: Jail, base: int, tmp_path: Path, *, check_mode: bool = False, archive: str = "a.tar.gz", name: str = ""
) -> Changes:
    changes = Changes(check_mode=check_mode)
    shown = f"{tmp_path}/{name or jail.name}"
    remove_jail(jail, changes, base=base, shown=shown, archives=base, archive=f"{tmp_path}/{archive}")
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


def test_after_a_failure_the_jail_is_where_it_was(base: int, tmp_path: Path) -> None:
    (tmp_path / JAIL.name).chmod(0o750)
    (tmp_path / "a.tar.gz").write_text("older")
    with pytest.raises(AlreadyExists):
        remove(JAIL, base, tmp_path)
    assert (tmp_path / JAIL.name).stat().st_mode & 0o777 == 0o750
    assert moved_jails(JAIL.name, base) == []


def replaced(data: Path) -> None:
    (data / "new").write_text("old")
    (data / "new").rename(data / "file")


def rewritten(data: Path) -> None:
    """Size and time are kept."""
    status = (data / "file").stat()
    (data / "file").write_text("new")
    os.utime(data / "file", ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "more": (lambda data: os.truncate(data / "file", 9), "data/file"),
    "rewritten": (rewritten, "data/file"),
    "replaced": (replaced, "data/file"),
    "renamed": (lambda data: (data / "file").rename(data / "other"), "data/other"),
    "new file": (lambda data: (data / "new").write_text("new"), "data/new"),
    "new directory": (lambda data: (data / "new/deep").mkdir(parents=True), "data/new/deep"),
    "new link": (lambda data: (data / "new").symlink_to("file"), "data/new"),
    "at the top": (lambda data: (data.parent / "new").write_text("new"), "new"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_only_unchanged_entries_of_the_archive_are_removed(
    base: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The change stands for a program that works in the jail; tests/hosts/test_chroot_jail.py has a real program."""
    change, path = CHANGES[what]
    (tmp_path / JAIL.name / "data/file").write_text("old")
    (tmp_path / JAIL.name / "data/stays/not").mkdir(parents=True)

    def archived(*given: Any, **options: Any) -> Archived:
        found = archive_tree(*given, **options)
        (moved,) = moved_jails(JAIL.name, base)
        assert not (tmp_path / JAIL.name).exists()
        assert (tmp_path / moved).stat().st_mode & 0o777 == 0o700
        change(tmp_path / moved / "data")
        return found

    monkeypatch.setattr(removal, "archive_tree", archived)
    report = remove(JAIL, base, tmp_path, archive=f"{JAIL.name}-20260101T000000Z.tar.gz").report()
    (moved,) = moved_jails(JAIL.name, base)
    left = [str(each.relative_to(tmp_path / moved)) for each in (tmp_path / moved).rglob("*")]
    assert [each for each in left if each not in ("data", "data/new" if "deep" in path else "")] == [path]
    assert report.notes == (
        f"{tmp_path}/{moved}: entries that changed while the jail was archived, or are open for writing, "
        f"were kept: {path}",
    )
    monkeypatch.setattr(removal, "archive_tree", archive_tree)
    later = f"{JAIL.name}-20260101T000001Z.tar.gz"
    assert remove(JAIL, base, tmp_path, archive=later, name=moved).report().notes == ()
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"{JAIL.name}-20260101T000000Z.tar.gz", later]


def test_all_names_of_a_file_go(base: int, tmp_path: Path) -> None:
    data = tmp_path / JAIL.name / "data"
    (data / "a").write_text("1")
    for name in ("b", "c"):
        (data / name).hardlink_to(data / "a")
    assert remove(JAIL, base, tmp_path).report().notes == ()
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_file_that_a_program_may_still_write_stays(tmp_path: Path) -> None:
    """In memory, where each kernel knows who has a file open for writing; on some file systems it does not."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        (Path(place) / JAIL.name).mkdir()
        with (Path(place) / JAIL.name / "log").open("w") as log, closing(os.open(place, os.O_RDONLY)) as base:
            log.write("early")
            log.flush()
            named = f"{JAIL.name}-20260101T000000Z.tar.gz"
            assert "were kept: log" in remove(JAIL, base, Path(place), archive=named).report().notes[0]
            log.write(" and late")
            log.flush()
            (moved,) = moved_jails(JAIL.name, base)
            assert (Path(place) / moved / "log").read_text() == "early and late"


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
        monkeypatch.setattr(removal, "_inmates", lambda _tree: [inmate.pid] if inmate.poll() is None else [])
        remove(JAIL, base, tmp_path)
        assert inmate.wait(60) == -9


def test_keys_go(base: int, tmp_path: Path) -> None:
    (tmp_path / "k").symlink_to("/etc/passwd")
    for number in (1, 0):
        changes = Changes(check_mode=False)
        remove_keys(Jail("k", ABSENT), changes, parent=base, shown="/keys/k")
        assert len(changes.report().changes) == number
    assert Path("/etc/passwd").exists()
