# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single bits that flip at rest, with size and time kept: `compare: checksum` finds all of them and nothing else."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.trees import differences, tree_digest

FILES = 300
FLIPS = 250
LARGEST = 60_000
PAST = 1_600_000_000
KINDS = {"sftp": (Sshd, SyncRuns), "ftps": (Vsftpd, FtpsRuns)}


@pytest.fixture(scope="module", params=KINDS)
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Sshd | Vsftpd, type[SyncRuns]]]:
    """Yield a good server and the kind of runs that goes with it."""
    server, runs = KINDS[request.param]
    with server() as running:
        yield running, runs


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_every_flipped_bit_is_found(
    ends: tuple[Sshd | Vsftpd, type[SyncRuns]], push: bool, tmp_path: Path, chance: random.Random
) -> None:
    server, kind = ends
    runs = kind(server, tmp_path / "near", server.root / f"far-{push}", push=push, state_dir=tmp_path / "state")
    make(runs.source, chance)
    runs.destination.mkdir(exist_ok=True)
    server.give(server.root)
    runs.good()
    before = tree_digest(runs.destination)
    harmed = {os.fsencode(name) for name in chance.sample(sorted(os.listdir(runs.source)), FLIPS)}
    for name in sorted(harmed):
        flip(Path(os.fsdecode(os.path.join(os.fsencode(runs.destination), name))), chance)
    rotten = tree_digest(runs.destination)
    assert {name for name in before if before[name] != rotten[name]} == harmed
    assert all(before[name]._replace(content=b"") == rotten[name]._replace(content=b"") for name in before)

    # The precondition of the trial: size and time alone show no difference.
    assert not runs.good(compare="size_mtime").changed
    predicted = runs.good(compare="checksum", check_mode=True)
    assert {bytes(action.path) for action in predicted.report.plan.actions} == harmed
    mended = runs.good(compare="checksum")
    assert set(mended.done) == {(name, "store", "digest") for name in harmed}
    assert differences(tree_digest(runs.source), tree_digest(runs.destination)) == []
    again = runs.good(compare="checksum")
    assert not again.changed, again.done
    print(f"{FLIPS} of {FILES} files with one bit flipped, all found and mended, nothing else touched")


def make(root: Path, chosen: random.Random) -> None:
    """Make files of all sizes from one byte."""
    root.mkdir(exist_ok=True)
    for number in range(FILES):
        path = root / f"f{number:04d}"
        path.write_bytes(chosen.randbytes(1 + number % 3 * chosen.randrange(LARGEST)))
        os.utime(path, (PAST + number, PAST + number))


def flip(path: Path, chosen: random.Random) -> None:
    """Flip one bit of the file and keep its time; its size stays by itself."""
    status = path.stat()
    at = chosen.randrange(status.st_size)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << chosen.randrange(8)]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
