# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs against servers that misbehave and networks that break: the invariants after each, by one checker."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import SyncRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.connect import open_peer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpTransport,
)
from support.judges.invariants import GRACE_SECONDS
from support.scenes.hostile_scene import EXTRA, NEW, OLD, PAST, Scene, contents, ours, write_tree
from support.scenes.sync_runs import SyncRuns
from support.scripted.scripted_sftp import scripted
from support.servers.proxy import Fault, Proxy
from support.servers.sshd import Sshd
from support.trees.trees import differences, tree_digest

RETRIES = 1
STALL_SECONDS = 1.0
"""stall_timeout of runs that must wait for it. No other run may end by it: they have PATIENT_SECONDS."""
PATIENT_SECONDS = 30.0


class Case(NamedTuple):
    """codes: the permitted error codes, of which at least one must occur; none if the run must succeed all the same.
    behaviours of the server; options of the run; waits: how many times it may wait for `stall_timeout`. lasting: False
    if a session gets far enough that another session can finish the work, if no retry is wasted."""

    behaviours: tuple[str, ...]
    codes: frozenset[str] = frozenset()
    options: tuple[tuple[str, object], ...] = ()
    waits: int = 0
    lasting: bool = True

    @property
    def patience(self) -> dict[str, float]:
        """Options of a run that has to wait."""
        return {"stall_timeout": STALL_SECONDS} if self.waits else {}


def case(behaviours: str, codes: str = "", *, waits: int = 0, lasting: bool = True, **options: object) -> Case:
    return Case(tuple(behaviours.split()), frozenset(codes.split()), tuple(options.items()), waits, lasting)


LOST = "connection_lost"
BROKEN = "protocol_violation"
BOTH = [
    case("slow=2"),
    case("out_of_order"),
    case("short_reads=1000"),
    case("no_extensions"),
    case("small_limits=4096"),
    case("small_limits=1024"),
    case("small_limits=1", BROKEN),
    case("short_reads=0", "operation_failed source_changed proof_failed"),
    case("bare_attributes"),
    case("wrong_ids=30", BROKEN),
    case("wrong_types=30", BROKEN),
    case("twice_answered=30", BROKEN),
    case("short_packets=30", BROKEN),
    case("huge_packet=30", BROKEN),
    case("cut_packet=30", LOST, lasting=False),
    *(case(f"disconnect={number}", LOST, lasting=False) for number in (13, 21, 34, 55, 89)),
    case("stall=10", "stalled", waits=RETRIES + 1),
    case("stall=40", "stalled", waits=8, lasting=False),
    case("cut_listing=3", "operation_failed"),
    case("cut_listing=0", "operation_failed source_missing empty_source"),
    case("closed_listing=3", LOST),
    case("escaping_names", "unsafe_name"),
    case("escaping_names=..%2fescaped", "unsafe_name"),
    case("duplicate_names", "duplicate_name"),
    case("denied=sub", "permission_denied"),
]
PUSH = [
    # Before anything is known of the direction.
    case("many_extensions"),
    case("old_version", BROKEN),
    case("greeting", BROKEN),
    case("wrong_ids", BROKEN),
    case("wrong_types", BROKEN),
    case("twice_answered", BROKEN),
    case("short_packets", BROKEN),
    case("huge_packet", BROKEN),
    case("cut_packet=3", LOST),
    case("stall=1", "stalled", waits=RETRIES + 1),
    *(case(f"disconnect={number}", LOST) for number in (1, 2, 3, 5, 8)),
    case("escaping_names=%00", "unsafe_name"),
    case("endless_depth", "unsafe_name"),
    case("denied=.tmp", "permission_denied"),
    case("no_posix_rename"),
    case("check_file"),
    case("no_setstat"),
    case("drops_writes", "proof_failed"),
    case("drops_writes=40", "proof_failed"),
    case("damages_writes", "proof_failed"),
    case("refuses_writes", "operation_failed"),
    case("no_space=100000", "no_space operation_failed"),
    case("lying_check_file", "proof_failed"),
    case("lying_check_file", "proof_failed", proof="server_hash"),
    case("lying_read", "proof_failed", proof="read_back"),
    case("truncated_reads=1000", "proof_failed", proof="read_back"),
    case("endless_reads", "proof_failed", proof="read_back"),
    case("failing_reads=0", "operation_failed", proof="read_back"),
]
PULL = [
    case("lying_read check_file", "proof_failed", proof="server_hash"),
    case("truncated_reads=1000", "source_changed proof_failed operation_failed"),
    case("endless_reads=swapped", "source_changed", compare="checksum", proof="read_back"),
    case("failing_reads=0", "operation_failed"),
    case("failing_reads=300000", "operation_failed"),
    case("denied=grown", "permission_denied"),
    case("absurd_attributes", "source_changed operation_failed"),
    case("link_swap=sub:../outside", "source_changed"),
    case("long_names", "operation_failed"),
]


def _name(each: Case, *, push: bool) -> str:
    options = [str(value) for _option, value in each.options]
    return "-".join(["push" if push else "pull", *each.behaviours, *options])


CASES = [
    pytest.param(each, push, id=_name(each, push=push))
    for push in (True, False)
    for each in [*BOTH, *(PUSH if push else PULL)]
]


@pytest.fixture(scope="module")
def good() -> Iterator[Sshd]:
    """Yield a server that does nothing wrong."""
    with Sshd() as server:
        yield server


@pytest.fixture(scope="module")
def told() -> Iterator[Counter[str]]:
    """Count the errors of the runs, and print the counts at the end."""
    counted: Counter[str] = Counter()
    yield counted
    print(f"faults, every invariant held after each; reported: {dict(counted)}")


@pytest.fixture
def scene(good: Sshd, tmp_path: Path, push: bool, told: Counter[str]) -> Iterator[Scene]:
    """Yield the two ends of a run."""
    made = Scene(good, tmp_path, SyncRuns, push=push, retries=RETRIES, stall_timeout=PATIENT_SECONDS)
    good.give(good.root / "area")
    yield made
    told.update(made.told or {"nothing went wrong"})
    shutil.rmtree(good.root / "area")


@pytest.mark.parametrize(("wrong", "push"), CASES)
def test_a_server_that_misbehaves(wrong: Case, good: Sshd, scene: Scene) -> None:
    with Sshd(good.root, subsystem=scripted(*wrong.behaviours)) as bad:
        ran = scene.runs.on(bad).run(**wrong.patience, **dict(wrong.options))
    _undo_swap(scene)
    scene.modes_are_lies = "absurd_attributes" in wrong.behaviours
    scene.check(ran)
    scene.check_special_bits()
    if ran.failed:
        assert ran.codes & wrong.codes, ran
    else:
        assert not wrong.codes or not wrong.lasting, ran
    for error in ran.errors:
        assert error.message, ran
    assert ran.seconds < wrong.waits * STALL_SECONDS + GRACE_SECONDS
    scene.converge()


def _undo_swap(scene: Scene) -> None:
    """Restore the file that the server itself moved away."""
    for name in ("sub", "made"):
        for root in (scene.runs.source, scene.runs.destination):
            moved = root / f"{name}.moved"
            if moved.exists():
                (root / name).unlink()
                moved.rename(root / name)


@pytest.mark.parametrize("push", [False], ids=["pull"])
def test_a_depth_without_end(good: Sshd, scene: Scene) -> None:
    """The resulting tree here is deeper than any path can name; another run removes it all the same."""
    with Sshd(good.root, subsystem=scripted("endless_depth")) as bad:
        ran = scene.runs.on(bad).run()
    scene.told |= ran.codes
    assert ran.codes == {"unsafe_name"}, ran
    assert ran.seconds < GRACE_SECONDS
    assert {str(path.relative_to(scene.runs.destination)) for path in scene.runs.destination.iterdir()} | {
        "sub/extra"
    } >= EXTRA
    scene.runs.good()
    assert differences(scene.before["source"], tree_digest(scene.runs.destination)) == []
    again = scene.runs.good()
    assert not again.changed, again.done


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("limit", [{"entry_limit": 50_000}, {"text_limit": 500_000}], ids=str)
def test_a_listing_without_end(good: Sshd, scene: Scene, limit: dict) -> None:
    """It ends by one of two limits, which are smaller here: the transport's own take too long for a test."""
    with Sshd(good.root, subsystem=scripted("endless_listing")) as bad:
        runs = scene.runs.on(bad)

        def limited(request: SyncRequest) -> SftpTransport:
            transport = open_peer(request)
            transport._options = transport._options._replace(**limit)
            return transport

        ran = runs.run(open_peer=limited)
    scene.check(ran)
    assert ran.codes == {"protocol_violation"}, ran
    assert str(*limit.values()) in ran.errors[0].message
    assert ran.errors[0].cure
    assert ran.seconds < 2 * GRACE_SECONDS
    scene.converge()


class Kept(NamedTuple):
    """A server that acknowledges attributes without keeping them: the notes, and the permitted differences."""

    behaviour: str
    note: str
    field: str


KEPT = [
    Kept("forgets_times", "does not keep modification times", "mtime"),
    Kept("forgets_modes", "does not keep modes", "mode"),
]


@pytest.mark.parametrize("push", [True], ids=["push"])
@pytest.mark.parametrize("compare", ["recorded", "checksum", "size_mtime"])
@pytest.mark.parametrize("kept", KEPT, ids=[kept.behaviour for kept in KEPT])
def test_a_server_that_does_not_keep_attributes(kept: Kept, compare: str, good: Sshd, scene: Scene) -> None:
    """It is reported in every run; an impossible change is no change, in check mode neither; content is proven as
    usual."""
    (scene.runs.source / "same").chmod(0o640)
    os.utime(scene.runs.source / "sub/same", (0, PAST + 5))
    with Sshd(good.root, subsystem=scripted(kept.behaviour)) as bad:
        runs = scene.runs.on(bad)
        first = runs.good(compare=compare)
        assert contents(runs.source) == contents(runs.destination)
        for check_mode in (False, True, False):
            again = runs.good(compare=compare, check_mode=check_mode)
            assert not again.changed, again.done
            assert not again.report.plan.actions or not check_mode, again.report.plan
            assert [note for note in again.report.notes if kept.note in note], again
        assert again.moved == 0 or compare == "checksum", again
        fresh = runs.run(compare=compare, state_dir=runs.state_dir.as_posix().encode() + b"-lost")
        assert not fresh.failed, fresh
        if (compare, kept.field) != ("size_mtime", "mtime"):  # There the time decides about the content.
            assert not fresh.changed, fresh.done
            assert [skipped for skipped in fresh.report.plan.skipped if kept.note in skipped.reason], fresh
        (runs.source / "swapped").write_bytes(b"now of another size")
        assert [path for path, _action, _reason in runs.good(compare=compare).done] == [b"swapped"]
    assert [note for note in first.report.notes if kept.note in note], first
    healed = scene.runs.good(compare=compare)
    assert not [note for note in healed.report.notes if kept.note in note], healed
    assert differences(tree_digest(scene.runs.source), tree_digest(scene.runs.destination)) == []
    assert not scene.runs.good(compare=compare).changed


IN_LOGIN = 3_000
NETWORK = [
    (Fault(kind, way, after=after), push)
    for push in (True, False)
    for kind in ("reset", "close", "stall")
    for way in ("up", "down")
    for after in (IN_LOGIN, 6_000, 100_000)
    # The bulk of the bytes goes one way only.
    if after < 50_000 or (way == "up") == push
]


@pytest.mark.parametrize(
    ("fault", "push"),
    [
        pytest.param(fault, push, id=f"{'push' if push else 'pull'}-{fault.kind}-{fault.direction}-{fault.after}")
        for fault, push in NETWORK
    ],
)
def test_a_network_that_breaks_once(fault: Fault, good: Sshd, scene: Scene) -> None:
    with Proxy(good.port) as proxy:
        scene.runs.through = proxy
        proxy.arm(fault)
        ran = scene.runs.run(retries=3, connect_timeout=10.0, stall_timeout=STALL_SECONDS)
        _up, accepted = proxy.connections()
    scene.runs.through = good
    scene.check(ran)
    assert accepted >= 1
    assert not ran.failed, ran
    if fault.kind == "stall" and fault.after == IN_LOGIN:
        assert accepted > 1, "the server has answered, so that it was tried again"
    assert ran.seconds < STALL_SECONDS + 10.0 + GRACE_SECONDS
    scene.converge()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("kind", ["reset", "close", "stall"])
def test_a_network_that_breaks_for_good(kind: str, good: Sshd, scene: Scene) -> None:
    with Proxy(good.port) as proxy:
        scene.runs.through = proxy
        proxy.arm(Fault(kind, "up" if scene.runs.push else "down", after=40_000, times=1000))
        ran = scene.runs.run(connect_timeout=2.0, stall_timeout=STALL_SECONDS)
    scene.runs.through = good
    scene.check(ran)
    assert ran.codes & {"connection_lost", "stalled", "connection_failed", "connect_timeout"}, ran
    assert all(error.message for error in ran.errors)
    assert ran.seconds < 8 * STALL_SECONDS + GRACE_SECONDS
    scene.converge()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("limits", [{"max_sessions": 1}, {"max_startups": "1"}, {"max_startups": "2:50:3"}], ids=str)
def test_a_server_that_admits_few_sessions(limits: dict, good: Sshd, scene: Scene) -> None:
    with Sshd(good.root, **limits) as strict:
        ran = scene.runs.on(strict).run(parallel=4, retries=3, sleep=time.sleep)
    scene.check(ran)
    assert not ran.failed, ran
    if limits.get("max_startups") == "1":
        assert any("the server refused more sessions than" in note for note in ran.report.notes), ran
    scene.converge()
    print(f"{limits}: {ran.seconds:.1f} s, {ran.report.notes}")


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_two_runs_at_once(scene: Scene) -> None:
    """The second run gets an error and changes nothing; the first is not disturbed."""
    _slow(scene)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(scene.runs.run, bandwidth_limit=400_000)
        lock = scene.runs.destination / ".secure_sync.lock"
        _until(lock.exists)
        second = scene.runs.run()
        assert second.codes == {"locked"}, second
        assert not second.changed
        assert second.errors[0].cure
        assert not first.done()
        scene.check(first.result())
        assert not first.result().failed, first.result()
    scene.converge()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_run_that_is_killed(scene: Scene) -> None:
    """SIGKILL at moments over the whole run; the lock of the dead process is taken over at once."""
    moments = (0.15, 0.25, 0.35, 0.45, 0.6, 0.9)
    litter = 0
    for moment in moments:
        write_tree(scene.runs.destination, OLD, PAST)
        write_tree(scene.runs.source, NEW, PAST + 60)
        scene.runs.server.give(scene.runs.server.root / "area")
        scene.before = scene.all()
        child = os.fork()
        if child == 0:
            try:
                scene.runs.run(bandwidth_limit=1_000_000)
            finally:
                os._exit(0)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _until(lambda: not scene.runs.server.session_pids())
        found = tree_digest(scene.runs.destination)
        litter += sum(map(ours, found))
        scene.check_names({name: seen for name, seen in found.items() if not ours(name)})
        scene.converge()
    print(f"{len(moments)} runs killed, {litter} temporary files and locks left behind, all gone after the next run")


def _slow(scene: Scene) -> None:
    with open(scene.runs.source / "added", "wb") as file:
        file.truncate(900_000)
    os.utime(scene.runs.source / "added", (0, PAST))
    scene.before = scene.all()


def _until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
