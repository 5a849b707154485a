# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trees that change while a run is under way, and destinations of every size."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import SyncRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.connect import open_peer
from support.scenes.fault_scene import FaultScene
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import Ran, SyncRuns
from support.servers.served import served
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.tree_spec import SECOND, File

MANY = 20
PAST = 1_600_000_000 * SECOND
BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
BLOCK = 3_000_000
ROUNDS, LONG_ROUNDS = 15, 200
STALL_SECONDS = 1.5
SESSION_SECONDS = STALL_SECONDS + 3.0
"""A session that hangs, and the login of the next on a busy machine."""


server = served(Sshd)


def many(content: bytes, mtime: int = PAST) -> dict[bytes, File]:
    return {b"d%d/f%02d" % (number % 3, number): File(content, 0o644, mtime) for number in range(MANY)}


def before_transfer(act: Callable[[], object]) -> Callable[[SyncRequest], Any]:
    """Return a way to open the server, with which `act` is done once between the plan and the first byte of content."""
    left = [act]

    def opened(request: SyncRequest) -> Any:
        transport = open_peer(request)
        for name in ("upload", "download"):
            whole = getattr(transport, name)

            def changed(*given: Any, whole: Callable[..., Any] = whole) -> Any:
                while left:
                    left.pop()()
                return whole(*given)

            setattr(transport, name, changed)
        return transport

    return opened


def vanish(path: Path) -> None:
    path.unlink()


def shrink(path: Path) -> None:
    os.truncate(path, 3)


def grow(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"replaced!!")
    other.rename(path)


def become_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def become_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def sessions_lost(ran: Ran) -> int:
    """Return how many sessions the run opened again."""
    return sum(
        int(count.replace("once", "1"))
        for note in ran.report.notes
        for count in re.findall(r"was lost (once|\d+)", note)
    )


@BOTH
@pytest.mark.parametrize("change", [vanish, shrink, grow, replace, become_link, become_fifo])
def test_twenty_files_change_behind_the_listing(
    change: Callable[[Path], None], push: bool, server: Sshd, tmp_path: Path
) -> None:
    """One version or the old file, never a mixture, never the target of a link; nothing is removed if any failed.

    A server that opens a fifo hangs: the deadline for bytes ends that, and each may cost a session.
    """
    new = {**many(b"0123456789", PAST + 60 * SECOND), b"steady": File(b"steady", 0o644, PAST)}
    old = {**many(b"old bytes"), b"extra": File(b"extra", 0o644, PAST)}
    scene = FaultScene(server, tmp_path, push=push, old=old, new=new)
    scene.reset()

    def act() -> None:
        for name in many(b""):
            change(scene.source / os.fsdecode(name))
        scene.see_version()

    hangs = change is become_fifo and not push
    patience = {"stall_timeout": STALL_SECONDS, "retries": 0} if hangs else {}
    ran = scene.runs.run(open_peer=before_transfer(act), **patience)
    for pid in server.session_pids():
        os.kill(pid, signal.SIGKILL)
    lost = sessions_lost(ran)
    assert lost <= (MANY + 2 if hangs else 0), ran
    assert scene.violations(ran, deadline=3.0 + lost * SESSION_SECONDS) == []
    assert hangs or (scene.destination / "steady").read_bytes() == b"steady"
    for name in many(b""):
        path = scene.destination / os.fsdecode(name)
        assert not path.is_symlink()
        assert path.is_file()
    if change is vanish:
        assert not ran.failed, ran
        assert {bytes(each.path) for each in ran.report.plan.skipped} >= many(b"").keys()
        assert all((scene.destination / os.fsdecode(name)).read_bytes() == b"old bytes" for name in many(b""))
    else:
        assert ran.codes <= {"source_changed", "unsafe_name", "operation_failed", "stalled"}, ran
        assert ran.failed == (scene.destination / "extra").exists(), ran
    scene.versions = ()
    if change in (become_link, become_fifo):
        for name in many(b""):
            replace(scene.source / os.fsdecode(name))
        scene.give()
    scene.look()
    assert scene.settle() == []


@BOTH
def test_a_file_that_is_written_all_the_time(push: bool, server: Sshd, tmp_path: Path, long_run: bool) -> None:
    """One version, or an error that reports the change: never a mixture of two."""
    blocks = [bytes([number]) * BLOCK for number in b"ABCDEFGH"]
    scene = FaultScene(
        server, tmp_path, push=push, old={b"busy": File(b"old", 0o644, PAST)}, new={b"busy": File(blocks[0])}
    )
    scene.reset()
    told: Counter[str] = Counter()
    over = threading.Event()

    def write() -> None:
        turn = 0
        with open(scene.source / "busy", "r+b", buffering=0) as file:
            while not over.wait(0.02):
                turn += 1
                file.seek(0)
                file.write(blocks[turn % len(blocks)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _number in range(LONG_ROUNDS if long_run else ROUNDS):
            ran = scene.runs.run()
            found = (scene.destination / "busy").read_bytes()
            assert found == b"old" or found in blocks, f"a mixture: {Counter(found)}"
            assert ran.codes <= {"source_changed", "proof_failed"}, ran
            told.update(ran.codes or ["stored" if ran.changed else "nothing"])
    finally:
        over.set()
        writer.join()
    scene.look()
    assert scene.settle() == []
    print(f"{sum(told.values())} runs beside a writer, 0 mixtures; reported: {dict(told)}")


@pytest.fixture(scope="module", params=["sftp", "ftps"])
def peer(request: pytest.FixtureRequest, server: Sshd) -> Iterator[tuple[Any, type[SyncRuns], dict[str, Any]]]:
    """Yield a server of each protocol, its kind of runs and their options."""
    if request.param == "sftp":
        yield server, SyncRuns, {}
    else:
        with Vsftpd(config=("accept_timeout=5",)) as other:
            yield other, FtpsRuns, {"links": "skip"}


@pytest.mark.parametrize("size", [10_000, 3_000_000, 17 << 20], ids=["small", "large", "striped"])
def test_a_file_that_is_written_all_the_time_and_its_mtime_put_back(
    peer: tuple[Any, type[SyncRuns], dict[str, Any]], size: int, tmp_path: Path, long_run: bool
) -> None:
    """Size and mtime never reveal the change. One version, or an error; and the last version arrives."""
    server, runs, options = peer
    blocks = [bytes([number]) * size for number in b"ABCDEFGH"]
    scene = FaultScene(
        server,
        tmp_path,
        push=True,
        old={b"busy": File(b"o" * size, 0o644, PAST)},
        new={b"busy": File(blocks[0], 0o644, PAST)},
        runs=runs,
        parallel=3,
        **options,
    )
    scene.reset()
    told: Counter[str] = Counter()
    over = threading.Event()

    def write() -> None:
        turn = 0
        with open(scene.source / "busy", "r+b", buffering=0) as file:
            while not over.wait(0.01):
                turn += 1
                file.seek(0)
                for start in range(0, size, size // 4):
                    file.write(blocks[turn % len(blocks)][start : start + size // 4])
                os.utime(file.fileno(), ns=(PAST, PAST))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _number in range(LONG_ROUNDS if long_run else 6):
            ran = scene.runs.run(compare="checksum")
            found = (scene.destination / "busy").read_bytes()
            assert found == b"o" * size or found in blocks, f"a mixture: {Counter(found)}"
            assert ran.codes <= {"source_changed", "proof_failed"}, ran
            told.update(ran.codes or ["stored" if ran.changed else "nothing"])
    finally:
        over.set()
        writer.join()
    scene.look()
    assert scene.settle() == []
    assert (scene.destination / "busy").read_bytes() == (scene.source / "busy").read_bytes()
    print(f"{sum(told.values())} runs beside such a writer, 0 mixtures; reported: {dict(told)}")


@BOTH
def test_a_file_replaced_with_size_and_mtime_kept_is_found_without_reading_all(
    push: bool, server: Sshd, tmp_path: Path
) -> None:
    """On this host, by its change time or its inode: the record knows them, also of files that a run stored here."""
    scene = FaultScene(server, tmp_path, push=push, old=None, new=many(b"0123456789"))
    scene.reset()
    time.sleep(0.05)  # a run hashes files again that changed within the 20 ms before it
    scene.runs.good()
    here = scene.runs.near
    inplace, replaced = (here / os.fsdecode(name) for name in list(many(b""))[:2])
    with open(inplace, "r+b") as file:
        file.write(b"X")
    os.utime(inplace, ns=(PAST, PAST))
    other = here / "other"
    other.write_bytes(b"9876543210")
    other.chmod(0o644)
    os.utime(other, ns=(PAST, PAST))
    other.rename(replaced)
    ran = scene.runs.good()
    stored = {path for path, action, _reason in ran.done if action == "store"}
    assert stored == {os.fsencode(path.relative_to(here)) for path in (inplace, replaced)}
    assert ran.report.stats["files_compared"] == 2
    assert not scene.runs.good().changed


@BOTH
def test_what_is_in_the_destination_goes_away_meanwhile(push: bool, server: Sshd, tmp_path: Path) -> None:
    """Another process removes files that the run is about to replace or remove, and a directory in which it stores."""
    scene = FaultScene(server, tmp_path, push=push)
    scene.reset()

    def act() -> None:
        (scene.destination / "grown").unlink()
        (scene.destination / "extra").unlink()
        for name in ("sub/grown", "sub/extra"):
            (scene.destination / name).unlink()

    ran = scene.runs.run(open_peer=before_transfer(act))
    assert not ran.failed, ran
    scene.look()
    assert scene.settle() == []


@BOTH
def test_a_directory_of_the_destination_goes_away_meanwhile(push: bool, server: Sshd, tmp_path: Path) -> None:
    scene = FaultScene(server, tmp_path, push=push)
    scene.reset()
    away = tmp_path / "away" if not push else scene.far / "away"
    ran = scene.runs.run(open_peer=before_transfer(lambda: (scene.destination / "sub").rename(away)))
    assert ran.failed
    assert {each.path for each in ran.errors} >= {b"sub/added", b"sub/grown"}, ran
    assert (scene.destination / "extra").exists()
    assert (scene.destination / "added").read_bytes() == b"added"
    scene.look()
    assert scene.settle() == []


@BOTH
def test_destinations_of_every_size(push: bool, server: Sshd, tmp_path: Path) -> None:
    """Even with another length, the old content never shows through."""
    size = 70_000
    sizes = (0, 1, size - 1, size, size + 1, 2 * size)
    new = {b"over %d" % each: File(os.urandom(size), 0o644, PAST + SECOND) for each in sizes}
    new |= {b"empty over %d" % each: File(b"", 0o644, PAST + SECOND) for each in sizes}
    old = {name: File(b"x" * int(name.rpartition(b" ")[2]), 0o644, PAST) for name in new}
    scene = FaultScene(server, tmp_path, push=push, old=old, new=new)
    scene.reset()
    ran = scene.runs.good(compare="checksum")
    assert scene.violations(ran) == []
    assert scene.settle() == []
