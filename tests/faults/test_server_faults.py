# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real sftp-server that hangs, is slow or cannot read, and a file that no account may replace. Quotas are injected as
errors, where every call fails once, because some kernels have no quota format."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.scenes.crash_points import record
from support.scenes.fault_lanes import Lane, Variant, lanes
from support.scenes.fault_scene import EXTRA, FaultScene
from support.servers.accounts import Account
from support.servers.sshd import Sshd

PUSH = Variant("push", "server", True, {"retries": 0})
PULL = Variant("pull", "server", False, {"retries": 0})
STALL_SECONDS = 1.5
BOTH = pytest.mark.parametrize("variant", [PUSH, PULL], ids=["push", "pull"])


@pytest.fixture(scope="module")
def lane() -> Iterator[Lane]:
    """Yield a server whose sessions can be tampered with, even for single paths: the account is root's."""
    with lanes(1, account=Account(name="superuser", uid=0)) as made:
        yield made[0]


@pytest.fixture
def scene(lane: Lane, variant: Variant) -> Iterator[FaultScene]:
    """Give fresh trees at both ends."""
    made = lane.scene(variant)
    made.reset()
    yield made
    lane.tampering.stop()


def remote(scene: FaultScene, name: str) -> str:
    """Return the server's name of a tree."""
    return f"{scene.server.remote_root}/{(scene.far / 'tree' / name).relative_to(scene.server.root)}"


def kept_all_extras(scene: FaultScene) -> None:
    assert {name for name in EXTRA if not (scene.destination / os.fsdecode(name)).exists()} == set()


def wake(lane: Lane) -> None:
    """End the sessions that were stopped."""
    for pid in lane.server.session_pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@BOTH
@pytest.mark.parametrize("retries", [0, 2])
def test_a_session_that_is_stopped(lane: Lane, scene: FaultScene, variant: Variant, retries: int) -> None:
    """Nothing is closed and nothing comes any more: only the deadline for bytes can end that. A lost session is
    replaced without retries too."""
    when = 5 if variant.push else 20
    lane.tampering.next(f"inject={'fchmod' if variant.push else 'read'}:signal=STOP:when={when}")
    ran = scene.runs.run(retries=retries, stall_timeout=STALL_SECONDS)
    assert lane.tampering.fired()
    wake(lane)
    assert scene.violations(ran, deadline=2 * STALL_SECONDS) == []
    assert ran.codes == set(), ran
    assert any("the connection was lost" in note for note in ran.report.notes), ran
    lane.wait_for_sessions()
    assert scene.settle() == []


@BOTH
def test_slow_but_alive(lane: Lane, scene: FaultScene) -> None:
    """Every reply comes late, all together take much longer than the deadline."""
    lane.tampering.next("inject=write:delay_exit=60000")
    ran = scene.runs.run(stall_timeout=1.0)
    assert not ran.failed, ran
    assert ran.seconds > 2.0
    assert scene.violations(ran) == []
    assert scene.settle() == []


@pytest.mark.parametrize("variant", [PULL], ids=["pull"])
@pytest.mark.parametrize(("when", "name"), [("2+", "big"), ("1+", "grown")], ids=["in the middle", "at once"])
def test_a_file_that_cannot_be_read(lane: Lane, scene: FaultScene, when: str, name: str) -> None:
    lane.tampering.next(f"inject=read:error=EIO:when={when}", only=remote(scene, name), always=True)
    ran = scene.runs.run()
    lane.tampering.stop()
    assert {(each.code, each.path) for each in ran.errors} == {("operation_failed", name.encode())} | {
        # A directory gives way only if all went well.
        ("operation_failed", b"becomes-file")
    }, ran
    assert scene.violations(ran) == []
    kept_all_extras(scene)
    assert (scene.destination / "added").read_bytes() == b"added"
    assert scene.settle() == []


@BOTH
def test_a_directory_that_cannot_be_listed(lane: Lane, scene: FaultScene) -> None:
    """At either end: nothing is removed, and the task names the end."""
    lane.tampering.next("inject=getdents64:error=EIO", only=remote(scene, "sub"), always=True)
    ran = scene.runs.run()
    lane.tampering.stop()
    assert ran.failed
    assert b"sub" in {each.path for each in ran.errors}, ran
    assert scene.violations(ran) == []
    kept_all_extras(scene)
    assert scene.settle() == []


@BOTH
def test_check_mode_makes_no_call_that_changes(lane: Lane, scene: FaultScene, tmp_path: Path) -> None:
    """Neither here nor there, and the message is the same as in the next run."""
    lane.tampering.next()
    ended = record(lambda: scene.runs.run(check_mode=True), lane.log)
    checked, there = ended.answer, {point.call for point in lane.tampering.calls()}
    assert there == {"write"}, "beside the replies"
    places = [os.fspath(place) for place in (scene.near, scene.far, scene.state)]
    here = [point for point in ended.calls if any(place in point.text for place in places)]
    assert here == []
    assert not checked.failed, checked
    assert scene.trial(None).after == scene.trial(None).before
    real = scene.runs.good()
    done = [(bytes(each.path), each.action, each.reason) for each in checked.report.plan.actions]
    assert sorted(done) == sorted(real.done)
    assert scene.violations(real) == []


def test_a_file_that_nobody_may_replace(tmp_path: Path) -> None:
    """chattr +i: the rename fails, the others are done, and its stage is gone."""
    with Sshd() as server:
        scene = FaultScene(server, tmp_path, push=True)
        scene.reset()
        held = scene.destination / "grown"
        subprocess.run(["chattr", "+i", str(held)], check=True)
        try:
            ran = scene.runs.run()
        finally:
            subprocess.run(["chattr", "-i", str(held)], check=True)
        assert (b"grown", "permission_denied") in {(each.path, each.code) for each in ran.errors}, ran
        assert {each.path for each in ran.errors} == {b"grown", b"becomes-file"}, ran
        assert scene.violations(ran) == []
        kept_all_extras(scene)
        assert (scene.destination / "swapped").read_bytes() == b"new bytes of one size"
        assert scene.settle() == []
