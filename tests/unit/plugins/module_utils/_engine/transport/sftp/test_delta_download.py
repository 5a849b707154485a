# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A download of the blocks that differ, from an SFTP server behind pipes. ProFTPD: integration/test_sync_delta_pull."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SourceChanged
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Basis, Blocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp import delta_download
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from support.scripted.served_stream import ServedStream, no_exec

BLOCK = 4096
OLD = b"".join(bytes([number]) * BLOCK for number in range(50))
CHANGED = (0, 7, 8, 30)
NEW = b"".join(b"x" * BLOCK if number in CHANGED else OLD[number * BLOCK :][:BLOCK] for number in range(50)) + b"end"
F, STAGE = RelPath(b"f"), RelPath(b".stage")


@contextmanager
def served(root: Path, *behaviours: str, parallel: int = 1) -> Iterator[SftpTransport]:
    (root / "there").mkdir()
    (root / "there/f").write_bytes(NEW)
    login = partial(ServedStream, behaviours=behaviours)
    with closing(SftpTransport(bytes(root / "there"), login, no_exec, SftpOptions(parallel=parallel))) as transport:
        yield transport


def fetched(transport: SftpTransport, root: Path, old: bytes | None, *, size: int = 0) -> tuple[Staged, bytes | None]:
    """Return the result, and the content of the stage next to the old file."""
    found, here = transport.entry_at(F), root / "here"
    assert found is not None
    here.mkdir()
    if old is not None:
        (here / "f").write_bytes(old)
    entry = Entry(FILE, size or found.size, found.mtime, found.mode)
    basis = Basis(Blocks(BLOCK, b"", strong=True))
    with closing(LocalTransport(bytes(here))) as sink:
        assert sink.root_entry() is not None
        (staged,) = transport.download([Transfer(F, F, STAGE, entry, Attributes(0o640), basis=basis)], sink)
    return staged, (here / ".stage").read_bytes() if (here / ".stage").exists() else None


def copied(staged: Staged) -> int:
    assert staged.by_blocks is not None
    return staged.by_blocks.copied


@pytest.mark.parametrize("window", [BLOCK, 7 * BLOCK, 1 << 25])
@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("old", [OLD, OLD[: 20 * BLOCK], b"", NEW, OLD + b"more"])
def test_only_the_blocks_that_differ_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes, parallel: int, window: int
) -> None:
    monkeypatch.setattr(delta_download, "_WINDOW", window)
    with served(tmp_path, "check_file", parallel=parallel) as transport:
        before = transport.carried
        staged, content = fetched(transport, tmp_path, old)
        carried = transport.carried - before
    assert (staged.error, staged.size, content) == (None, len(NEW), NEW)
    starts = range(0, len(NEW), BLOCK)
    same = sum(len(NEW[at : at + BLOCK]) for at in starts if old[at : at + BLOCK] == NEW[at : at + BLOCK])
    assert copied(staged) == same
    assert len(NEW) - same <= carried <= len(NEW) - same + 65536


@pytest.mark.parametrize("behaviours", [(), ("lying_check_file",), ("check_file", "short_reads")])
def test_a_server_without_true_digests_sends_the_whole(tmp_path: Path, behaviours: tuple[str, ...]) -> None:
    with served(tmp_path, *behaviours) as transport:
        staged, content = fetched(transport, tmp_path, OLD)
    assert (staged.error, content) == (None, NEW)
    assert (copied(staged) > 0) == ("check_file" in behaviours)


def test_without_an_old_file_the_whole_is_read(tmp_path: Path) -> None:
    with served(tmp_path, "check_file") as transport:
        staged, content = fetched(transport, tmp_path, None)
    assert (copied(staged), content) == (0, NEW)


def test_a_file_of_another_size_is_no_version(tmp_path: Path) -> None:
    with served(tmp_path, "check_file") as transport:
        staged, content = fetched(transport, tmp_path, OLD, size=len(NEW) + BLOCK)
    assert (type(staged.error), content) == (SourceChanged, None)
