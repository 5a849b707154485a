# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of the sync engine against real FTPS servers."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ConnectionLost,
    Locked,
    NoSpace,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps import data
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.control import Control
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
    PUSH,
    DeleteLimit,
    SyncRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.connect import open_ssh_stream
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import EXEC
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import lock
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import keeper as ftps_keeper
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.exclusive import GUARD
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import (
    SmallFiles,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsOptions,
    FtpsTransport,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from support.contracts.transport_contract import transfers_of
from support.running.patience import HANG_SECONDS
from support.scenes.changed_once_read import ChangedOnceRead
from support.scenes.sync_pair import codes, done
from support.servers.ftps_server import FtpsServer, credentials_of, endpoint_of, trust_of
from support.servers.killed_sessions import at_byte, lose_sessions_at
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.memory_transport import MemoryTransport
from support.trees.real_tree import read_tree, write_tree
from support.trees.tree_spec import MTIME, SECOND, Directory, File, TreeSpec

SERVERS = {
    "vsftpd": Vsftpd,
    "vsftpd-jail-tls12": partial(Vsftpd, jail=True, versions=("1.2",)),
    "proftpd": partial(ProftpdFtps, umask="077"),
    "pure-ftpd": partial(PureFtpd, umask="077"),
}
TREE: TreeSpec = {
    b"a": File(b"a" * 100, 0o640, MTIME),
    b"d/b": File(b"b" * 300_000, 0o600, MTIME + SECOND),
    b"d/e/c": File(b"", 0o644, MTIME + 2 * SECOND),
    b"empty": Directory(0o750, MTIME),
    "\u00fc \xe9; -> x".encode(): File(b"odd", 0o644, MTIME),
    **{b"many/%d" % number: File(b"%d" % number, 0o644, MTIME + number * SECOND) for number in range(300)},
}
LOCK = ".secure_sync.lock"
WRITING = re.compile(r"\b(STOR|APPE|STOU|DELE|RNFR|RNTO|MKD|RMD|MFMT|CHMOD|UTIME|MDTM \d{14} )\b", re.IGNORECASE)


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[FtpsServer]:
    with SERVERS[request.param]() as running:
        yield running


class Ends:
    """A local tree and one at the server, and runs between them."""

    def __init__(self, server: FtpsServer, tmp_path: Path) -> None:
        self.server = server
        self.local, self.state = tmp_path / "local", tmp_path / "state"
        name = f"run-{len(list(server.root.iterdir()))}"
        self.remote = server.root / name
        self.remote_root = f"{server.remote_root}/{name}".encode()

    def write_local(self, tree: TreeSpec) -> None:
        write_tree(os.fsencode(self.local), tree)

    def write_remote(self, tree: TreeSpec) -> None:
        write_tree(os.fsencode(self.remote), tree)
        self.server.give(self.remote)

    def trees(self) -> list[dict[bytes, Any]]:
        """The content of both ends; directories without the attributes that vsftpd cannot set."""
        return [
            {
                path: found.mode if isinstance(found, Directory) else found
                for path, found in read_tree(os.fsencode(end)).items()
            }
            for end in (self.local, self.remote)
        ]

    def run(self, direction: str = PUSH, **options: Any) -> SyncReport:
        server = self.server
        return sync(
            SyncRequest(
                direction=direction,
                local_root=os.fsencode(self.local),
                remote_root=self.remote_root,
                endpoint=endpoint_of(server),
                credentials=credentials_of(server),
                trust=SshTrust(),
                tls=trust_of(server),
                state_dir=os.fsencode(self.state),
                run_id=os.urandom(8).hex(),
                **{"max_delete": DeleteLimit(100, True), **options},
            )
        )


@pytest.fixture
def ends(server: FtpsServer, tmp_path: Path) -> Ends:
    return Ends(server, tmp_path)


def good(report: SyncReport) -> SyncReport:
    assert (report.error, codes(report)) == (None, set())
    return report


def test_push_and_again(ends: Ends) -> None:
    ends.write_local(TREE)
    first = good(ends.run())
    local, remote = ends.trees()
    assert remote == local
    assert sum(first.proofs.values()) == 304
    second = good(ends.run())
    assert done(second) == []
    assert second.stats["bytes_sent"] == 0
    assert second.peer is not None
    assert second.peer.protocol.startswith("TLSv1.")


def test_push_of_changes_deletions_and_kinds(ends: Ends) -> None:
    ends.write_local(TREE)
    ends.write_remote({b"a": File(b"old" * 40, 0o666), b"extra/x": b"x", b"d/e": b"a file", b"many/1": File(b"9")})
    good(ends.run(delete=True))
    local, remote = ends.trees()
    assert remote == local
    assert done(good(ends.run(delete=True))) == []


def test_push_with_trash(ends: Ends) -> None:
    ends.write_local({b"a": File(b"new"), b"b": File(b"b")})
    ends.write_remote({b"a": b"old", b"gone": b"x"})
    good(ends.run(delete=True, trash=b".trash"))
    found = read_tree(os.fsencode(ends.remote))
    kept = {path: one.content for path, one in found.items() if isinstance(one, File)}
    assert kept.pop(b"a") == b"new"
    assert kept.pop(b"b") == b"b"
    assert sorted(kept.values()) == [b"old", b"x"]


def test_pull_and_again(ends: Ends) -> None:
    ends.write_remote(TREE)
    ends.write_local({b"a": b"old", b"extra": b"x"})
    good(ends.run(PULL, delete=True))
    local, remote = ends.trees()
    assert local == remote
    assert done(good(ends.run(PULL, delete=True))) == []


def test_check_mode_writes_nothing(ends: Ends) -> None:
    ends.write_local(TREE)
    ends.write_remote({b"a": b"old", b"extra": b"x"})
    before = ends.trees()
    start = len(ends.server.transcript())
    foretold = good(ends.run(delete=True, check_mode=True))
    said = ends.server.transcript()[start:]
    assert "prot" in said.lower()  # the transcript shows this run
    assert WRITING.findall(said) == []
    assert ends.trees() == before
    real = good(ends.run(delete=True))
    assert [(action.path, action.action) for action in foretold.plan.actions] == [
        (action.path, action.action) for action in real.plan.actions
    ]


def test_a_size_that_is_the_same_and_other_content_is_found_by_checksum(ends: Ends) -> None:
    ends.write_local({b"f": File(b"new", 0o644, MTIME)})
    ends.write_remote({b"f": File(b"old", 0o644, MTIME)})
    good(ends.run(compare="checksum"))
    local, remote = ends.trees()
    assert remote == local


def test_a_local_file_whose_name_ftp_cannot_carry_fails_alone(ends: Ends) -> None:
    ends.write_local({b"bad\nname": b"x", b"good": b"y"})
    report = ends.run()
    assert codes(report) == {"unsafe_name"}
    assert (b"good", "store") in done(report)


def transport_of(ends: Ends, options: FtpsOptions = FtpsOptions()) -> FtpsTransport:  # noqa: B008
    """A transport of the server's tree, logged in."""
    server = ends.server
    transport = FtpsTransport(
        ends.remote_root, partial(FtpsSession, endpoint_of(server), credentials_of(server), trust_of(server)), options
    )
    transport.start()
    return transport


def _race(transport: FtpsTransport, target: RelPath, racer: int, barrier: threading.Barrier) -> bool | Exception:
    """Whether this one made the name."""
    mine = RelPath(b"%s-of-%d" % (target, racer))
    try:
        transport.create_file(mine, b"%d" % racer)
        barrier.wait()
        transport.rename_new(mine, target)
    except AlreadyExists:
        return False
    except Exception as error:
        barrier.abort()
        return error
    return True


@pytest.mark.one_in(2)
def test_one_name_is_made_by_one_of_many(ends: Ends) -> None:
    """Twelve sessions at once, several rounds: never two winners, and the stored file is the winner's."""
    racers, rounds = 12, 6
    ends.write_remote({})
    transports = [transport_of(ends) for _number in range(racers)]
    for number in range(rounds):
        target, barrier = RelPath(b"lock-%d" % number), threading.Barrier(racers)
        with ThreadPoolExecutor(racers) as threads:
            results = list(threads.map(_race, transports, [target] * racers, range(racers), [barrier] * racers))
        assert sorted(map(repr, results)) == ["False"] * (racers - 1) + ["True"]
        assert (ends.remote / os.fsdecode(target)).read_bytes() == b"%d" % results.index(True)
    assert not (ends.remote / os.fsdecode(GUARD)).exists()
    for transport in transports:
        transport.close()


def test_what_is_stopped_waits_for_no_server_that_hangs(ends: Ends) -> None:
    """Two sessions, each in the middle of a file: the server hangs, and the results are no longer needed."""
    ends.write_remote({})
    server = ends.server
    source = MemoryTransport({b"a": File(b"small"), b"b": File(bytes(32 << 20)), b"c": File(bytes(32 << 20))})
    transport = transport_of(ends)
    uploading = transport.upload(transfers_of(source.snapshot()), source)
    assert next(uploading).error is None
    stopped = server.session_pids()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(0.2)
    began = time.monotonic()
    uploading.close()
    assert time.monotonic() - began < HANG_SECONDS
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    transport.reconnect()
    assert [error for _path, _entry, error in transport.look([RelPath(b"a.stage")])] == [None]
    transport.close()


@pytest.mark.one_in(2)
def test_signs_of_life_come_during_a_long_transfer(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """One session is busy with the content; the other touches the lock, each time after its previous work."""
    monkeypatch.setattr(lock, "SIGN_OF_LIFE", 0.5)
    ends.write_local({b"large": File(os.urandom(6 << 20))})
    start = len(ends.server.transcript())
    good(ends.run(bandwidth_limit=2 << 20))
    said = ends.server.transcript()[start:]
    touched = [line for line in said.splitlines() if re.search(r"(MFMT|MDTM|UTIME)\W+.*\d{14}.*" + LOCK, line, re.I)]
    assert len(touched) >= 4
    assert not (ends.remote / LOCK).exists()


@pytest.mark.one_in(2)
@pytest.mark.parametrize("direction", [PUSH, PULL])
def test_idle_sessions_are_kept_alive(ends: Ends, direction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle sessions of many small files must not disturb the session that carries the last, large file."""
    monkeypatch.setattr(ftps_keeper, "_SILENCE", 0.6)
    tree = {**{b"s/%d" % number: b"x" for number in range(40)}, b"z": File(os.urandom(6 << 20))}
    ends.write_local(tree if direction == PUSH else {})
    ends.write_remote(tree if direction == PULL else {})
    start = len(ends.server.transcript())
    good(ends.run(direction, bandwidth_limit=2 << 20, lock=False, parallel=2))
    said = ends.server.transcript()[start:]
    assert len(re.findall(r"\bnoop\b", said, re.I)) >= 2


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("parallel", "lost_at"), [(1, 80), (2, 100)])
def test_a_large_file_goes_on_where_the_session_was_lost(
    ends: Ends, parallel: int, lost_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sessions are lost. A session that read the file from its beginning had more than 64 MiB, also where the
    second session logged in too late to take a part; a session in the middle of a part of 40 MiB resumes that part."""
    size = 160
    block = os.urandom(1 << 20)
    ends.write_local({})
    ends.write_remote({b"large": File(block * size)})

    start = len(ends.server.transcript())
    lose_sessions_at(ends.server, lost_at << 20, monkeypatch)
    report = good(ends.run(PULL, parallel=parallel))
    resumed = [int(note.rpartition(" ")[2]) for note in report.notes if "resumed at byte" in note]
    assert resumed
    assert (ends.local / "large").read_bytes() == block * size
    asked = re.findall(r"\brest\b\W+(\d+)", ends.server.transcript()[start:], re.I)
    assert set(resumed) <= set(map(int, asked))
    assert parallel > 1 or resumed[0] >= lost_at << 20


LARGE = 96 << 20


def asked_offsets(said: str) -> list[int]:
    return sorted(int(offset) for offset in re.findall(r"\brest\b\W+(\d+)", said, re.I))


def test_a_large_file_is_read_over_two_sessions(ends: Ends) -> None:
    """In four parts, of which each ends where the next begins; nothing is left of the ends in the middle."""
    content = random.Random(1).randbytes(LARGE)
    ends.write_local({})
    ends.write_remote({b"large": File(content, 0o640, MTIME), b"small": File(b"small")})
    start = len(ends.server.transcript())
    began = time.monotonic()
    # How many sessions it takes by itself depends on the round trip, which is long on a busy machine.
    report = good(ends.run(PULL, proof="none", parallel=2))
    print(f"{LARGE >> 20} MiB in {time.monotonic() - began:.2f} s")
    assert asked_offsets(ends.server.transcript()[start:]) == [LARGE // 4, LARGE // 2, LARGE // 4 * 3]
    assert (ends.local / "large").read_bytes() == content
    local, remote = ends.trees()
    assert local == remote
    assert report.stats["bytes_received"] == LARGE + len(b"small")
    assert good(ends.run(PULL, compare="checksum")).plan.actions == ()


def test_a_large_file_over_sessions_that_end_with_each_part(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ProFTPD's do now and then when a transfer is given up."""

    def lost(control: Control, **_options: object) -> None:
        control.channel.cut()
        raise ConnectionLost("the server closed the connection")

    monkeypatch.setattr(data, "take_end", lost)
    content = random.Random(4).randbytes(LARGE)
    ends.write_local({})
    ends.write_remote({b"large": File(content)})
    good(ends.run(PULL, proof="none"))
    assert (ends.local / "large").read_bytes() == content


def test_large_files_that_are_alike_are_read_whole(ends: Ends) -> None:
    """Two keep two sessions at work."""
    content = random.Random(2).randbytes(65 << 20)
    ends.write_local({})
    ends.write_remote({b"large": File(content), b"large too": File(content)})
    start = len(ends.server.transcript())
    good(ends.run(PULL, proof="none", parallel=2))
    assert asked_offsets(ends.server.transcript()[start:]) == []
    assert [(ends.local / name).read_bytes() == content for name in ("large", "large too")] == [True, True]


def test_a_large_file_that_changes_while_it_is_read_is_not_stored(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    ends.write_local({})
    ends.write_remote({b"large": File(bytes(LARGE), mtime=MTIME)})

    def change() -> None:
        with open(ends.remote / "large", "r+b") as file:
            file.write(b"other")

    at_byte(1 << 20, change, monkeypatch)
    report = ends.run(PULL, lock=False)
    assert codes(report) == {"source_changed"}
    assert list(ends.local.iterdir()) == []


def test_an_interrupted_download_of_a_large_file_leaves_nothing(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """While both sessions read. The transport can be used on."""
    tree: TreeSpec = {b"large": File(bytes(LARGE), mtime=MTIME)}
    ends.write_remote(tree)
    transport = transport_of(ends, FtpsOptions(bandwidth_limit=32 << 20))
    (transfer,) = transfers_of(tree)
    sink = MemoryTransport({})

    def interrupt() -> None:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    at_byte(8 << 20, interrupt, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        list(transport.download([transfer], sink))
    assert (sink.snapshot(), sink.open_files) == ({}, 0)
    assert [error for _path, _entry, error in transport.look([transfer.source])] == [None]
    transport.close()


def test_a_large_file_that_finds_no_room_is_fetched_once(ends: Ends) -> None:
    """Another try would find none either."""
    tree: TreeSpec = {b"large": File(bytes(LARGE), mtime=MTIME)}
    ends.write_remote(tree)
    transport = transport_of(ends)
    (transfer,) = transfers_of(tree)
    sink = MemoryTransport({})
    sink.faults.fail("write_at", transfer.stage, NoSpace("No space left on device"))
    made: list[RelPath] = []
    create_stage = sink.create_stage
    sink.create_stage = lambda path: made.append(path) or create_stage(path)
    (answer,) = transport.download([transfer], sink)
    transport.close()
    assert (answer.error.code, answer.error.path) == ("no_space", b"large")
    assert (sink.snapshot(), sink.open_files) == ({}, 0)
    assert made == [transfer.stage]


def test_a_file_that_changes_as_soon_as_it_was_read(ends: Ends) -> None:
    """Its bytes may come from two versions: the mtime shows it, although end and size are unchanged."""
    tree: TreeSpec = {b"f": File(b"one version", mtime=MTIME)}
    ends.write_remote(tree)
    transport = transport_of(ends)
    sink = ChangedOnceRead(lambda: os.utime(ends.remote / "f"))
    (answer,) = transport.download(transfers_of(tree), sink)
    transport.close()
    assert (answer.error.code, answer.error.path) == ("source_changed", b"f")
    assert (sink.snapshot(), sink.open_files) == ({}, 0)


def test_a_server_that_reads_from_the_beginning_only(tmp_path: Path) -> None:
    """ProFTPD offers REST all the same, and refuses when a part is asked for."""
    with ProftpdFtps(config=("AllowRetrieveRestart off",)) as server:
        ends = Ends(server, tmp_path)
        content = random.Random(3).randbytes(LARGE)
        ends.write_local({})
        ends.write_remote({b"large": File(content)})
        start = len(server.transcript())
        good(ends.run(PULL, proof="none"))
        assert asked_offsets(server.transcript()[start:])
        assert (ends.local / "large").read_bytes() == content


@pytest.mark.parametrize("limit", ["max_per_ip", "max_clients"])
def test_a_server_that_admits_one_session(limit: str, tmp_path: Path) -> None:
    """The runs succeed with the only session, log in no more often than necessary, and report it."""
    with Vsftpd(**{limit: 1}) as server:
        ends = Ends(server, tmp_path)
        ends.write_local(TREE)
        first = good(ends.run(parallel=4))
        assert any("admitted 1 sessions" in note for note in first.notes)
        local, remote = ends.trees()
        assert remote == local
        shutil.rmtree(ends.local / "many")
        good(ends.run(PULL, parallel=4))
        local, remote = ends.trees()
        assert local == remote
        said = server.transcript()
        assert said.count('"PASS ') == 2
        assert 0 < said.count('"421 ') <= 2 * 3


def sftp_transport(server: Sshd, root: bytes) -> SftpTransport:
    endpoint = Endpoint("sftp", server.host, port=server.port, username=server.user, ssh_config_file="none")
    credentials = Credentials(private_key_file=str(server.key.path), ssh_agent=False)
    login = partial(open_ssh_stream, endpoint, credentials, SshTrust(host_keys=tuple(server.host_public_keys)))
    return SftpTransport(root, login, lambda command: login(request=EXEC, command=command), SftpOptions())


class Racer:
    """One run that wants the lock of the tree."""

    def __init__(self, transport: Any, number: int) -> None:
        self.transport = transport
        run_id = f"{number:08x}{0:08x}"
        self.lock = lock.Lock(transport, LockHolder.here(run_id), StageNames(b"", run_id), lambda path, seconds: None)

        self.acquired = False

    def race(self, barrier: threading.Barrier, delay: float) -> bool:
        """Whether this run may begin to make changes."""
        barrier.wait()
        time.sleep(delay)
        try:
            self.lock.acquire()
            self.acquired = True
            self.lock.confirm_if_old()
        except Locked:
            return False
        return True


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Vsftpd, Sshd]]:
    """Two servers of one tree and account."""
    with Vsftpd(jail=True) as ftps, Sshd(ftps.root, jail=True, account=ftps.account) as ssh:
        yield ftps, ssh


def ftps_transport(server: FtpsServer) -> FtpsTransport:
    return FtpsTransport(b"/files", partial(FtpsSession, endpoint_of(server), credentials_of(server), trust_of(server)))


def test_a_lock_made_between_look_and_rename_is_lost_and_found_to_be(
    both: tuple[Vsftpd, Sshd], monkeypatch: pytest.MonkeyPatch
) -> None:
    over_ftps, over_sftp = ftps_transport(both[0]), sftp_transport(both[1], b"/files")
    assert over_ftps.root_entry() is not None
    assert over_sftp.root_entry() is not None
    first, second = Racer(over_ftps, 1), Racer(over_sftp, 2)
    barrier, made = threading.Barrier(1), both[0].root / LOCK
    expect_free = SmallFiles._expect_free

    with ThreadPoolExecutor(1) as threads:
        results = []

        def interfere(files: SmallFiles, lane: Lane, path: RelPath) -> None:
            expect_free(files, lane, path)
            if path == lock.LOCK_NAME:
                results.append(threads.submit(second.race, barrier, 0.0))
                while not made.exists():
                    time.sleep(0.001)
                assert second.lock._holder.run_id in made.read_text()

        monkeypatch.setattr(SmallFiles, "_expect_free", interfere)
        assert first.race(barrier, 0.0)
        assert not results[0].result()
    assert second.acquired
    assert first.lock._holder.run_id in made.read_text()
    first.lock.confirm()
    for racer in (first, second):
        racer.lock.release()
        racer.transport.close()
    assert list(both[0].root.iterdir()) == []


def test_runs_over_sftp_and_ftps_on_one_tree_have_one_lock(both: tuple[Vsftpd, Sshd]) -> None:
    """Five of each at once, several rounds: two never continue, although a rename over FTP replaces existing files."""
    rounds, ways, replaced = 25, Counter(), 0
    chance = random.Random(20_261)
    transports: list[Any] = [ftps_transport(both[0]) for _number in range(5)]
    transports += [sftp_transport(both[1], b"/files") for _number in range(5)]
    for transport in transports:
        assert transport.root_entry() is not None
    for number in range(rounds):
        racers = [Racer(transport, 16 * number + place) for place, transport in enumerate(transports)]
        barrier = threading.Barrier(len(racers))
        # SFTP is quicker: its runs come while those over FTPS are under way.
        delays = [0.0] * 5 + [chance.uniform(0, 0.3) for _number in range(5)]
        with ThreadPoolExecutor(len(racers)) as threads:
            won = list(threads.map(Racer.race, racers, [barrier] * len(racers), delays))
        replaced += sum(racer.acquired for racer in racers) - 1
        assert sum(won) <= 1
        ways["FTPS" if any(won[:5]) else "SFTP" if any(won) else "nobody"] += 1
        for racer in racers:
            racer.lock.release()
        for path in both[0].root.iterdir():
            path.unlink()
    for transport in transports:
        transport.close()
    print(f"winners {dict(ways)}, locks that were replaced: {replaced}")
    assert ways["nobody"] < rounds
