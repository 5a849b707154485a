# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence that a source did not change while it was read; temporary files that are opened again."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ItemError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.files import LocalSource
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)

OLD, NEW = b"old" * 1000, b"new" * 1000
PAST = 1_600_000_000_000_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    os.utime(path, ns=(PAST, PAST))
    return path


@pytest.fixture
def source(file: Path) -> Iterator[LocalSource]:
    side = LocalTransport(os.fsencode(file.parent))
    opened = side.open_source(RelPath(b"file"))
    yield opened
    opened.close()
    side.close()


@pytest.mark.parametrize("refused", ["fchmod", "utime"])
@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.EIO], ids=errno.errorcode.get)
def test_a_refused_attribute_costs_no_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, refused: str
) -> None:
    """FAT in the kernel, which test machines lack, refuses modes that it cannot show: the system call is replaced."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    side = LocalTransport(os.fsencode(tmp_path))
    stage = side.create_stage(RelPath(b"stage"))
    stage.write_at(NEW, 0)
    monkeypatch.setattr(os, refused, refuse)
    if number == errno.EIO:
        with pytest.raises(ItemError):
            stage.finish(Attributes(0o640, PAST))
        assert os.listdir(tmp_path) == []
    else:
        stage.finish(Attributes(0o640, PAST))
        status = (tmp_path / "stage").stat()
        assert (tmp_path / "stage").read_bytes() == NEW
        assert (status.st_mode & 0o777 == 0o640, status.st_mtime_ns == PAST) == (
            refused == "utime",
            refused == "fchmod",
        )
    side.close()


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("size", [10, 17 << 20], ids=["small", "hashed by a thread meanwhile"])
def test_a_stage_is_closed_with_the_operation_that_held_it(tmp_path: Path, size: int) -> None:
    """The session of the operation was lost. The content stays: the next session continues it."""
    side = LocalTransport(os.fsencode(tmp_path))
    before, threads = descriptors(), threading.active_count()
    stage = side.create_stage(RelPath(b"stage"))
    stage.write_at(bytes(size), 0)
    del stage
    side.close()
    assert (descriptors(), threading.active_count()) == (before, threads)
    assert (tmp_path / "stage").stat().st_size == size


def test_a_source_is_closed_with_the_operation_that_held_it(file: Path) -> None:
    side = LocalTransport(os.fsencode(file.parent))
    before = descriptors()
    source = side.open_source(RelPath(b"file"))
    del source
    side.close()
    assert descriptors() == before


def rewrite(path: Path) -> None:
    with open(path, "r+b") as stream:
        stream.write(NEW)
    os.utime(path, ns=(PAST, PAST))


def changed(source: LocalSource, data: bytes) -> bool:
    return source.changed(hashlib.sha256(data).digest)


def test_at_rest_nothing_is_read_again(source: LocalSource) -> None:
    assert source.read(10000) == OLD
    assert not source.changed(lambda: pytest.fail("asked for"))


def test_rewritten_in_place_with_its_mtime_put_back(source: LocalSource, file: Path) -> None:
    data = source.read(1500)
    rewrite(file)
    data += source.read(10000)
    assert len(data) == len(OLD)
    assert changed(source, data)


def test_rewritten_before_the_first_byte_was_read(source: LocalSource, file: Path) -> None:
    """The data that were read are complete: the file has no other version of them."""
    rewrite(file)
    assert not changed(source, source.read(10000))


@pytest.mark.parametrize(
    "act",
    [
        lambda file: file.chmod(0o600),
        lambda file: os.link(file, file.with_name("other")),
        lambda file: file.unlink(),
        lambda file: file.rename(file.with_name("other")),
    ],
    ids=["mode", "link", "unlinked", "renamed"],
)
def test_what_is_not_its_content_may_change(source: LocalSource, file: Path, act: Callable[[Path], object]) -> None:
    data = source.read(1500)
    act(file)
    assert not changed(source, data + source.read(10000))


def test_a_change_in_the_same_step_of_the_clock_shows(file: Path) -> None:
    """Files are opened right behind a change, hundreds of times, and changed right away once more."""
    side = LocalTransport(os.fsencode(file.parent))
    for _round in range(60):
        file.write_bytes(OLD)
        os.utime(file, ns=(PAST, PAST))
        opened = side.open_source(RelPath(b"file"))
        data = opened.read(1500)
        rewrite(file)
        data += opened.read(10000)
        assert changed(opened, data)
        opened.close()
    side.close()


def test_where_the_change_time_does_not_count_size_and_mtime_do(file: Path) -> None:
    side = LocalTransport(os.fsencode(file.parent))
    source = LocalSource(side._directories, RelPath(b"file"), stamped=False)
    rewrite(file)
    assert not source.changed(lambda: pytest.fail("asked for"))
    file.write_bytes(NEW)
    assert changed(source, NEW)
    source.close()
    side.close()


def _linked(stage: Path, victim: Path) -> None:
    os.link(victim, stage)


def _of_another_user(stage: Path, victim: Path) -> None:
    stage.write_bytes(b"theirs")


def _fifo(stage: Path, victim: Path) -> None:
    os.mkfifo(stage)


def _symbolic_link(stage: Path, victim: Path) -> None:
    stage.symlink_to(victim)


@pytest.mark.parametrize("put", [_linked, _of_another_user, _fifo, _symbolic_link])
def test_a_file_that_somebody_put_in_the_place_of_a_stage_is_not_opened_again(
    put: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if put is _of_another_user:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    put(tmp_path / "s", victim)
    side = LocalTransport(os.fsencode(tmp_path))
    with pytest.raises(ItemError) as caught:
        side.reopen_stage(RelPath(b"s"))
    side.close()
    assert caught.value.path == b"s"
    assert victim.read_bytes() == OLD
    assert os.path.lexists(tmp_path / "s")
