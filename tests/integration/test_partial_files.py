# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file whose run broke off goes on in the next run, and is proven as a whole: `partial: keep`."""

from __future__ import annotations

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
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    ContentChecks,
    PartialFiles,
    VerifyRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.background import in_background
from support.running.patience import HANG_SECONDS
from support.scenes.dropping_line import Line, ftps_line, lines, sftp_line
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sealed_pair import age_key
from support.scenes.sync_runs import Ran, SyncRuns
from support.scripted.scripted_ftps import ScriptedFtps
from support.scripted.scripted_sftp import scripted
from support.servers.clamd import FORBIDDEN, Clamd
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.signed_tree import PRINCIPAL, Sender

SIZE, REACHED = 12 << 20, 7 << 20
SLOW: dict[str, Any] = {"partial": PartialFiles(min_size=1 << 20), "bandwidth_limit": 12 << 20, "parallel": 1}
"""Options of runs that can be ended in the middle of a file."""
line = lines()
clamd = served(Clamd, StreamMaxLength="20M", MaxFileSize="20M", MaxScanSize="40M")
both_ways = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


def content_of(size: int = SIZE, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def left_by(runs: SyncRuns) -> list[Path]:
    """The temporary files at the destination."""
    return [each for each in runs.destination.rglob(".secure_sync*") if each.suffix in (".tmp", ".part")]


def size_of(part: Path) -> int:
    """The size; 0 if the run has just removed or renamed the file."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def records(runs: SyncRuns) -> list[Path]:
    return list(runs.state_dir.glob("*.partial-*"))


def lose(line: Line) -> None:
    """Lose the line for good."""
    for proxy in line.proxies:
        proxy.refuse()
        proxy.break_all()


def interrupt(_line: Line) -> None:
    """Interrupt the run, as with Ctrl-C."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def broken_off(
    line: Line,
    runs: SyncRuns,
    end: Callable[[Line], None] = lose,
    *,
    reached: int = REACHED,
    left: SyncRuns | None = None,
    **options: Any,
) -> Ran:
    """A run that ends in the middle of the file. left: runs whose destination has the temporary file."""

    def watch() -> None:
        until = time.monotonic() + HANG_SECONDS
        while not any(size_of(each) >= reached for each in left_by(left or runs)) and time.monotonic() < until:
            time.sleep(0.01)
        end(line)

    watching = in_background(watch, name="watch")
    ran = runs.run(**options)
    watching.join()
    for proxy in line.proxies:
        proxy.refuse(on=False)
    assert ran.report.error is not None, ran
    return ran


@both_ways
@pytest.mark.parametrize("end", [lose, interrupt])
def test_the_next_run_continues(line: Line, push: bool, end: Callable[[Line], None], tmp_path: Path) -> None:
    runs = line.scene(tmp_path, push=push, compare="checksum", delete=True, **SLOW)
    content = content_of()
    (runs.source / "large").write_bytes(content)
    (runs.destination / "large").write_bytes(b"the old file")
    broken = broken_off(line, runs, end)
    (part,) = left_by(runs)
    assert part.stat().st_size > REACHED // 2
    assert (runs.destination / "large").read_bytes() == b"the old file"
    assert broken.report.stats["bytes_saved"] == 0

    foreseen = runs.good(check_mode=True)
    (note,) = [each for each in foreseen.report.notes if "continues" in each]
    assert f"of {SIZE} bytes" in note
    assert part.exists()

    before = line.carried()
    ran = runs.good()
    carried = line.carried() - before
    saved = ran.report.stats["bytes_saved"]
    print(f"{saved / SIZE:.2f} of the file continued; {carried / SIZE:.2f} times the size crossed the line")
    assert note in ran.report.notes
    assert saved > REACHED // 2
    assert ran.report.stats["bytes_sent" if push else "bytes_received"] >= SIZE - saved
    assert (runs.destination / "large").read_bytes() == content
    assert left_by(runs) == records(runs) == []
    assert not runs.good().changed


@both_ways
@pytest.mark.parametrize("forbidden", [False, True])
def test_a_continued_file_is_checked_as_a_whole(
    line: Line, clamd: Clamd, push: bool, forbidden: bool, tmp_path: Path
) -> None:
    """The forbidden word begins in the bytes of the first run, and ends in those of the second."""
    quarantine = b"" if push else os.fsencode(tmp_path / "quarantine")
    checks = ContentChecks(os.fsencode(clamd.socket), max_size=SIZE, quarantine=quarantine)
    runs = line.scene(tmp_path, push=push, compare="checksum", **SLOW)
    content = content_of()
    if forbidden:
        content = content[:REACHED] + FORBIDDEN + content[REACHED + len(FORBIDDEN) :]
    (runs.source / "large").write_bytes(content)
    broken_off(line, runs)
    ran = runs.run(content_check=checks)
    assert ran.codes == ({"content_refused"} if forbidden else set()), ran
    assert (runs.destination / "large").exists() is not forbidden
    assert forbidden or (runs.destination / "large").read_bytes() == content
    assert ran.report.stats["files_refused"] == forbidden
    assert forbidden or ran.report.stats["bytes_saved"] > REACHED // 2


def flip(part: Path) -> None:
    accessed = part.stat().st_atime
    with part.open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(part, (accessed, time.time()))


def cut(part: Path) -> None:
    os.truncate(part, 2 << 20)


def empty(part: Path) -> None:
    os.truncate(part, 0)


def lengthen(part: Path) -> None:
    with part.open("ab") as file:
        file.write(b"not the source's" * 1000)


def lengthen_too_far(part: Path) -> None:
    os.truncate(part, SIZE + 1)


def take_away(part: Path) -> None:
    part.unlink()


def link(part: Path) -> None:
    part.unlink()
    part.symlink_to(victim_of(part))


def hard_link(part: Path) -> None:
    part.unlink()
    os.link(victim_of(part), part)


def directory(part: Path) -> None:
    part.unlink()
    (part / "kept").mkdir(parents=True)


def victim_of(part: Path) -> Path:
    """Another file, which no run may change."""
    victim = part.parent.parent / "victim"
    victim.write_bytes(b"the victim" * 1_000_000)
    victim.chmod(0o600)
    os.chown(victim, part.parent.stat().st_uid, -1)
    return victim


CONTINUED = {flip, cut, lengthen, hard_link}
"""Changes that show only when the file is continued, or in its proof."""


CHANGES = (flip, cut, empty, lengthen, lengthen_too_far, take_away, link, directory)


@pytest.mark.parametrize(
    ("push", "change"),
    [(push, each) for push in (True, False) for each in (*CHANGES, hard_link)],
    ids=lambda value: {True: "push", False: "pull"}[value] if isinstance(value, bool) else value.__name__,
)
def test_a_partial_file_that_was_changed(
    line: Line, push: bool, change: Callable[[Path], None], tmp_path: Path
) -> None:
    """The content is that of the source nevertheless, after another transfer of the whole file if that is needed."""
    runs = line.scene(tmp_path, push=push, **SLOW)
    content = content_of()
    (runs.source / "large").write_bytes(content)
    broken_off(line, runs)
    (part,) = left_by(runs)
    if change in (link, hard_link):
        runs.destination.chmod(0o777)
    change(part)
    ran = runs.good(bandwidth_limit=None)
    assert (runs.destination / "large").read_bytes() == content
    assert bool([each for each in ran.report.notes if "continues" in each]) == (change in CONTINUED)
    assert left_by(runs) == ([part] if change is directory else [])
    assert records(runs) == []
    victim = runs.destination.parent / "victim"
    assert not victim.exists() or victim.read_bytes() == b"the victim" * 1_000_000
    assert (ran.report.stats["bytes_saved"] > 0) == (change in (cut, lengthen))


def test_a_file_in_a_directory_of_others_continues_over_sftp_alone(line: Line, tmp_path: Path) -> None:
    """FTP has no open files that could be compared: another account could put a link in its place."""
    runs = line.scene(tmp_path, push=True, **SLOW)
    runs.destination.chmod(0o775)
    (runs.source / "large").write_bytes(content_of())
    broken_off(line, runs)
    ran = runs.good(bandwidth_limit=None)
    assert (runs.destination / "large").read_bytes() == content_of()
    assert (ran.report.stats["bytes_saved"] > 0) == (not issubclass(line.runs, FtpsRuns))
    assert left_by(runs) == records(runs) == []


@both_ways
def test_a_partial_file_of_another_account(line: Line, push: bool, tmp_path: Path) -> None:
    """It may write to the destination, and puts a file of its own in the place, to read what comes: nothing does."""
    runs = line.scene(tmp_path, push=push, **SLOW)
    (runs.source / "large").write_bytes(content_of())
    broken_off(line, runs)
    (part,) = left_by(runs)
    runs.destination.chmod(0o777)
    owner, size = part.stat().st_uid, part.stat().st_size
    part.unlink()
    part.write_bytes(bytes(size))
    part.chmod(0o666)
    os.chown(part, 20_002, 20_002)
    with part.open("rb") as planted:
        runs.good(bandwidth_limit=None)
        assert planted.read().strip(b"\0") == b""
    assert (runs.destination / "large").read_bytes() == content_of()
    assert (runs.destination / "large").stat().st_uid == owner
    assert left_by(runs) == records(runs) == []


@both_ways
def test_a_source_that_changed_starts_again(line: Line, push: bool, tmp_path: Path) -> None:
    """Size and time kept, on this host: its change time shows it. At the server, the time shows it."""
    runs = line.scene(tmp_path, push=push, **SLOW)
    source = runs.source / "large"
    source.write_bytes(content_of())
    broken_off(line, runs)
    before = source.stat()
    source.write_bytes(content_of(seed=2))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns + (0 if push else 10**9)))
    ran = runs.good(bandwidth_limit=None)
    assert (runs.destination / "large").read_bytes() == content_of(seed=2)
    assert [each for each in ran.report.notes if "continues" in each] == []
    assert left_by(runs) == records(runs) == []


def test_another_source_with_the_size_and_the_time_of_the_first(line: Line, tmp_path: Path) -> None:
    """At the server, nothing shows it. The proof finds the mixture, and the file is fetched whole."""
    runs = line.scene(tmp_path, push=False, **SLOW)
    source = runs.source / "large"
    source.write_bytes(content_of())
    broken_off(line, runs)
    before = source.stat()
    source.write_bytes(content_of(seed=2))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    ran = runs.good(bandwidth_limit=None)
    assert [each for each in ran.report.notes if "continues" in each]
    assert (runs.destination / "large").read_bytes() == content_of(seed=2)
    assert ran.report.stats["bytes_saved"] == 0
    assert left_by(runs) == records(runs) == []


@both_ways
def test_a_run_that_keeps_nothing_removes_what_was_left(line: Line, push: bool, tmp_path: Path) -> None:
    runs = line.scene(tmp_path, push=push, **SLOW)
    (runs.source / "large").write_bytes(content_of())
    broken_off(line, runs)
    ran = runs.good(partial=None)
    assert ran.report.stats["bytes_saved"] == 0
    assert left_by(runs) == []


@both_ways
def test_old_partial_files_are_removed(line: Line, push: bool, tmp_path: Path) -> None:
    """Their own by the record, others by the time of the file: another task with this destination may continue them."""
    runs = line.scene(tmp_path, push=push, **SLOW)
    (runs.source / "large").write_bytes(content_of())
    broken_off(line, runs)
    (part,) = left_by(runs)
    young, old = (part.with_name(part.name.replace(part.name[-21:], f"{name * 16}.part")) for name in "xy")
    for each in (young, old):
        each.write_bytes(b"of another task")
    os.utime(old, (time.time() - 8 * 86400,) * 2)
    ran = runs.good(bandwidth_limit=None, partial=SLOW["partial"]._replace(max_age=0))
    assert ran.report.stats["bytes_saved"] == 0
    assert left_by(runs) == []
    for each in (young, old):
        each.write_bytes(b"of another task")
    os.utime(old, (time.time() - 8 * 86400,) * 2)
    runs.good()
    assert left_by(runs) == [young]


WRONG_RECORDS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda text: b"",
    "cut": lambda text: text[:-1],
    "a flipped bit": lambda text: bytes([text[0] ^ 1]) + text[1:],
    "another version": lambda text: b"2\n" + text,
    "not text": lambda text: b"\xff\n" * 10,
}


@pytest.mark.parametrize("wrong", WRONG_RECORDS)
def test_a_record_that_is_wrong(wrong: str, tmp_path: Path) -> None:
    """The file starts again. What was left is removed when it is old."""
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=True, **SLOW)
        (runs.source / "large").write_bytes(content_of())
        broken_off(line, runs)
        (part,), (record,) = left_by(runs), records(runs)
        record.write_bytes(WRONG_RECORDS[wrong](record.read_bytes()))
        ran = runs.good(bandwidth_limit=None)
        assert ran.report.stats["bytes_saved"] == 0
        assert (runs.destination / "large").read_bytes() == content_of()
        assert left_by(runs) == [part]
        os.utime(part, (time.time() - 8 * 86400,) * 2)
        runs.good()
        assert left_by(runs) == []


def test_the_record_of_another_destination(tmp_path: Path) -> None:
    """A link at the server leads to another directory by now: nothing there is continued or removed."""
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=True, **SLOW)
        (runs.source / "large").write_bytes(content_of())
        broken_off(line, runs)
        (part,) = left_by(runs)
        other, moved = (runs.destination.with_name(name) for name in ("other", "moved"))
        runs.destination.rename(moved)
        other.mkdir()
        other.chmod(0o777)
        (other / part.name).write_bytes((moved / part.name).read_bytes())
        runs.destination.symlink_to(other.name)
        ran = runs.good(bandwidth_limit=None)
        assert ran.report.stats["bytes_saved"] == 0
        assert (other / part.name).read_bytes() == (moved / part.name).read_bytes()
        assert (other / "large").read_bytes() == content_of()


def test_two_runs_at_once(tmp_path: Path) -> None:
    """The second is refused by the lock, and changes nothing of what the first continues."""
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=True, **SLOW)
        (runs.source / "large").write_bytes(content_of())
        broken_off(line, runs)
        (part,) = left_by(runs)
        size = part.stat().st_size
        second: list[Ran] = []

        def join_in() -> None:
            until = time.monotonic() + HANG_SECONDS
            while part.exists() and part.stat().st_size == size and time.monotonic() < until:
                time.sleep(0.005)
            second.append(runs.on(line.server).run())

        joining = in_background(join_in, name="second")
        first = runs.good(bandwidth_limit=3 << 20)
        joining.join()
        assert second[0].codes == {"locked"}
        assert first.report.stats["bytes_saved"] > 0
        assert (runs.destination / "large").read_bytes() == content_of()
        assert left_by(runs) == records(runs) == []


def stopped_at(runs: SyncRuns, reached: int) -> int:
    """Begin a run in a PID namespace of its own, as in another container; return its process, which is stopped in the
    middle of the file."""
    found, tell = os.pipe()
    if os.fork() == 0:
        try:
            os.unshare(os.CLONE_NEWPID)
            child = os.fork()
            if child:
                os.write(tell, b"%d" % child)
                os.waitpid(child, 0)
            else:
                runs.run(bandwidth_limit=3 << 20)
        finally:
            os._exit(0)
    child = int(os.read(found, 20))
    for end in (found, tell):
        os.close(end)
    until = time.monotonic() + HANG_SECONDS
    while not any(size_of(each) >= reached for each in left_by(runs)) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(child, signal.SIGSTOP)
    return child


@both_ways
def test_a_run_that_stood_still_goes_on(push: bool, tmp_path: Path) -> None:
    """Over SFTP. A second run takes over its lock, and stores the file. The first still has the temporary file open,
    and reads a source that has changed by now: nothing of that may come into the file that the second has proven."""
    with ExitStack() as stack:
        runs = sftp_line(stack).scene(tmp_path, push=push, **SLOW)
        source, stored, content = runs.source / "large", runs.destination / "large", content_of()
        source.write_bytes(content)
        still = stopped_at(runs, REACHED)
        try:
            # Two minutes pass without a heartbeat.
            os.utime(runs.destination / ".secure_sync.lock", (time.time() - 120,) * 2)
            second = runs.run(bandwidth_limit=None)
            proven = b"" if second.failed else stored.read_bytes()
            with source.open("r+b") as file:
                file.write(content_of(seed=2))
        finally:
            os.kill(still, signal.SIGCONT)
            os.wait()
        assert proven == content, second
        assert stored.read_bytes() == content
        assert second.report.stats["bytes_saved"] == 0
        assert [each for each in second.report.notes if "has not ended" in each]
        runs.good(bandwidth_limit=None)
        assert stored.read_bytes() == content_of(seed=2)
        assert left_by(runs) == records(runs) == []


WRONG = [
    ("sftp", "breaks_off"),
    ("sftp", "breaks_off", "loses_tail"),
    ("ftps", "breaks_off"),
    ("ftps", "breaks_off", "ignores_offsets"),
    ("ftps", "breaks_off", "lying_stage_size=1000"),
    ("ftps", "breaks_off", "lying_stage_size=-1000"),
    ("ftps", "breaks_off", "lying_stage_size=-1000", "appends_offsets"),
]


@pytest.mark.parametrize(
    ("wrong", "push"),
    [(wrong, push) for wrong in WRONG for push in (True, False) if push or wrong[0] == "ftps"],
    ids=lambda value: {True: "push", False: "pull"}[value] if isinstance(value, bool) else "-".join(value),
)
def test_a_server_that_continues_in_a_wrong_way(wrong: tuple[str, ...], push: bool, tmp_path: Path) -> None:
    """The final name has the old or the new content after each run. The scripted servers break off at one byte each
    time, lie about sizes, ignore offsets or append, as no real server is known to do. Over SFTP, they do on a push."""
    protocol, *behaviours = wrong
    with ExitStack() as stack:
        good: Any = stack.enter_context(Sshd() if protocol == "sftp" else ScriptedFtps(tmp_path))
        bad: Any = stack.enter_context(
            Sshd(good.root, subsystem=scripted(*behaviours))
            if protocol == "sftp"
            else ScriptedFtps(tmp_path, *behaviours)
        )
        near, far = tmp_path / "near", good.root / "far"
        for each in (near, far):
            each.mkdir(mode=0o777)
            each.chmod(0o777)
        kind = SyncRuns if protocol == "sftp" else FtpsRuns
        options: dict[str, Any] = {"links": "skip", "parallel": 1, "partial": SLOW["partial"]}
        runs = kind(good, near, far, push=push, state_dir=tmp_path / "state", **options)
        old, content = b"the old content", content_of(8 << 20)
        (runs.source / "large").write_bytes(content)
        (runs.destination / "large").write_bytes(old)
        broken = runs.on(bad).run(sleep=end_the_run)
        assert broken.report.error is not None, broken
        assert (runs.destination / "large").read_bytes() == old
        assert len(left_by(runs)) == 1
        ran = runs.on(bad).run()
        assert (runs.destination / "large").read_bytes() == (old if ran.failed else content), ran
        assert ran.failed or left_by(runs) == records(runs) == []
        runs.good(compare="checksum", partial=None)
        assert (runs.destination / "large").read_bytes() == content
        assert left_by(runs) == []
        print(f"{ran.report.stats['bytes_saved']} bytes continued")


def end_the_run(_seconds: float) -> None:
    raise KeyboardInterrupt


AGE = age_key()
WAYS: dict[str, tuple[bool, dict[str, Any]]] = {
    "several connections, push": (True, {"parallel": 4}),
    "several connections, pull": (False, {"parallel": 4}),
    "blocks": (True, {"delta": "auto", "compare": "checksum"}),
    "the server's hash": (True, {"proof": "server_hash"}),
    "read back": (False, {"proof": "read_back"}),
    "durable": (True, {"durable": True}),
    "trash": (True, {"trash": b".trash"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_move_a_file(way: str, tmp_path: Path) -> None:
    """Over SFTP, twice in a row: a second run breaks off in the rest, and the third stores the file."""
    push, options = WAYS[way]
    with ExitStack() as stack:
        line = sftp_line(stack)
        runs = line.scene(tmp_path, push=push, **{**SLOW, **options})
        content = content_of(40 << 20)
        old = content_of(33 << 20)
        (runs.source / "large").write_bytes(old)
        runs.good(bandwidth_limit=None)
        (runs.source / "large").write_bytes(content)
        for reached in (12 << 20, 30 << 20):
            broken_off(line, runs, reached=reached, bandwidth_limit=24 << 20)
            assert (runs.destination / "large").read_bytes() == old
        ran = runs.good(bandwidth_limit=None)
        saved = ran.report.stats["bytes_saved"]
        print(f"{way}: {saved / len(content):.2f} of the file continued")
        assert saved > 12 << 20
        assert (runs.destination / "large").read_bytes() == content
        assert left_by(runs) == records(runs) == []


def test_a_line_that_drops_before_a_file_is_continued(tmp_path: Path) -> None:
    """The first of two files loses the connection, and the second, which was not opened yet, keeps its part."""
    with ExitStack() as stack:
        line = ftps_line(stack, Vsftpd, ports=4)
        runs = line.scene(tmp_path, push=False, **{**SLOW, "parallel": 2})
        contents = {name: content_of(seed=number) for number, name in enumerate(["a", "b"])}
        for name, content in contents.items():
            (runs.source / name).write_bytes(content)
        broken_off(line, runs)
        parts = {each.stat().st_size for each in left_by(runs)}
        assert len(left_by(runs)) == 2
        line.drop(1 << 20, times=1)
        ran = runs.good(bandwidth_limit=None, parallel=1)
        assert runs.sleeps
        assert ran.report.stats["bytes_saved"] > sum(parts) * 3 // 4
        assert {each.name: each.read_bytes() for each in runs.destination.iterdir()} == contents


def test_a_signed_file_is_fetched_on(tmp_path: Path) -> None:
    """Its digest is the signed digest, or it does not get its name."""
    with ExitStack() as stack:
        line = sftp_line(stack)
        sender = Sender(key("release"))
        runs = line.scene(tmp_path, push=False, verify=VerifyRequest(PRINCIPAL, (sender.line,)), **SLOW)
        content = content_of()
        (runs.source / "large").write_bytes(content)
        sender.write(runs.source)
        broken_off(line, runs)
        (part,) = left_by(runs)
        for change in (lambda _part: None, flip):
            change(part)
            ran = runs.good(bandwidth_limit=None)
            assert [each for each in ran.report.notes if "continues" in each]
            assert (ran.report.stats["bytes_saved"] >= REACHED) == (change is not flip)
            assert (runs.destination / "large").read_bytes() == content
            (runs.destination / "large").unlink()
            if change is not flip:
                broken_off(line, runs)
                (part,) = left_by(runs)


@both_ways
def test_a_single_file(line: Line, push: bool, tmp_path: Path) -> None:
    runs = line.scene(tmp_path, push=push, **SLOW)
    (runs.source / "large").write_bytes(content_of())
    one = SyncRuns.on(runs, runs.server)
    one.through, one.near, one.far = runs.through, runs.near / "large", runs.far / "large"
    broken_off(line, one, left=runs)
    ran = one.good(bandwidth_limit=None)
    assert ran.report.stats["bytes_saved"] >= REACHED
    assert (runs.destination / "large").read_bytes() == content_of()
    assert left_by(runs) == records(runs) == []


def test_an_encrypted_file_is_fetched_on(tmp_path: Path) -> None:
    with ExitStack() as stack:
        line = sftp_line(stack)
        sent = line.scene(tmp_path, push=True, links="skip")
        content = content_of()
        (sent.source / "large").write_bytes(content)
        sent.good(encrypt=AGE.recipients)
        home = tmp_path / "home"
        home.mkdir()
        runs = sent.back(home)
        broken_off(line, runs, decrypt=AGE.identities, **SLOW)
        ran = runs.good(decrypt=AGE.identities, **{**SLOW, "bandwidth_limit": None})
        assert ran.report.stats["bytes_saved"] >= REACHED
        assert [(each.name, each.read_bytes()) for each in home.iterdir()] == [("large", content)]
