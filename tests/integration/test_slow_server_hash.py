# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that hashes for longer than `stall_timeout`, and one whose sha256sum hangs: no byte moves in either case."""

from __future__ import annotations

import os
from pathlib import Path

from support.running.patience import HANG_SECONDS
from support.scenes.sync_runs import SyncRuns
from support.servers.own_programs import FOUND_FIRST, put_program
from support.servers.served import served
from support.servers.sshd import Sshd
from support.trees.trees import differences, tree_digest

STALL_SECONDS = 1.0
# Three seconds at the rate of the slowest server that is waited for.
SIZE = 24 << 20
HASH_SECONDS = 2.5
SCRIPT = """#!/bin/sh
case "$*" in
*/dev/null) ;;
*) %s ;;
esac
exec /usr/bin/sha256sum "$@"
"""


server = served(Sshd, scope="function", config=(FOUND_FIRST,))
"""The account finds another sha256sum first."""


def runs_with(server: Sshd, near: Path, command: str, *, size: int, state_dir: Path) -> SyncRuns:
    put_program(server, "sha256sum", SCRIPT % command)
    near.mkdir()
    (near / "large").write_bytes(b"x" * size)
    os.utime(near / "large", (0, 1_600_000_000))
    server.give(server.root)
    return SyncRuns(
        server,
        near,
        server.root / "tree",
        push=True,
        state_dir=state_dir,
        proof="server_hash",
        stall_timeout=STALL_SECONDS,
        retries=0,
    )


def test_a_slow_one_is_waited_for(server: Sshd, tmp_path: Path) -> None:
    runs = runs_with(server, tmp_path / "near", f"sleep {HASH_SECONDS}", size=SIZE, state_dir=tmp_path / "state")
    ran = runs.good()
    assert ran.seconds > HASH_SECONDS > 2 * STALL_SECONDS
    assert ran.report.proofs["server_hash"] == 1
    assert differences(tree_digest(runs.near), tree_digest(runs.far)) == []
    print(f"{SIZE >> 20} MiB, hashed in {HASH_SECONDS} s by the server: {ran.seconds:.1f} s, stall_timeout 1 s")


def test_one_that_hangs_is_not(server: Sshd, tmp_path: Path) -> None:
    runs = runs_with(server, tmp_path / "near", "kill -STOP $$", size=1000, state_dir=tmp_path / "state")
    ran = runs.run()
    assert ran.codes == {"stalled"}, ran
    assert ran.seconds < HANG_SECONDS
    assert tree_digest(runs.far) == {}, "no temporary file, no lock"
    good = runs.good(proof="read_back")
    assert good.changed
    assert differences(tree_digest(runs.near), tree_digest(runs.far)) == []
    print(f"a sha256sum that hangs: told after {ran.seconds:.1f} s, stall_timeout 1 s")
