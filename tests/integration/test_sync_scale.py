# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs at the edges of size: files beyond 32 bits, many entries in bounded memory, 300 levels."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from support.running.scratch import scratch
from support.scenes.sync_runs import SyncRuns
from support.servers.proxy import Proxy
from support.servers.served import served
from support.servers.sshd import Sshd
from support.trees.trees import differences, make_large_sparse, make_many, tree_digest

LARGE = 4 * 1024**3 + 5 * 1024**2
# The first of each pair in a short run, the second in the long run.
ENTRIES, MANY_ENTRIES = 20_000, 100_000
PER_DIRECTORY = 500
MEMORY_MIB, MUCH_MEMORY_MIB = 60, 130
LEVELS = 300


server = served(Sshd, scope="function")


@pytest.fixture
def near() -> Iterator[Path]:
    """Yield a directory with room for large files; it is removed after the test."""
    place = scratch("scale")
    yield place
    shutil.rmtree(place)


_ALONE = f"""
import pickle, sys
from {sync.__module__} import sync
report = sync(pickle.load(sys.stdin.buffer))
high = open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]
errors = [report.error, *report.problems, *(each.error for each in report.outcomes)]
pickle.dump((report.stats, [repr(each) for each in errors if each], int(high) / 1024), sys.stdout.buffer)
"""


class Measured(NamedTuple):
    """The counts of a run in a process of its own, its peak resident memory, and the time including its start."""

    stats: dict[str, int]
    errors: list[str]
    mib: float
    seconds: float


def _measured(runs: SyncRuns) -> Measured:
    begun = time.monotonic()
    request = pickle.dumps(runs.request())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _ALONE]
    ended = subprocess.run(command, input=request, capture_output=True, check=True, env=environment)
    measured = Measured(*pickle.loads(ended.stdout), time.monotonic() - begun)  # noqa: S301  # written by our own child
    assert measured.errors == []
    return measured


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_sparse_file_beyond_32_bits(push: bool, server: Sshd, near: Path) -> None:
    runs = SyncRuns(server, near / "tree", server.root / "tree", push=push, state_dir=near / "state")
    runs.source.mkdir()
    make_large_sparse(runs.source / "large", LARGE)
    first = runs.good()
    assert differences(tree_digest(runs.source), tree_digest(runs.destination)) == []
    again = runs.good()
    assert not again.changed
    assert again.moved == 0
    print(f"{LARGE} bytes, proven: {first.seconds:.1f} s, again {again.seconds:.1f} s")


@pytest.mark.parametrize(
    ("delay", "mib", "fewest", "most"),
    [(0.01, 4, 1, 1), (0.01, 24, 4, 4), (0.01, 512, 8, 8), (0.0, 24, 1, 4), (0.0, 512, 2, 8)],
)
def test_large_files_take_more_sessions(
    delay: float, mib: int, fewest: int, most: int, server: Sshd, near: Path
) -> None:
    """The round trip is measured: on a busy machine, a server nearby counts as far away."""
    (near / "tree").mkdir()
    make_large_sparse(near / "tree" / "large", mib << 20)
    with Proxy(server.port, delay=delay) as proxy:
        runs = SyncRuns(server, near / "tree", server.root / "tree", push=True, state_dir=near / "state")
        runs.through = proxy
        runs.good(proof="none")
        assert fewest <= proxy.connections()[1] <= most
    assert differences(tree_digest(runs.near), tree_digest(runs.far)) == []


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_session_that_joins_takes_its_part_of_a_file_under_way(push: bool, near: Path) -> None:
    with Sshd(subsystem="/usr/lib/openssh/sftp-server -e -l INFO 2>>{files}/log") as server:
        source = (near if push else server.root) / "tree"
        source.mkdir()
        make_large_sparse(source / "large", 1 << 30)
        runs = SyncRuns(server, near / "tree", server.root / "tree", push=push, state_dir=near / "state")
        runs.good(proof="none")
        assert differences(tree_digest(runs.near), tree_digest(runs.far)) == []
        closed = re.findall(r"close .* bytes read (\d+) written (\d+)", (server.root / "log").read_text())
    moved = sorted(int(read) + int(written) for read, written in closed)
    assert moved[-2] > 32 << 20
    assert sum(moved) >= 1 << 30


def test_many_entries_in_bounded_memory(server: Sshd, near: Path, long_run: bool) -> None:
    entries, limit = (MANY_ENTRIES, MUCH_MEMORY_MIB) if long_run else (ENTRIES, MEMORY_MIB)
    make_many(near / "tree", entries, size=0, per_directory=PER_DIRECTORY)
    push = SyncRuns(server, near / "tree", server.root / "tree", push=True, state_dir=near / "state")
    first = _measured(push)
    second = _measured(push)
    assert first.stats["files_stored"] == entries
    assert not any(second.stats[name] for name in ("files_stored", "attributes_set", "bytes_sent", "bytes_received"))
    found = tree_digest(push.far)
    assert len(found) == entries + entries // PER_DIRECTORY
    assert differences(tree_digest(push.near), found) == []
    print(
        f"{entries} files: first push {first.seconds:.1f} s, {first.mib:.0f} MiB at most; "
        f"nothing to do {second.seconds:.1f} s, {second.mib:.0f} MiB"
    )
    assert max(first.mib, second.mib) <= limit


def test_many_levels(server: Sshd, tmp_path: Path) -> None:
    """Two-letter names: the path stays within the limits of the server's system."""
    deep = tmp_path / "near"
    deep.mkdir()
    for level in range(LEVELS):
        deep = deep / f"{level % 10}d"
        deep.mkdir()
        (deep / "file").write_text(str(level))
        os.utime(deep / "file", (0, 1_600_000_000))
    push = SyncRuns(server, tmp_path / "near", server.root / "tree", push=True, state_dir=tmp_path / "state")
    pull = push.back(tmp_path / "back")
    for runs in (push, pull):
        runs.good(delete=True)
        assert differences(tree_digest(runs.source), tree_digest(runs.destination)) == []
        assert not runs.good(delete=True).changed
    (push.near / "0d").rename(tmp_path / "moved")
    (push.near / "other").mkdir()
    removed = push.good(delete=True)
    assert list(tree_digest(push.far)) == [b"other"]
    print(f"{LEVELS} levels both ways, and {removed.report.stats['removed']} entries of them removed again")
