# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulls of a large file that changed a little, from a server that hashes blocks (ProFTPD), and from others."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.running.scratch import scratch
from support.scenes.delta_scene import BLOCK, MIB, PAST, SIZE
from support.scenes.sync_runs import Ran, SyncRuns
from support.servers.proftpd import Proftpd
from support.servers.served import served
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.trees.trees import differences, tree_digest

proftpd = served(Proftpd)
with_shell = served(Sshd)


@pytest.fixture
def area() -> Iterator[Path]:
    place = scratch("delta_pull")
    yield place
    shutil.rmtree(place)


class Pulls:
    """Pulls of one large file, which is pulled whole first."""

    def __init__(self, server: SshServer, area: Path, **options: Any) -> None:
        self.server = server
        self.file = server.root / area.name / "large"
        self.runs = SyncRuns(server, area / "near", self.file.parent, push=False, state_dir=area / "state", **options)
        self.content = bytearray(random.Random(7).randbytes(SIZE))
        self.file.parent.mkdir()
        self.write(0)
        ran = self.pull()
        assert (received(ran), saved(ran)) == (SIZE, 0)

    def write(self, later: int) -> None:
        self.file.write_bytes(self.content)
        os.utime(self.file, (0, PAST + later))
        self.server.give(self.file.parent)

    def change(self, *places: int) -> None:
        for place in places:
            self.content[place] ^= 1
        self.write(100)

    def pull(self, **options: Any) -> Ran:
        ran = self.runs.good(**options)
        assert differences(tree_digest(self.runs.near), tree_digest(self.runs.far)) == []
        return ran


def received(ran: Ran) -> int:
    return ran.report.stats["bytes_received"]


def saved(ran: Ran) -> int:
    return ran.report.stats["bytes_saved"]


@pytest.mark.parametrize("delta", ["auto", "always"])
def test_only_changed_blocks_are_fetched(proftpd: Proftpd, area: Path, delta: str) -> None:
    pulls = Pulls(proftpd, area, delta=delta)
    pulls.change(0, BLOCK, SIZE // 2, SIZE - 1)
    ran = pulls.pull()
    fetched = 3 * BLOCK + SIZE % BLOCK
    assert (received(ran), saved(ran)) == (fetched, SIZE - fetched)
    assert ran.report.proofs["server_hash"] == 1
    assert not pulls.pull().changed


@pytest.mark.parametrize("more", [5 * MIB + 3, -3 * MIB, -SIZE % BLOCK - BLOCK])
def test_another_size(proftpd: Proftpd, area: Path, more: int) -> None:
    pulls = Pulls(proftpd, area)
    del pulls.content[SIZE + more :]
    pulls.content += random.Random(8).randbytes(SIZE + more - len(pulls.content))
    pulls.change(3)
    ran = pulls.pull()
    assert received(ran) + saved(ran) == SIZE + more
    assert received(ran) <= 2 * BLOCK + max(more, 0)


def test_the_file_here_was_changed_and_is_unrecorded(proftpd: Proftpd, area: Path) -> None:
    """The blocks of the file here are hashed now: no record is needed, and none can be false."""
    pulls = Pulls(proftpd, area)
    with (pulls.runs.near / "large").open("r+b") as file:
        file.write(b"another")
    shutil.rmtree(pulls.runs.state_dir)
    pulls.change(SIZE // 2)
    assert received(pulls.pull()) == 2 * BLOCK


@pytest.mark.parametrize("options", [{"delta": "never"}, {"proof": "read_back"}, {"proof": "none"}], ids=str)
def test_whole_files(proftpd: Proftpd, area: Path, options: dict[str, Any]) -> None:
    pulls = Pulls(proftpd, area, delta="never", proof="none")
    pulls.change(3)
    ran = pulls.pull(**{"delta": "auto", "proof": "auto", **options})
    assert saved(ran) == 0


def test_a_server_that_hashes_whole_files_only(with_shell: Sshd, area: Path) -> None:
    pulls = Pulls(with_shell, area)
    pulls.change(3)
    ran = pulls.pull()
    assert (received(ran), saved(ran)) == (SIZE, 0)
