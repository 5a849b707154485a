# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another account that may write to the destination swaps a temporary file before it is opened a second time: by
another connection, or to continue it. Nothing is written to its own file, and none to which its link leads.

OpenSSH serves the files. A gate in front of each sftp-server stops before and after such an OPEN, so that the other
account always wins."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.running.patience import HANG_SECONDS
from support.scenes.sync_runs import SyncRuns
from support.servers.accounts import Account
from support.servers.sshd import Sshd

OTHER = 20_002
CONTENT = random.Random(1).randbytes(18 << 20)
SECRET = b"the account's own file"

GATE = r"""
import os, struct, subprocess, sys, threading, time
place = sys.argv[1]
server = subprocess.Popen(["/usr/lib/openssh/sftp-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
written, awaited, answered = 0, set(), threading.Event()

def packets(stream):
    while len(head := stream.read(4)) == 4:
        yield head + stream.read(struct.unpack(">I", head)[0])

def answers():
    for packet in packets(server.stdout):
        sys.stdout.buffer.write(packet)
        sys.stdout.buffer.flush()
        if packet[5:9] in awaited:
            answered.set()
        if answered.is_set() and (packet[5:9] not in awaited or packet[4] == 101):
            open(f"{place}/judged", "w")

def wait_for(name):
    while not os.path.exists(f"{place}/{name}"):
        time.sleep(0.005)

threading.Thread(target=answers).start()
for packet in packets(sys.stdin.buffer):
    again = False
    if packet[4] == 3:
        end = 13 + struct.unpack(">I", packet[9:13])[0]
        again = packet[end : end + 4] == b"\0\0\0\2"
    if again:
        awaited.add(packet[5:9])
        open(f"{place}/reached", "w")
        wait_for("go")
    written += packet[4] == 6
    if written == 20 and os.path.exists(f"{place}/pause"):
        wait_for("on")
        wait_for("judged")
    if written == 40 and os.path.exists(f"{place}/lose"):
        os.unlink(f"{place}/lose")
        server.kill()
        break
    server.stdin.write(packet)
    server.stdin.flush()
    if again:
        answered.wait()
        open(f"{place}/opened", "w")
        wait_for("on")
with open(f"{place}/written", "a") as log:
    log.write(f"{written}\n")
server.stdin.close()
"""
"""An OPEN that writes, and makes no new file, waits for `go`; requests after its answer wait for `on`. With `pause`,
the first session waits in the middle of the file until the other has learnt what it opened; with `lose`, it ends."""

SWAP = r"""
import os, sys, time
place, there, plant, target, back = sys.argv[1:]

def wait_for(found):
    while not found():
        time.sleep(0.005)

def large():
    found = [each for each in os.scandir(there) if each.name.startswith(".secure_sync")]
    return [each.path for each in found if os.path.exists(each.path) and os.stat(each.path).st_size > 1 << 20]

wait_for(lambda: os.path.exists(f"{place}/reached") and large())
(stage,) = large()
os.rename(stage, f"{there}/aside")
if plant == "link":
    os.symlink(target, stage)
else:
    with open(stage, "wb") as planted:
        planted.truncate(os.stat(f"{there}/aside").st_size)
    os.chmod(stage, 0o300 if plant == "marked file" else 0o666)
os.link(stage, f"{there}/planted", follow_symlinks=False)
open(f"{place}/go", "w")
wait_for(lambda: os.path.exists(f"{place}/opened"))
if back:
    os.rename(f"{there}/aside", stage)
open(f"{place}/on", "w")
"""


class Scene:
    """Runs of a push to a directory of a real sshd that another account may write to."""

    def __init__(self, server: Sshd, place: Path, **options: Any) -> None:
        self.server = server
        self.gate, self.there, self.own = server.root / "gate", server.root / "there", server.root / "own"
        for each in (self.gate, self.there, self.own):
            each.mkdir()
        self.victim = self.own / "keys"
        self.victim.write_bytes(SECRET)
        self.victim.chmod(0o600)
        server.give(self.there, self.own)
        self.gate.chmod(0o777)
        self.own.chmod(0o700)
        os.chown(self.there, server.account.uid, OTHER)
        self.there.chmod(0o775)
        (self.gate / "gate.py").write_text(GATE)
        near = place / "near"
        near.mkdir()
        (near / "large").write_bytes(CONTENT)
        (near / "small").write_bytes(b"small\n")
        self.runs = SyncRuns(
            server, near, self.there, push=True, state_dir=place / "state", proof="read_back", **options
        )

    def open_gate(self) -> None:
        for name in ("go", "on"):
            (self.gate / name).touch()

    @contextmanager
    def swapped(self, plant: str, *, back: bool) -> Iterator[None]:
        target = f"{self.server.remote_root}/own/keys"
        command = [sys.executable, "-c", SWAP, str(self.gate), str(self.there), plant, target, "back" if back else ""]
        with subprocess.Popen(command, user=OTHER, group=OTHER, extra_groups=[]) as swapping:
            try:
                yield
                assert swapping.wait(HANG_SECONDS) == 0
            finally:
                swapping.kill()

    def check(self, plant: str) -> None:
        """Nothing came to the other account, or to the file of the link."""
        assert self.victim.read_bytes() == SECRET
        planted = self.there / "planted"
        assert planted.is_symlink() if plant == "link" else planted.read_bytes().strip(b"\0") == b""

    def written(self) -> list[int]:
        """Return the number of WRITE requests of each session."""
        return [int(line) for line in (self.gate / "written").read_text().split()]


@contextmanager
def scene(place: Path, account: Account, **options: Any) -> Iterator[Scene]:
    gated = "/usr/bin/python3 {files}/gate/gate.py {files}/gate"
    with Sshd(account=account, subsystem=gated) as server:
        yield Scene(server, place, **options)


ROOT = Account("root", 0)
PLANTS = [(Account(), "file"), (Account(), "marked file"), (Account(), "link"), (ROOT, "marked file"), (ROOT, "link")]
plants = pytest.mark.parametrize(("account", "plant"), PLANTS, ids=lambda each: getattr(each, "name", each))


@plants
@pytest.mark.parametrize("back", [False, True], ids=["stays", "back"])
def test_a_further_connection_writes_to_the_same_file_only(
    account: Account, plant: str, back: bool, tmp_path: Path
) -> None:
    with scene(tmp_path, account, parallel=2, retries=0) as swapped:
        (swapped.gate / "pause").touch()
        with swapped.swapped(plant, back=back):
            ran = swapped.runs.run()
        swapped.check(plant)
        assert not (back and ran.failed), ran
        swapped.runs.good()
        assert (swapped.there / "large").read_bytes() == CONTENT
        assert (swapped.there / "large").stat().st_uid == account.uid
        swapped.check(plant)


def test_all_connections_write_to_a_file_that_is_the_same(tmp_path: Path) -> None:
    with scene(tmp_path, Account(), parallel=2, retries=0) as untouched:
        untouched.open_gate()
        (untouched.runs.source / "large").chmod(0o640)
        untouched.runs.good()
        large = untouched.there / "large"
        assert (large.read_bytes(), large.stat().st_mode & 0o7777) == (CONTENT, 0o640)
        until = time.monotonic() + HANG_SECONDS
        while len(untouched.written()) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        few, many = sorted(untouched.written())
        assert few > many // 8


@plants
def test_a_lost_session_continues_the_same_file_only(account: Account, plant: str, tmp_path: Path) -> None:
    with scene(tmp_path, account, parallel=1, retries=1) as swapped:
        (swapped.gate / "lose").touch()
        with swapped.swapped(plant, back=True):
            swapped.runs.good()
        assert swapped.runs.sleeps
        swapped.check(plant)
        assert (swapped.there / "large").read_bytes() == CONTENT
