# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of pins: replaced whole, by one at a time, and never through a link."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    Locked,
    PinStoreUnsafe,
    SyncError,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins import store as pin_store
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.store import (
    read_store,
    update_store,
)
from support.running.child import NOBODY, in_child


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_file_is_empty_and_is_made_private(tmp_path: Path) -> None:
    file = tmp_path / "ssh" / "known"
    assert read_store(str(file)) == b""
    update_store(str(file), lambda content: content)
    assert not file.parent.exists(), "nothing to write makes nothing"
    umask = os.umask(0)
    try:
        update_store(str(file), lambda content: content + b"pin\n")
    finally:
        os.umask(umask)
    assert (file.read_bytes(), mode(file), mode(file.parent)) == (b"pin\n", 0o600, 0o700)


def test_only_one_directory_is_made(tmp_path: Path) -> None:
    with pytest.raises(TrustStoreUnreadable, match="No such file"):
        update_store(str(tmp_path / "a" / "b" / "c"), lambda content: b"x")


@pytest.mark.parametrize("wanted", [0o600, 0o644, 0o400, 0o640])
def test_mode_and_owner_stay(tmp_path: Path, wanted: int) -> None:
    file = tmp_path / "known"
    file.write_bytes(b"old")
    file.chmod(wanted)
    before = file.stat()
    update_store(str(file), lambda content: content + b" new")
    after = file.stat()
    assert file.read_bytes() == b"old new"
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    assert after.st_ino != before.st_ino, "a new file in the place of the old one"


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_bytes(b"same")
    before = file.stat()
    update_store(str(file), lambda content: b"same")
    after = file.stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)


def refusals(directory: Path) -> dict[str, Path]:
    """Create an invalid file."""
    (directory / "good").write_bytes(b"x")
    (directory / "link").symlink_to("good")
    (directory / "dangling").symlink_to("nowhere")
    os.mkfifo(directory / "fifo")
    (directory / "folder").mkdir()
    (directory / "shared").write_bytes(b"x")
    (directory / "shared").chmod(0o664)
    open_to_all = directory / "open"
    open_to_all.mkdir()
    (open_to_all / "known").write_bytes(b"x")
    open_to_all.chmod(0o777)
    names = ("link", "dangling", "fifo", "folder", "shared")
    return {**{name: directory / name for name in names}, "open directory": open_to_all / "known"}


@pytest.mark.parametrize("what", ["link", "dangling", "fifo", "folder", "shared", "open directory"])
def test_what_others_could_change_is_refused(tmp_path: Path, what: str) -> None:
    path = refusals(tmp_path)[what]
    for act in (lambda: read_store(str(path)), lambda: update_store(str(path), lambda content: b"y")):
        with pytest.raises(PinStoreUnsafe):
            act()
    assert (tmp_path / "good").read_bytes() == b"x"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Root alone can give a file away; anybody else has one of root's, which may be read."""
    file = tmp_path / "known"
    file.write_bytes(b"x")
    if os.geteuid() == 0:
        os.chown(file, NOBODY, NOBODY)
        with pytest.raises(PinStoreUnsafe, match=str(NOBODY)):
            read_store(str(file))
    else:
        assert read_store("/etc/passwd")


def test_what_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    file = tmp_path / "known"
    file.write_bytes(b"x")
    file.chmod(0o644)

    def attempt() -> str:
        try:
            update_store(str(file), lambda content: b"y")
        except SyncError as error:
            return error.code
        return "written"

    tmp_path.chmod(0o555)
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    assert in_child(attempt, unprivileged=True) == "permission_denied"
    assert file.read_bytes() == b"x"


def test_a_file_that_changes_meanwhile_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_bytes(b"first")
    calls: list[bytes] = []

    def change(content: bytes) -> bytes:
        calls.append(content)
        if len(calls) == 1:
            file.write_bytes(b"by somebody")
        return content + b" ours"

    update_store(str(file), change)
    assert calls == [b"first", b"by somebody"]
    assert file.read_bytes() == b"by somebody ours"
    assert os.listdir(tmp_path) == ["known"], "no temporary file stays"


def test_a_file_that_never_rests_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_bytes(b"")

    def change(content: bytes) -> bytes:
        file.write_bytes(content + b"x")
        return b"ours"

    with pytest.raises(Locked, match="keeps changing"):
        update_store(str(file), change)
    assert os.listdir(tmp_path) == ["known"]


def test_an_error_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "known"
    file.write_bytes(b"old")

    def fails(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pin_store.os, "fsync", fails)
    with pytest.raises(SyncError) as caught:
        update_store(str(file), lambda content: b"new")
    assert caught.value.code == "no_space"
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"old", ["known"])


def test_the_lock_is_waited_for_and_then_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    file = tmp_path / "known"
    file.write_bytes(b"old")
    monkeypatch.setattr(pin_store, "_LOCK_SECONDS", 0.1)
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(Locked, match="locked"):
            update_store(str(file), lambda content: b"new")
    finally:
        os.close(handle)
    update_store(str(file), lambda content: b"new")
    assert file.read_bytes() == b"new"
