# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport, at an SFTP server behind two pipes. Real servers: integration/test_sftp_contract.py."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp import pool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import (
    Kept,
    Rename,
    Transfer,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp import download, upload
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.names import Touch
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from support.contracts.served_contract import ServedContract
from support.scripted.served_stream import ServedStream, no_exec


class Area:
    """A directory that threads of this process serve."""

    def __init__(self, root: Path) -> None:
        self.root, self.remote_root = root, str(root)

    def give(self, _path: Path) -> None:
        """The files belong to this process."""


class TestOneSession(ServedContract):
    options = SftpOptions(parallel=1)
    behaviours: ClassVar[Sequence[str]] = ()
    levels, small_files = 20, 120

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, tmp_path_factory: pytest.TempPathFactory) -> Area:
        return Area(tmp_path_factory.mktemp("served"))

    def connect(self, _server: Area, root: bytes) -> SftpTransport:
        return SftpTransport(root, partial(ServedStream, behaviours=self.behaviours), no_exec, self.options)


class TestThreeSessions(TestOneSession):
    options = SftpOptions(parallel=3, durable=True)
    small_files = 1100


class TestNoExtensions(TestOneSession):
    behaviours = ("no_extensions", "short_reads")


class TestNoPosixRename(TestOneSession):
    behaviours = ("no_posix_rename", "check_file", "small_limits")


class TestBareAttributes(TestOneSession):
    options = SftpOptions()
    behaviours = ("bare_attributes",)


def test_a_download_goes_on_after_the_window_was_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WINDOW", 64 << 10)
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "there/f").write_bytes(os.urandom(600 << 10))
    far = SftpTransport(bytes(tmp_path / "there"), ServedStream, no_exec, SftpOptions(parallel=1, stall_timeout=10.0))
    with closing(far), closing(LocalTransport(bytes(tmp_path / "here"))) as here:
        entry, path = far.entry_at(RelPath(b"f")), RelPath(b"f")
        assert entry is not None
        assert here.root_entry() is not None
        (staged,) = far.download([Transfer(path, path, RelPath(b"stage"), entry, Attributes(0o640))], here)
    assert staged.error is None
    assert (tmp_path / "here/stage").read_bytes() == (tmp_path / "there/f").read_bytes()


def test_a_root_can_move_before_the_first_look(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two/f").write_text("x")
    with closing(SftpTransport(bytes(tmp_path / "one"), ServedStream, no_exec, SftpOptions(parallel=1))) as far:
        assert far.move_root(bytes(tmp_path / "two"))
        assert far.entry_at(RelPath(b"f")) is not None


CONTENT = bytes(range(256)) * 4096
D, MOMENT = RelPath(b"d"), 1_700_000_000 * 10**9
LEFT, ACCESSED = 300_000, 500_000_000


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("whole", LEFT), ("shorter", LEFT - 1000), ("longer", LEFT)]
    + [(kind, 0) for kind in ("empty", "gone", "link", "unmarked", "hard link")],
)
@pytest.mark.parametrize("behaviours", [(), ("no_extensions",)], ids=["extensions", "none"])
def test_an_upload_goes_on_in_the_stage_of_an_earlier_run(
    tmp_path: Path, kind: str, kept: int, behaviours: Sequence[str]
) -> None:
    """The bytes that are there are not sent again. Another file of this account is not written to, whether a link leads
    to it or it is in the place of the stage, with its size, mode and mtime."""
    here, there, stage = tmp_path / "here", tmp_path / "there", tmp_path / "there/stage"
    here.mkdir()
    there.mkdir()
    (here / "f").write_bytes(CONTENT)
    sizes = {"whole": LEFT, "shorter": LEFT - 1000, "longer": LEFT + 1000, "empty": 0}
    if kind in sizes:
        stage.write_bytes(b"-" * sizes[kind])
        os.utime(stage, (ACCESSED, time.time()))
    other = there / "other"
    other.write_bytes(b"-" * LEFT)
    if kind == "link":
        stage.symlink_to("other")
    elif kind in ("unmarked", "hard link"):
        os.link(other, stage)
    path, state = RelPath(b"f"), Kept(LEFT, None if kind == "unmarked" else (os.getuid(), ACCESSED))
    far = SftpTransport(
        bytes(there), partial(ServedStream, behaviours=behaviours), no_exec, SftpOptions(parallel=1, stall_timeout=10.0)
    )
    with closing(far), closing(LocalTransport(bytes(here))) as near:
        entry = near.entry_at(path)
        assert entry is not None
        transfer = Transfer(path, path, RelPath(b"stage"), entry, Attributes(0o640), kept=state)
        (staged,) = far.upload([transfer], near)
    assert (staged.error, staged.size, staged.digest) == (None, len(CONTENT), hashlib.sha256(CONTENT).digest())
    assert stage.read_bytes() == b"-" * kept + CONTENT[kept:]
    assert (stage.is_symlink(), stage.stat().st_mode & 0o777) == (False, 0o640)
    assert state.offset == (LEFT if kept else 0)
    assert other.read_bytes() == b"-" * LEFT


@pytest.mark.parametrize("behaviours", [(), ("no_extensions", "short_reads")], ids=["extensions", "none"])
def test_a_large_file_is_sent_and_read_by_several_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behaviours: Sequence[str]
) -> None:
    for each in (upload, download):
        monkeypatch.setattr(each, "STRIPED_FROM", 1 << 20)
    names = [b"a", b"b", b"c"]
    for directory in ("here", "there"):
        (tmp_path / directory).mkdir()
    for name in names:
        (tmp_path / "here" / name.decode()).write_bytes(os.urandom(3 << 20 if name == b"b" else 5000))
    opened: list[ServedStream] = []

    def connect() -> ServedStream:
        opened.append(ServedStream(behaviours=behaviours))
        return opened[-1]

    far = SftpTransport(bytes(tmp_path / "there"), connect, no_exec, SftpOptions(parallel=3, stall_timeout=10.0))
    with closing(far), closing(LocalTransport(bytes(tmp_path / "here"))) as near:
        for move, sides, letter in ((far.upload, (near, near), b"up-"), (far.download, (far, near), b"down-")):
            transfers = []
            for name in names:
                path = RelPath(name if move == far.upload else b"up-" + name)
                entry = sides[0].entry_at(path)
                assert entry is not None
                transfers.append(Transfer(path, path, RelPath(letter + name), entry, Attributes(0o640)))
            assert [staged.error for staged in move(transfers, near)] == [None] * 3
    assert len(opened) == 3
    for name in map(bytes.decode, names):
        content = (tmp_path / "here" / name).read_bytes()
        for copy in (tmp_path / "there" / f"up-{name}", tmp_path / "here" / f"down-{name}"):
            assert (copy.read_bytes() == content, copy.stat().st_mode & 0o777) == (True, 0o640)


SET, UNSET = (0o604, MOMENT), (0o600, None)
REPLACE = "cannot replace a file in one step"
LACKS = {
    "": (SET, (0o750, MOMENT), ()),
    "no_setstat": (SET, (0o750, MOMENT), ()),
    "no_setstat+no_extensions": ((0o640, None), UNSET, ("refuses to set modes and times (", REPLACE)),
    "no_modes_by_handle": (SET, (0o750, MOMENT), ()),
    "by handle alone": (SET, UNSET, ()),
    "no_posix_rename": (SET, (0o750, MOMENT), (REPLACE,)),
    "empty_hardlinks": (SET, (0o750, MOMENT), ()),
}


@pytest.mark.parametrize("lacks", LACKS)
def test_a_file_is_replaced_and_set_as_far_as_the_server_can(tmp_path: Path, lacks: str) -> None:
    file, directory, notes = LACKS[lacks]
    here, there = tmp_path / "here", tmp_path / "there"
    for each in (here, there, there / "d"):
        each.mkdir(mode=0o700)
    (here / "f").write_text("new")
    (there / "f").write_text("old")
    (there / "d").chmod(0o600)
    path, stage = RelPath(b"f"), RelPath(b"stage")
    behaviours = [name for name in lacks.split("+") if name and " " not in name]
    far = SftpTransport(
        bytes(there), partial(ServedStream, behaviours=behaviours), no_exec, SftpOptions(parallel=1, stall_timeout=10.0)
    )
    with closing(far), closing(LocalTransport(bytes(here))) as near:
        entry = near.entry_at(path)
        assert entry is not None
        far.create_file(RelPath(b"lock"), b"x")
        if lacks == "by handle alone":
            far.pool.setting.by_path = False
        (staged,) = far.upload([Transfer(path, path, stage, entry, Attributes(0o640))], near)
        (renamed,) = far.rename([Rename(stage, path)])
        done = far.set_attributes([(each, Attributes(0o604 if each == path else 0o750, MOMENT)) for each in (path, D)])
        assert [staged.error, renamed.error, *(each.error for each in done)] == [None] * 4
        assert [any(word in note for note in far.notes) for word in notes] == [True] * len(notes)
        assert len(far.notes) == len(notes)
    assert ((there / "f").read_text(), sorted(each.name for each in there.iterdir())) == ("new", ["d", "f", "lock"])
    for name, (mode, mtime) in (("f", file), ("d", directory)):
        found = (there / name).stat()
        assert (name, found.st_mode & 0o777, found.st_mtime_ns == MOMENT) == (name, mode, mtime is not None)


def test_a_beat_during_work_on_this_side_touches_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("x")
    os.utime(lock, ns=(MOMENT, MOMENT))
    with closing(SftpTransport(bytes(tmp_path), ServedStream, no_exec, SftpOptions(parallel=1))) as far:
        far.beat()
        assert far.root_entry() is not None
        far.touch_every(RelPath(b"lock"), 0.01)
        deadline = time.monotonic() + 60
        while lock.stat().st_mtime_ns == MOMENT and time.monotonic() < deadline:
            time.sleep(0.01)
            far.beat()
    assert lock.stat().st_mtime_ns > MOMENT


@pytest.mark.parametrize("begun", [0, LEFT])
def test_a_mark_does_not_stay_where_no_time_is_set(tmp_path: Path, begun: int) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    stage = tmp_path / "stage"
    if begun:
        stage.write_bytes(CONTENT[:begun])
        os.utime(stage, (ACCESSED, time.time()))
    path, kept, before = RelPath(b"f"), Kept(begun, (os.getuid(), ACCESSED)), int(time.time())
    far = SftpTransport(bytes(tmp_path), ServedStream, no_exec, SftpOptions(parallel=1))
    with closing(far), closing(LocalTransport(bytes(tmp_path))) as near:
        entry = near.entry_at(path)
        assert entry is not None
        transfer = Transfer(path, path, RelPath(b"stage"), entry, Attributes(0o640, None), kept=kept)
        (staged,) = far.upload([transfer], near)
    found = stage.stat()  # before it is read
    assert (staged.error, stage.read_bytes(), kept.offset) == (None, CONTENT, begun)
    assert min(found.st_atime, found.st_mtime) >= before


@pytest.mark.parametrize("linked", [False, True])
def test_attributes_and_heartbeats_follow_no_link(tmp_path: Path, linked: bool) -> None:
    """Of a server without lsetstat@openssh.com."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"content")
    victim.chmod(0o600)
    os.utime(victim, (ACCESSED, ACCESSED))
    path = RelPath(b"link" if linked else b"victim")
    (tmp_path / "link").symlink_to("victim")
    far = SftpTransport(bytes(tmp_path), partial(ServedStream, behaviours=["no_extensions"]), no_exec, SftpOptions())
    with closing(far):
        touched: list[object] = []
        Touch(path, bytes(tmp_path / "link" if linked else victim)).start(far.pool.clients[0], touched.append)
        far.pool.wait(lambda: bool(touched))
        assert (victim.stat().st_mtime == ACCESSED) == linked
        (done,) = far.set_attributes([(path, Attributes(0o640, None))])
        assert (done.error is not None) == linked
        assert victim.stat().st_mode & 0o777 == (0o600 if linked else 0o640)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o200])
def test_attributes_of_a_file_that_can_only_be_read_or_written(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"content")
    file.chmod(mode)
    far = SftpTransport(bytes(tmp_path), partial(ServedStream, behaviours=["no_extensions"]), no_exec, SftpOptions())
    with closing(far):
        (done,) = far.set_attributes([(RelPath(b"f"), Attributes(0o640, None))])
    assert (done.error, file.stat().st_mode & 0o777) == (None, 0o640)
