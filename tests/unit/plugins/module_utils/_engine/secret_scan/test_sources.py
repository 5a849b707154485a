# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a scan reads: regular files, decompressed, without the directories of tools."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan import sources
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.secret_scan.sources import (
    UNREADABLE,
    blocks_of,
    files_below,
    journal_blocks,
)


def test_regular_files_alone(tmp_path: Path) -> None:
    for name in ("b", "a/c", ".git/config", "node_modules/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("b")
    (tmp_path / "loop").symlink_to(".")
    assert files_below(str(tmp_path)) == ([f"{tmp_path}/b", f"{tmp_path}/a/c"], [])


def test_links_that_lead_out(tmp_path: Path) -> None:
    """Ansible follows them, so the secrets behind them are in use."""
    inside, outside = tmp_path / "inside", tmp_path / "inside-out"
    for each in (inside, outside):
        (each / "below").mkdir(parents=True)
        (each / "file").write_text("")
        (each / "below/file").write_text("")
    for name, target in (("file", "file"), ("directory", "below"), ("gone", "gone"), ("above", "..")):
        (inside / f"link-{name}").symlink_to(f"{outside}/{target}")
        (inside / f"own-{name}").symlink_to(f"{inside}/{target}")
    files, refused = files_below(str(inside))
    assert files == [f"{inside}/{name}" for name in ("file", "link-file", "below/file")]
    assert refused == [
        f"{inside}/{name}: a link to a directory that is not searched: {target}"
        for name, target in (("link-above", tmp_path), ("link-directory", outside / "below"), ("own-above", tmp_path))
    ]
    assert files_below(str(inside), [str(tmp_path)]) == ([f"{inside}/file", f"{inside}/below/file"], [])


def test_a_directory_without_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert files_below(str(tmp_path)) == ([], [f"{tmp_path}: a directory without files"])


class _Unended(io.FileIO):
    """Like /proc/kmsg: regular, and not at its end after its content. The true file would lose messages to a test."""

    def readinto(self, buffer: Any) -> int | None:
        return super().readinto(buffer) or None  # type: ignore[return-value]


def test_a_file_that_is_not_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link of a user can lead to it."""
    (tmp_path / "file").write_text("canary")
    unended = io.BufferedReader(_Unended(tmp_path / "file"))
    monkeypatch.setattr(sources, "open", lambda *_given, **_more: unended, raising=False)
    assert b"".join(blocks_of(str(tmp_path / "file"))) == b"canary"


def test_a_single_file_a_link_to_it_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    assert files_below(f"{tmp_path}/link") == ([f"{tmp_path}/link"], [])
    assert files_below(f"{tmp_path}/fifo") == ([], [f"{tmp_path}/fifo: not a file or directory"])
    assert files_below(f"{tmp_path}/none") == ([], [f"{tmp_path}/none: No such file or directory"])


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_compressed_files(tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]) -> None:
    """The content decides, not the name."""
    path = tmp_path / (f"log.{suffix}" if suffix == "xz" else "log")
    path.write_bytes(compress(b"line\n" * 1000))
    assert b"".join(blocks_of(str(path))) == b"line\n" * 1000
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(UNREADABLE):
        list(blocks_of(str(path)))


def test_nul_bytes_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes("line".encode("utf-32"))
    assert b"".join(blocks_of(str(path))) == b"\xff\xfeline"


def test_a_file_opens_to_a_multiple_of_its_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    for content in (bytes(200 << 20), b"line\n" * (40 << 20)):
        path.write_bytes(gzip.compress(content, 9))
        taken: list[int] = []
        with pytest.raises(OSError, match="opens to more than 200 times its size"):
            taken.extend(map(len, blocks_of(str(path))))
        assert len(taken) < 100


def test_a_sparse_file_is_no_endless_file(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 43)
    with pytest.raises(OSError, match="opens to more than"):
        list(blocks_of(str(path)))


def test_an_archive_that_nothing_opens(tmp_path: Path) -> None:
    """Its own bytes are read all the same: a member may be stored as it is."""
    path = tmp_path / "archive.log"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("name", "content")
    blocks = blocks_of(str(path))
    assert b"content" in next(blocks)
    with pytest.raises(OSError, match="cannot be opened"):
        next(blocks)


def test_a_file_that_became_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    """Also if its writer sends nothing."""
    os.mkfifo(tmp_path / "fifo")
    writer = os.open(tmp_path / "fifo", os.O_RDWR)
    with pytest.raises(OSError, match="not a file"):
        list(blocks_of(str(tmp_path / "fifo")))
    os.close(writer)


def test_a_name_that_cannot_be_looked_at_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock of lstat: root can look at everything."""
    (tmp_path / "a").write_text("")

    def lstat(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", lstat)
    assert files_below(str(tmp_path)) == ([], [f"{tmp_path}/a: Permission denied"])


def test_the_journal_of_a_program_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock of journalctl, whose journal this machine may not have."""
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\necho MESSAGE=line\necho 'no journal' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    blocks = journal_blocks()
    assert next(blocks) == b"MESSAGE=line\n"
    with pytest.raises(OSError, match="no journal"):
        next(blocks)
