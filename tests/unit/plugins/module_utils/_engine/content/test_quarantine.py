# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quarantine: private, each content once, whole or not there."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.content import quarantine
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ContentRefused,
    InvalidRequest,
    QuarantineFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from support.scenes.content_scene import ContentScene, inspecting_program, scripted_check
from support.servers.clamd import FORBIDDEN
from support.trees.memory_transport import MemoryTransport


@pytest.mark.parametrize("kind", ["others", "link", "file"])
def test_a_quarantine_that_is_not_private(tmp_path: Path, kind: str) -> None:
    scene = ContentScene(tmp_path, push=False, command=inspecting_program(tmp_path, ""))
    if kind == "others":
        scene.quarantine.mkdir(mode=0o755)
        scene.quarantine.chmod(0o755)
    elif kind == "link":
        scene.quarantine.symlink_to(tmp_path / "nowhere")
    else:
        scene.quarantine.write_text("")
    with pytest.raises(InvalidRequest, match=r"content_check\.quarantine"):
        scene.check.begin()


def test_a_content_is_kept_once_with_each_finding(tmp_path: Path) -> None:
    with scripted_check(tmp_path, push=False) as (scene, clamd):
        scene.quarantine.mkdir(mode=0o700)
        (scene.quarantine / "killed.new").write_bytes(b"of a killed run")
        scene.check.begin()
        for clamd.behaviour in ("honest", "honest", "control"):  # The last gives another reason.
            assert isinstance(scene.receive(FORBIDDEN), ContentRefused)
        digest, findings = sorted(path.name for path in scene.quarantine.iterdir())
        assert findings == f"{digest}.json"
        assert (scene.quarantine / digest).read_bytes() == FORBIDDEN
        assert len((scene.quarantine / findings).read_bytes().splitlines()) == 1
        assert {stat.S_IMODE(path.stat().st_mode) for path in scene.quarantine.iterdir()} == {0o600}


def test_a_quarantine_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_check(tmp_path, push=False) as (scene, _clamd):
        scene.check.begin()

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        assert isinstance(scene.receive(FORBIDDEN), QuarantineFailed)
        assert list(scene.quarantine.iterdir()) == []
        assert not (scene.tree / "final").exists()


def keep(
    room: quarantine.Quarantine,
    content: bytes,
    path: str = "a",
    source: str = "one",
    reading: Callable[[str, bytes], None] | None = None,
) -> None:
    """Keep a content. reading: called whenever it is read."""
    there = MemoryTransport({b"a": content})
    file = there.open_source(RelPath(b"a"))
    there.faults.on_operation = reading
    room.keep(file, sha256(content).digest(), {"path": path, "source": source, "reason": "refused"})


def failed(room: quarantine.Quarantine, content: bytes, path: str) -> QuarantineFailed | None:
    try:
        keep(room, content, path=path)
    except QuarantineFailed as error:
        return error
    return None


def opened(path: Path, most: int = 1 << 30) -> quarantine.Quarantine:
    room = quarantine.Quarantine(os.fsencode(path), most, bool)
    room.begin()
    return room


def lines(path: Path, content: bytes) -> list[bytes]:
    return (path / f"{sha256(content).hexdigest()}.json").read_bytes().splitlines()


def test_a_finding_is_added_once_by_all_runs(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    for room in (first, second, first, opened(tmp_path)):
        keep(room, b"1")
        keep(room, b"1", path="b")
        keep(room, b"1", source="two")
    assert len(lines(tmp_path, b"1")) == 3


def test_a_finding_that_a_killed_run_left_in_part(tmp_path: Path) -> None:
    keep(opened(tmp_path), b"1")
    with (tmp_path / f"{sha256(b'1').hexdigest()}.json").open("ab") as file:
        file.write(b'{"path": "b", "sou')
    keep(opened(tmp_path), b"1", path="b")
    keep(opened(tmp_path), b"1", path="b")
    assert [line[-1:] for line in lines(tmp_path, b"1")] == [b"}", b"u", b"}"]


def test_findings_that_an_operator_removed(tmp_path: Path) -> None:
    room = opened(tmp_path)
    keep(room, b"1")
    for path in tmp_path.iterdir():
        path.unlink()
    keep(room, b"1")
    assert len(lines(tmp_path, b"1")) == 1
    assert (tmp_path / sha256(b"1").hexdigest()).read_bytes() == b"1"


def test_the_findings_of_a_content_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_MOST_FINDINGS", 1000)
    room = opened(tmp_path)
    said = [failed(room, b"1", str(number)) for number in range(60)]
    assert not any(said[:5])
    assert str(said[-1]).startswith(f"refused, and {tmp_path} has findings of this content up to their limit of 1000 B")
    assert 900 < len(b"\n".join(lines(tmp_path, b"1"))) <= 1000
    keep(room, b"1", path="0")  # is known
    keep(room, b"2")  # has its own limit


@pytest.mark.parametrize(("size", "kept"), [(1, 15), (1 << 16, 15), (3 << 16, 5)])
def test_all_files_have_a_limit(tmp_path: Path, size: int, kept: int) -> None:
    """Small contents count as 64 KiB. What does not fit leaves nothing behind; what is there may be found again."""
    room = opened(tmp_path, 1 << 20)
    for number in range(kept):
        keep(room, bytes([number]) * size)
    for full in (room, opened(tmp_path, 1 << 20)):
        with pytest.raises(QuarantineFailed, match=r" of 1\.0 MiB at most"):
            keep(full, b"x" * size)
        keep(full, b"\0" * size, path="b")
    assert len(list(tmp_path.iterdir())) == 2 * kept
    for path in tmp_path.iterdir():
        path.unlink()
    keep(opened(tmp_path, 1 << 20), b"x" * size)


def test_files_of_other_runs_count_after_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_FRESH", 0.0)
    first, second = opened(tmp_path, 3 << 16), opened(tmp_path, 3 << 16)
    keep(first, b"1")
    keep(second, b"2")
    with pytest.raises(QuarantineFailed):
        keep(first, b"3")


def test_a_run_that_has_the_lock_is_waited_for_with_a_sign_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only for a time. A copy under way is left alone by other runs."""
    calls: list[None] = []
    room = quarantine.Quarantine(os.fsencode(tmp_path), 1 << 30, lambda: calls.append(None))
    room.begin()
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    monkeypatch.setattr(quarantine, "_PATIENCE", 0.2)
    with pytest.raises(QuarantineFailed, match=r"refused, and other runs lock .* for more than 0\.2 s"):
        keep(room, b"1")
    assert len(calls) > 1
    os.close(other)
    keep(room, b"1")


def test_a_copy_under_way_is_left_alone_by_other_runs(tmp_path: Path) -> None:
    keep(opened(tmp_path), b"1", reading=lambda _name, _path: opened(tmp_path))
    assert (tmp_path / sha256(b"1").hexdigest()).read_bytes() == b"1"


def test_a_copy_under_way_counts(tmp_path: Path) -> None:
    """Other threads may not fill what is left meanwhile. A copy that came to nothing counts no more."""
    room, meanwhile = opened(tmp_path, 3 << 15), []
    keep(room, b"1", reading=lambda _name, _path: meanwhile.append(failed(room, b"2", "b")))
    assert meanwhile
    assert all(meanwhile)
    assert {path.stem for path in tmp_path.iterdir()} == {sha256(b"1").hexdigest()}
    room = opened(tmp_path / "other", 3 << 15)
    with pytest.raises(QuarantineFailed):
        room.keep(MemoryTransport({b"a": b"1"}).open_source(RelPath(b"a")), b"another", {"path": "", "reason": ""})
    keep(room, b"3")


def test_a_run_begins_while_a_copy_of_another_comes_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.new").touch()

    def gone(name: str, directory: int) -> bool:
        os.unlink(name, dir_fd=directory)
        return True

    monkeypatch.setattr(quarantine, "_is_abandoned", gone)
    opened(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_finding_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    room, real = opened(tmp_path), os.fsync
    if known:
        keep(room, b"1")

    def full(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(os, "fsync", full)
    assert failed(room, b"1", "b")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    monkeypatch.setattr(os, "fsync", real)
    keep(room, b"1", path="b")
    assert len(lines(tmp_path, b"1")) == 1 + known
