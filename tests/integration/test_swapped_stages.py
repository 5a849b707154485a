# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another account that may write to the destination swaps a file before it is opened by its name again: by another
connection, to continue it, or in place. Nothing is written to its own file, and none to which its link leads.

OpenSSH serves the files. A gate in front of each sftp-server stops before and after such an OPEN, so that the other
account always wins; without the gate, it exchanges the names all the time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    DropBoxRequest,
    PartialFiles,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import IN_THE_WAY
from support.running.patience import HANG_SECONDS
from support.scenes.sync_runs import SyncRuns
from support.servers.accounts import Account
from support.servers.sshd import Sshd

OTHER = 20_002
CONTENT = random.Random(1).randbytes(18 << 20)
SECRET = b"the account's own file"
STAGE = ".secure_sync"
IN_PLACE = DropBoxRequest(in_place=True)

GATE = r"""
import os, struct, subprocess, sys, threading, time
place = sys.argv[1]
if os.path.exists(f"{place}/down"):
    sys.exit()
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
        os.rename(f"{place}/lose", f"{place}/down" if os.path.exists(f"{place}/break") else f"{place}/lost")
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
the first session waits in the middle of the file until the other has learnt what it opened; with `lose`, it ends, and
with `break`, there are no further sessions."""

SWAP = r"""
import os, sys, time
place, there, name, plant, target, back = sys.argv[1:]

def wait_for(found):
    while not found():
        time.sleep(0.005)

def large():
    found = [each for each in os.scandir(there) if each.name.startswith(name)]
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
if back == "back":
    os.rename(f"{there}/aside", stage)
elif back:
    size, mtime, mode = map(int, back.split())
    with open(f"{there}/forged", "wb") as forged:
        forged.truncate(size)
    os.chmod(f"{there}/forged", mode)
    os.utime(f"{there}/forged", (mtime, mtime))
    os.link(f"{there}/forged", f"{there}/kept")
    os.rename(f"{there}/forged", stage)
open(f"{place}/on", "w")
"""

EXCHANGE = r"""
import ctypes, os, sys
there, target, size, mtime, mode = sys.argv[1:]
library = ctypes.CDLL(None)

def large():
    for each in os.scandir(there):
        try:
            if each.name.startswith(".secure_sync") and each.stat().st_size > 1 << 20:
                yield each.path
        except OSError:
            pass

while True:
    for stage in large():
        try:
            if os.path.lexists(f"{there}/forged"):
                os.unlink(f"{there}/forged")
            with open(f"{there}/forged", "xb") as forged:
                forged.truncate(int(size))
            os.chmod(f"{there}/forged", int(mode))
            os.utime(f"{there}/forged", (int(mtime), int(mtime)))
            os.rename(stage, f"{there}/aside")
            os.symlink(target, stage)
        except OSError:
            continue
        names = [ctypes.c_char_p(os.fsencode(each)) for each in (stage, f"{there}/forged")]
        while library.renameat2(-100, names[0], -100, names[1], 2) == 0:
            pass
"""
"""The link in the place of a temporary file, and a file with size, mtime and mode of its target, exchange their names
until one of them is gone (renameat2(2), RENAME_EXCHANGE)."""


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
        os.utime(self.victim, (1_600_000_000, 1_600_000_000))
        self.before = self.shown
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

    def lose(self, *, run: bool) -> None:
        """End the next session in the middle of the file. run: let a run fail there."""
        (self.gate / "lose").touch()
        if run:
            (self.gate / "break").touch()
            assert self.runs.run().failed
            (self.gate / "break").unlink()
            (self.gate / "down").unlink(missing_ok=True)

    def open_gate(self) -> None:
        for name in ("go", "on"):
            (self.gate / name).touch()

    @property
    def target(self) -> str:
        """Return the path of the account's own file, as the server knows it."""
        return f"{self.server.remote_root}/own/keys"

    @property
    def shown(self) -> list[str]:
        """Return size, mtime and mode of that file."""
        found = self.victim.stat()
        return [str(found.st_size), str(int(found.st_mtime)), str(found.st_mode & 0o7777)]

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        command = [sys.executable, "-c", EXCHANGE, str(self.there), self.target, *self.shown]
        with subprocess.Popen(command, user=OTHER, group=OTHER, extra_groups=[]) as exchange:
            try:
                yield
                assert exchange.poll() is None
            finally:
                exchange.kill()

    @contextmanager
    def swapped(self, plant: str, *, back: bool = False, forged: bool = False, name: str = STAGE) -> Iterator[None]:
        after = "back" if back else " ".join(self.shown) if forged else ""
        command = [sys.executable, "-c", SWAP, str(self.gate), str(self.there), name, plant, self.target, after]
        with subprocess.Popen(command, user=OTHER, group=OTHER, extra_groups=[]) as swapping:
            try:
                yield
                assert swapping.wait(HANG_SECONDS) == 0
            finally:
                swapping.kill()

    def check(self, plant: str) -> None:
        """Nothing came to the other account, or to the file of the link."""
        self.check_victim()
        planted = self.there / "planted"
        assert planted.is_symlink() if plant == "link" else planted.read_bytes().strip(b"\0") == b""

    def check_victim(self) -> None:
        assert self.victim.read_bytes() == SECRET
        assert self.shown == self.before

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


accounts = pytest.mark.parametrize("account", [Account(), ROOT], ids=lambda account: account.name)
KEEPS = PartialFiles(1 << 20, 7 * 86400)


@accounts
@pytest.mark.parametrize("later", [False, True], ids=["same run", "next run"])
def test_an_entry_with_forged_size_mode_and_mtime_is_not_continued(
    account: Account, later: bool, tmp_path: Path
) -> None:
    """A link when it is opened, and a file that shows the same as the file of the link when it is looked at."""
    with scene(tmp_path, account, parallel=1, retries=0 if later else 1, partial=KEEPS if later else None) as swapped:
        swapped.lose(run=later)
        with swapped.swapped("link", forged=True):
            swapped.runs.good()
        swapped.check("link")
        assert (swapped.there / "kept").read_bytes().strip(b"\0") == b""
        assert (swapped.there / "large").read_bytes() == CONTENT


@accounts
@pytest.mark.parametrize("later", [False, True], ids=["same run", "next run"])
def test_names_that_are_exchanged_all_the_time(
    account: Account, later: bool, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Without the gate, for a quarter of a minute. A run may fail: the other account takes its file away."""
    retries, partial = (0, KEEPS) if later else (1, None)
    with scene(tmp_path, account, parallel=1, retries=retries, partial=partial) as raced:
        raced.open_gate()
        rounds, until = 0, time.monotonic() + 15
        with raced.exchanging():
            while time.monotonic() < until:
                raced.lose(run=later)
                raced.runs.run()
                raced.check_victim()
                for each in raced.there.iterdir():
                    if not each.is_symlink() and each.stat().st_uid == OTHER:
                        assert each.read_bytes().strip(b"\0") == b""
                    each.unlink(missing_ok=True)
                rounds += 1
        assert rounds > 1
        record_property("rounds", rounds)


@accounts
@pytest.mark.parametrize("mode", [0o733, 0o1733], ids=["box", "sticky box"])
@pytest.mark.parametrize("target", ["own/keys", "own/nothing"])
def test_a_link_in_a_box_that_cannot_be_listed(account: Account, mode: int, target: str, tmp_path: Path) -> None:
    """It is removed, or refuses the file if the account may not remove it."""
    with scene(tmp_path, account, retries=0, lock=False, drop_box=IN_PLACE) as box:
        box.open_gate()
        box.runs.options["proof"] = "none"
        os.chown(box.there, OTHER, OTHER)
        box.there.chmod(mode)
        for name in ("large", "small"):
            (box.there / name).symlink_to(f"{box.server.remote_root}/{target}")
            os.chown(box.there / name, OTHER, OTHER, follow_symlinks=False)
        ran = box.runs.run()
        box.check_victim()
        assert not (box.own / "nothing").exists()
        stays = mode == 0o1733 and account != ROOT
        failed = [outcome.error.message for outcome in ran.report.outcomes if outcome.error is not None]
        assert failed == [IN_THE_WAY] * (2 if stays else 0), ran
        for name in ("large", "small"):
            found = box.there / name
            assert found.is_symlink() if stays else found.read_bytes() == (box.runs.source / name).read_bytes()


@accounts
@pytest.mark.parametrize("plant", ["link", "file"])
@pytest.mark.parametrize("back", [False, True], ids=["stays", "back"])
def test_a_file_in_place_is_proven_before_it_is_truncated(
    account: Account, plant: str, back: bool, tmp_path: Path
) -> None:
    with scene(tmp_path, account, parallel=1, retries=0, drop_box=IN_PLACE) as swapped:
        swapped.runs.options["proof"] = "none"
        (swapped.there / "large").write_bytes(CONTENT[::-1] + b"longer")
        swapped.server.give(swapped.there / "large")
        with swapped.swapped(plant, back=back, name="large"):
            swapped.runs.run()
        swapped.check_victim()


def test_a_file_in_place_is_written_over_through_its_handle(tmp_path: Path) -> None:
    """Also if it is longer, and if another account owns it. Its other names stay names of the same file."""
    with scene(tmp_path, Account(), parallel=1, retries=0, drop_box=IN_PLACE) as untouched:
        untouched.open_gate()
        untouched.runs.options["proof"] = "none"
        for name, owner in (("large", untouched.server.account.uid), ("small", OTHER)):
            there = untouched.there / name
            there.write_bytes(CONTENT + b"longer")
            there.chmod(0o666)
            os.chown(there, owner, owner)
            os.link(there, untouched.own / name)
        untouched.runs.run()
        for name in ("large", "small"):
            assert (untouched.own / name).read_bytes() == (untouched.runs.source / name).read_bytes()
