# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that are reset, or become a black hole, at bytes throughout a run up to its last byte; slow connections;
new keys in the middle of a transfer; servers that ban."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials
from support.scenes.fault_scene import FaultScene
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.servers.proxy import Fault, Proxy
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

STALL_SECONDS = 1.0
IN_THE_LOGIN_SECONDS = 2.0
RETRIES = 3
SHORT, LONG = 2, 40
LAST_BYTES = (1, 60, 400)
"""Behind the last renames there are replies and the end of the session only."""
BROKEN = {"connection_lost", "stalled", "connection_failed", "connect_timeout", "silent_server"}


class Peer(NamedTuple):
    """A server, its kind of runs, and the requests to them."""

    server: Any
    runs: type[SyncRuns]
    options: dict[str, Any]


@pytest.fixture(scope="module", params=["sftp", "ftps"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Yield a server of each protocol."""
    if request.param == "sftp":
        with Sshd() as server:
            yield Peer(server, SyncRuns, {"proof": "read_back", "parallel": 1})
    else:
        with Vsftpd(config=("accept_timeout=5",)) as server:
            yield Peer(server, FtpsRuns, {"links": "skip", "parallel": 1})


def positions(total: int, chance: random.Random, count: int) -> list[int]:
    """Return positions in a connection: throughout, and its last bytes."""
    return sorted({*(max(0, total - last) for last in LAST_BYTES), *chance.sample(range(2_000, total), count)})


def busiest(proxy: Proxy, scene: FaultScene) -> dict[str, int]:
    """Return how many bytes pass each way in a good run."""
    scene.reset()
    before = proxy.counts()
    scene.runs.good()
    return {way: now - then for way, now, then in zip(("up", "down"), proxy.counts(), before, strict=True)}


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_broken_at_any_byte(peer: Peer, push: bool, tmp_path: Path, chance: random.Random, long_run: bool) -> None:
    """Once: the run repairs it itself. Without new sessions: it fails, and the next run repairs it."""
    scene = FaultScene(
        peer.server,
        tmp_path,
        push=push,
        runs=peer.runs,
        stall_timeout=STALL_SECONDS,
        connect_timeout=6.0,
        **peer.options,
    )
    told: Counter[str] = Counter()
    with Proxy(peer.server.port) as proxy:
        scene.runs.through = proxy
        totals = busiest(proxy, scene)
        cases = [
            (kind, way, after)
            for way in ("up", "down")
            for number, after in enumerate(positions(totals[way], chance, LONG if long_run else SHORT))
            for kind in (("reset", "stall", "close")[number % 3],)
        ]
        for number, (kind, way, after) in enumerate(cases):
            told.update(broken_once(scene, proxy, Fault(kind, way, after=after), again=bool(number % 2)))
    print(f"broken at {len(cases)} bytes, 0 violations; reported: {dict(told)}")


def broken_once(scene: FaultScene, proxy: Proxy, fault: Fault, *, again: bool) -> Sequence[str]:
    scene.reset()
    proxy.arm(fault)
    ran = scene.runs.run(retries=RETRIES if again else 0)
    proxy.resume()
    proxy.break_all()
    assert scene.violations(ran, deadline=4 * STALL_SECONDS) == [], fault
    assert ran.codes <= BROKEN, (fault, str(ran))
    assert not (again and ran.failed), (fault, str(ran))
    proxy.disarm()
    assert scene.settle() == [], fault
    return sorted(ran.codes) or ["nothing"]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_login_that_breaks_off(peer: Peer, way: str, tmp_path: Path) -> None:
    """The server has answered: another attempt may end better."""
    with Proxy(peer.server.port) as proxy:
        scene = FaultScene(
            peer.server, tmp_path, push=True, runs=peer.runs, connect_timeout=IN_THE_LOGIN_SECONDS, **peer.options
        )
        scene.reset()
        scene.runs.through = proxy
        proxy.arm(Fault("stall", way, after=150))
        ran = scene.runs.run(retries=1)
    assert not ran.failed, ran
    assert ran.seconds > IN_THE_LOGIN_SECONDS
    assert scene.violations(ran) == []


def test_slow_but_alive(peer: Peer, tmp_path: Path) -> None:
    scene = FaultScene(peer.server, tmp_path, push=True, runs=peer.runs, stall_timeout=STALL_SECONDS, **peer.options)
    scene.reset()
    with Proxy(peer.server.port, delay=0.04) as proxy:
        scene.runs.through = proxy
        ran = scene.runs.run()
    assert not ran.failed, ran
    assert ran.seconds > STALL_SECONDS
    assert scene.violations(ran) == []


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_new_keys_in_the_middle(push: bool, client: str, tmp_path: Path) -> None:
    with Sshd(config=("RekeyLimit 64K", "LogLevel DEBUG1")) as server:
        scene = FaultScene(server, tmp_path, push=push, ssh_client=client)
        scene.reset()
        ran = scene.runs.run()
        assert not ran.failed, ran
        assert "ssh_set_newkeys: rekeying out" in server.log(), "the keys stayed the same"
        assert scene.violations(ran) == []


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_server_that_bans_bans_nobody(parallel: int, tmp_path: Path) -> None:
    """Eight runs in a row, and a login that is refused is not tried a second time."""
    with Sshd(penalties=True, config=("PerSourcePenaltyExemptList none",)) as strict:
        scene = FaultScene(strict, tmp_path, push=True, parallel=parallel)
        scene.reset()
        for _number in range(8):
            assert not (ran := scene.runs.run()).failed, ran
        before = strict.log().count("Connection from")
        refused = scene.runs.run(
            credentials=Credentials(private_key_file=str(key("stranger").path), ssh_agent=False), retries=3
        )
        assert refused.codes == {"authentication_failed"}, refused
        assert strict.log().count("Connection from") - before == 1
        assert not (ran := scene.runs.run()).failed, ran
        assert strict.log().count("penalty of") <= 1, "for the one login that was refused"
