# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that drop again and again in the middle of a file: it continues where it stopped, and so does its proof.

A line is a proxy that resets each connection after so many bytes, in both directions.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DropBoxRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.background import in_background
from support.running.patience import HANG_SECONDS
from support.scenes.dropping_line import RETRIES, Line, ftps_line, lines, sftp_line
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sealed_pair import age_key
from support.scenes.sync_runs import SyncRuns
from support.scripted.scripted_ftps import ScriptedFtps
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.proxy import Fault
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

SIZE, PIECE = 44 << 20, 7 << 20
KEY = age_key()
line = lines()


def content_of(size: int = SIZE) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_file_arrives_over_a_line_that_drops(line: Line, push: bool, tmp_path: Path) -> None:
    """It drops more often than there are retries, both while the file moves and while it is read back."""
    runs = line.scene(tmp_path, push=push, proof="read_back")
    content = content_of()
    (runs.source / "large").write_bytes(content)
    (runs.source / "small").write_bytes(b"small")
    line.drop(PIECE)
    before = line.carried()
    ran = runs.run()
    assert not ran.failed, ran
    assert (runs.destination / "large").read_bytes() == content
    assert sorted(each.name for each in runs.destination.iterdir()) == ["large", "small"]
    carried = line.carried() - before
    print(f"{carried / SIZE:.2f} times the size, for a file that moves twice; {len(runs.sleeps)} pauses")
    assert carried < 2 * 2 * SIZE
    assert len(runs.sleeps) > 2 * RETRIES
    assert max(runs.sleeps) < 1, "each session was useful, so that the pauses stay short"


OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "several connections": ({"parallel": 4}, {"parallel": 4}),
    "a limit": ({"bandwidth_limit": 64 << 20}, {"bandwidth_limit": 64 << 20}),
    "blocks": ({"delta": "auto", "compare": "checksum"}, {"delta": "auto", "compare": "checksum"}),
    "the server's hash": ({"proof": "server_hash"}, {"proof": "server_hash"}),
    "sealed": ({"encrypt": KEY.recipients, "links": "skip"}, {"decrypt": KEY.identities, "links": "skip"}),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_every_way_to_move_a_file_over_a_line_that_drops(kind: str, tmp_path: Path) -> None:
    """There and back, and once more after a third of the file has changed."""
    there, back = OPTIONS[kind]
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=True)
        home = tmp_path / "home"
        home.mkdir()
        returned = runs.back(home)
        content = bytearray(content_of())
        for changed in (0, SIZE // 3):
            content[:changed] = random.Random(2).randbytes(changed)
            (runs.source / "large").write_bytes(content)
            for way, options in ((runs, there), (returned, back)):
                line.drop(PIECE)
                ran = way.run(**options)
                line.proxies[-1].disarm()
                assert not ran.failed, ran
            assert (home / "large").read_bytes() == content
            left = [*runs.destination.iterdir(), *home.iterdir()]
            assert {each.name for each in left} <= {"large", "large.age"}, left
        assert len(runs.sleeps) + len(returned.sleeps) > 3 * RETRIES


@pytest.mark.parametrize("way", ["gone", "shorter", "a link", "held"])
def test_a_stage_that_is_another_after_a_loss(line: Line, way: str, tmp_path: Path) -> None:
    """With the default options. Another account may change the directory: nothing is written through its link.

    held: a server that neither opens nor removes a file that a session has open does as with this directory.
    """
    runs = line.scene(tmp_path, push=True)
    content = content_of()
    (runs.source / "large").write_bytes(content)
    victim = line.server.root / f"victim of {tmp_path.name}"
    victim.write_bytes(b"the victim")
    victim.chmod(0o666)
    if way != "shorter":
        runs.destination.chmod(0o777)
    line.drop(PIECE, times=1)

    changed: list[Path] = []

    def change(_seconds: float) -> None:
        for stage in () if changed else runs.destination.glob("*.tmp"):
            changed.append(stage)
            if way == "shorter":
                os.truncate(stage, 1000)
                continue
            stage.unlink()
            if way == "a link":
                stage.symlink_to(Path("..", victim.name))
            if way == "held":
                (stage / "kept").mkdir(parents=True)

    ran = runs.run(sleep=change)
    assert not ran.failed, ran
    assert changed
    assert victim.read_bytes() == b"the victim"
    left = {each.name for each in runs.destination.iterdir() if not each.is_symlink()}
    assert left == {"large"} | ({changed[0].name} if way == "held" else set())
    assert (runs.destination / "large").read_bytes() == content


def test_a_stage_that_the_lost_session_still_has_locked(tmp_path: Path) -> None:
    """vsftpd locks files that are uploaded, and waits for the lock: the file goes to another stage."""
    with ExitStack() as stack:
        line = ftps_line(stack, Vsftpd, ports=3)
        runs = line.scene(tmp_path, push=True, stall_timeout=2.0)
        content = content_of()
        (runs.source / "large").write_bytes(content)
        line.drop(PIECE, times=1)
        held: list[Any] = []

        def lock(_seconds: float) -> None:
            for proxy in line.proxies:
                proxy.disarm()
            if not held:
                (stage,) = runs.destination.glob("*.tmp")
                held.append(stack.enter_context(stage.open("r+b")))
                fcntl.lockf(held[0], fcntl.LOCK_EX)

        ran = runs.run(sleep=lock)
        assert not ran.failed, ran
        assert held
        assert [each.name for each in runs.destination.iterdir()] == ["large"]
        assert (runs.destination / "large").read_bytes() == content


def test_a_server_that_ends_sessions_over_a_stage_that_is_there(tmp_path: Path) -> None:
    with ExitStack() as stack:
        line = sftp_line(stack, subsystem=scripted("ends_at_reopening"))
        runs = line.scene(tmp_path, push=True)
        content = content_of(2 * PIECE)
        (runs.source / "large").write_bytes(content)
        line.drop(PIECE, times=1)
        ran = runs.run()
        assert not ran.failed, ran
        assert len(runs.sleeps) > 1
        assert [each.name for each in runs.destination.iterdir()] == ["large"]
        assert (runs.destination / "large").read_bytes() == content


def test_a_pull_whose_line_drops_before_the_first_byte(tmp_path: Path) -> None:
    with ExitStack() as stack:
        line = ftps_line(stack, Vsftpd)
        runs = line.scene(tmp_path, push=False)
        (runs.source / "large").write_bytes(content_of())
        line.proxies[-1].arm(Fault("reset", "down", after=2000, times=2))
        ran = runs.run()
        assert not ran.failed, ran
        assert runs.sleeps
        assert [each.name for each in runs.destination.iterdir()] == ["large"]


def test_a_stage_that_becomes_shorter_at_the_end_of_its_proof(tmp_path: Path) -> None:
    """As after a crash of the server: the bytes that were read before do not prove it."""
    with ExitStack() as stack:
        server = stack.enter_context(ScriptedFtps(tmp_path, "empties_proven"))
        near, far = tmp_path / "near", server.root / "far"
        for each in (near, far):
            each.mkdir(mode=0o777)
        runs = FtpsRuns(server, near, far, push=True, state_dir=tmp_path / "state", links="skip", parallel=1)
        content = content_of(2 << 20)
        (near / "large").write_bytes(content)
        ran = runs.run(proof="read_back")
        large = far / "large"
        assert not large.exists() or large.read_bytes() == content, ran
        assert large.exists() is not ran.failed


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_many_losses_leave_no_open_files(push: bool, tmp_path: Path) -> None:
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=push, proof="none")
        for number in range(200):
            (runs.source / f"f{number:03}").write_bytes(content_of(200_000))
        opened: list[int] = []

        def count(_seconds: float) -> None:
            opened.append(len(os.listdir("/proc/self/fd")))

        line.drop(3 << 20)
        ran = runs.run(sleep=count)
        assert not ran.failed, ran
        assert len(opened) > 10
        assert opened[-1] <= max(opened[:3]), opened


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_file_whose_line_is_lost_for_good_is_closed(push: bool, tmp_path: Path) -> None:
    options = {"links": "skip", "encrypt": KEY.recipients} if push else {}
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=push, **options)
        (runs.source / "large").write_bytes(content_of())
        line.drop(PIECE, times=1)
        ran = runs.run(sleep=lambda _seconds: line.proxies[-1].refuse())
        assert ran.failed
        assert "sealing" not in {each.name for each in threading.enumerate()}
        links = [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
        assert [each for each in map(os.readlink, links) if each.startswith(str(runs.near))] == []


HONEST = [("sftp", "breaks_off"), ("ftps", "breaks_off")]
WRONG = [
    *HONEST,
    ("sftp", "loses_tail"),
    ("ftps", "breaks_off", "ignores_offsets"),
    ("ftps", "breaks_off", "lying_stage_size=1000"),
    ("ftps", "breaks_off", "lying_stage_size=-1000"),
    ("ftps", "breaks_off", "lying_stage_size=-1000", "appends_offsets"),
]


@pytest.mark.parametrize("proof", ["read_back", "none"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("wrong", WRONG, ids="-".join)
def test_a_server_that_continues_in_a_wrong_way(wrong: tuple[str, ...], push: bool, proof: str, tmp_path: Path) -> None:
    """The final name has the old or the new content. The next run, against a server that works, stores the file.

    The scripted server breaks off at the same byte each time, and continues as no real server is known to do.
    """
    protocol, *behaviours = wrong
    if behaviours[-1] in ("loses_tail", "lying_stage_size=1000") and proof == "none":
        proof = "auto"  # Only a proof finds bytes that a server confirms and does not have.
    with ExitStack() as stack:
        if protocol == "sftp":
            good: Any = stack.enter_context(Sshd())
            bad: Any = stack.enter_context(Sshd(good.root, subsystem=scripted(*behaviours)))
        else:
            good = stack.enter_context(ScriptedFtps(tmp_path))
            bad = stack.enter_context(ScriptedFtps(tmp_path, *behaviours))
        near, far = tmp_path / "near", good.root / "far"
        for each in (near, far):
            each.mkdir()
            each.chmod(0o755)
        if protocol == "sftp":
            good.give(far)
        options = {"retries": RETRIES, "links": "skip", "parallel": 1}
        runs = (SyncRuns if protocol == "sftp" else FtpsRuns)(
            good, near, far, push=push, state_dir=tmp_path / "state", **options
        )
        old, content = b"the old content", content_of(8 << 20)
        (runs.source / "large").write_bytes(content)
        (runs.destination / "large").write_bytes(old)
        ran = runs.on(bad).run(proof=proof)
        found = (runs.destination / "large").read_bytes()
        assert found in (old, content)
        assert (found == old) == ran.failed, ran
        assert not ran.failed or wrong not in HONEST, ran
        assert ran.codes <= {"connection_lost", "operation_failed", "proof_failed", "source_changed"}, ran
        runs.good(proof="read_back", compare="checksum")
        assert (runs.destination / "large").read_bytes() == content
        assert sorted(each.name for each in runs.destination.iterdir()) == ["large"]


def test_a_file_in_place_is_written_over_after_a_loss(line: Line, tmp_path: Path) -> None:
    """From its first byte, since it may be another file by then. The name never disappears."""
    runs = line.scene(tmp_path, push=True, drop_box=DropBoxRequest(in_place=True), proof="none")
    content = content_of()
    (runs.source / "large").write_bytes(content)
    large = runs.destination / "large"
    large.write_bytes(b"old")
    large.chmod(0o666)
    kept = tmp_path / "kept"
    os.link(large, kept)
    line.drop(PIECE, times=1)
    ran = runs.run()
    assert not ran.failed, ran
    assert len(runs.sleeps) > 0
    assert large.read_bytes() == content
    assert large.samefile(kept)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_source_that_changes_while_the_line_is_down(line: Line, push: bool, tmp_path: Path) -> None:
    """With size and mtime kept, on this host. No mixture of both versions is stored."""
    runs = line.scene(tmp_path, push=push)
    versions = [content_of(), content_of(SIZE)[::-1]]
    source = runs.source / "large"
    source.write_bytes(versions[0])
    line.drop(PIECE, times=1)
    stamp = source.stat()

    def change(_seconds: float) -> None:
        source.write_bytes(versions[1])
        os.utime(source, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + (0 if push else 10**9)))

    ran = runs.run(sleep=change)
    large = runs.destination / "large"
    assert not large.exists() or large.read_bytes() in versions, ran
    assert ran.codes <= {"source_changed", "proof_failed"}
    runs.good(compare="checksum")
    assert large.read_bytes() == versions[1]


FILES, EACH = 40, 256 << 10
LIMIT = 10 << 20


def at_half_of_the_proof(line: Line, *, push: bool, act: Callable[[], None]) -> threading.Thread:
    """Act when half of the files are read back, from a thread."""
    down = line.proxies[-1].counts()[1] + (EACH * FILES // 2 if push else EACH * FILES * 3 // 2)

    def watch() -> None:
        until = time.monotonic() + HANG_SECONDS
        while line.proxies[-1].counts()[1] < down and time.monotonic() < until:
            time.sleep(0.01)
        act()

    return in_background(watch, name="watch")


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("kind", [Vsftpd, ProftpdFtps])
def test_a_run_after_an_ftps_line_that_was_lost_for_good(
    kind: type[Vsftpd] | type[ProftpdFtps], push: bool, tmp_path: Path
) -> None:
    """Sessions that the server has not missed yet take nothing from the next run."""
    with ExitStack() as stack:
        line = ftps_line(stack, kind, ports=2)  # ProFTPD takes no single port.
        runs = line.scene(tmp_path, push=push, proof="read_back")
        content = content_of()
        (runs.source / "large").write_bytes(content)
        line.drop(PIECE, times=1)
        ran = runs.run(retries=1, sleep=lambda _seconds: [proxy.refuse() for proxy in line.proxies])
        assert ran.failed
        assert not (runs.destination / "large").exists()
        for proxy in line.proxies:
            proxy.disarm()
            proxy.refuse(on=False)
        ran = runs.run(retries=0)
        assert not ran.failed, ran
        assert (runs.destination / "large").read_bytes() == content
        assert [each.name for each in runs.destination.iterdir()] == ["large"]


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("way", ["interrupted", "lost for good"])
def test_a_run_that_ends_in_the_middle_of_a_proof(line: Line, push: bool, way: str, tmp_path: Path) -> None:
    """The files of the batch that are proven have their names, and the next run moves the others."""
    runs = line.scene(tmp_path, push=push, proof="read_back", bandwidth_limit=LIMIT, compare="checksum")
    content = random.Random(7).randbytes(EACH)
    names = {f"f{number:02}" for number in range(FILES)}
    for name in names:
        (runs.source / name).write_bytes(name.encode() + content)
    before = dict.fromkeys(sorted(names)[:5], b"the old file")
    for name, old in before.items():
        (runs.destination / name).write_bytes(old)

    def end() -> None:
        if way == "interrupted":
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            for proxy in line.proxies:
                proxy.refuse()
                proxy.break_all()

    watching = at_half_of_the_proof(line, push=push, act=end)
    ran = runs.run(trash=b".trash")
    watching.join()
    for proxy in line.proxies:
        proxy.refuse(on=False)
    assert ran.report.error is not None, ran
    there = {each.name: each.read_bytes() for each in runs.destination.iterdir() if each.name in names}
    stored = {bytes(path).decode() for path, action, _reason in ran.done if action == "store"}
    assert {name for name, found in there.items() if found != before.get(name)} == stored
    assert all(there[name] == name.encode() + content for name in stored)
    if push and way == "lost for good":
        assert stored == set()
    else:
        assert 0 < len(stored) < FILES
        assert [each.name for each in runs.destination.iterdir() if each.name.endswith(".tmp")] == []
    kept = {each.name: each.read_bytes() for each in runs.destination.glob(".trash/*/*")} or {
        each.name: each.read_bytes() for each in runs.destination.glob(".trash/*") if each.is_file()
    }
    assert kept == {name: old for name, old in before.items() if name in stored}
    again = runs.good(trash=b".trash")
    assert again.report.stats["files_stored"] == FILES - len(stored)
    assert {each.name for each in runs.destination.iterdir() if each.name in names} == names
    print(f"{way}: {len(stored)} of {FILES} files had their names")


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_several_connections_at_the_pace_of_a_limit(push: bool, tmp_path: Path) -> None:
    """A request that one connection makes room for, and another sends, leaves at once."""
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=push, parallel=4, bandwidth_limit=16 << 20, proof="none", stall_timeout=4.0)
        for number in range(4):
            (runs.source / f"large{number}").write_bytes(content_of(17 << 20))
        ran = runs.run()
        assert not ran.failed, ran
        assert runs.sleeps == [], "a connection was silent"
