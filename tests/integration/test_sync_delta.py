# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large files that changed a little: the bytes that are sent, the proof, and the fallback to a whole file."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local import digest
from support.running.scratch import scratch
from support.scenes.delta_scene import BLOCK, MIB, PAST, SIZE, DeltaScene, proof, saved, sent
from support.servers.proxy import Proxy
from support.servers.served import served
from support.servers.sshd import Sshd


@pytest.fixture
def area() -> Iterator[Path]:
    place = scratch("delta")
    yield place
    shutil.rmtree(place)


with_shell = served(Sshd)
without_shell = served(Sshd, shell=False)
jailed = served(Sshd, jail=True)


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
@pytest.mark.parametrize("delta", ["auto", "always"])
def test_only_changed_blocks_are_sent(with_shell: Sshd, area: Path, client: str, delta: str) -> None:
    """The server hashes the whole file: that is the proof with each `delta`."""
    scene = DeltaScene.on(with_shell, area, ssh_client=client, delta=delta)
    scene.first()
    scene.change(3, BLOCK + 7, SIZE // 2)
    ran = scene.push()
    assert (sent(ran), saved(ran)) == (3 * BLOCK, SIZE - 3 * BLOCK)
    assert proof(ran) == ["server_hash"]
    assert ran.report.stats["bytes_received"] == 0
    scene.change(9, later=200)
    assert sent(scene.push()) == BLOCK
    assert not scene.push().changed


@pytest.mark.parametrize(("place", "hashed"), [(3, 0), (SIZE - 3, 1)], ids=["early", "late"])
def test_a_file_with_an_early_change_is_read_once(
    with_shell: Sshd, area: Path, monkeypatch: pytest.MonkeyPatch, place: int, hashed: int
) -> None:
    """Its recorded blocks show that it differs; the pass that sends it hashes it."""
    seen: list[bytes] = []

    def digest_files(directories: Any, paths: Any, meanwhile: Any) -> Any:
        seen.extend(paths)
        return actual(directories, paths, meanwhile)

    actual = digest.digest_files
    monkeypatch.setattr(digest, "digest_files", digest_files)
    scene = DeltaScene.on(with_shell, area)
    scene.first()
    scene.change(place)
    checked = scene.runs.good(check_mode=True).report
    assert len(seen) == hashed
    ran = scene.push()
    assert len(seen) == 2 * hashed
    for plan in (checked.plan, ran.report.plan):
        assert [(action.action, action.reason) for action in plan.actions] == [("store", "digest")]
    assert (sent(ran), proof(ran)) == (SIZE % BLOCK if hashed else BLOCK, ["server_hash"])
    scene.date(200)
    assert sent(scene.push()) == 0
    assert len(seen) == 2 * hashed + 1, "equal blocks prove nothing"


@pytest.mark.parametrize("kind", ["without_shell", "jailed"])
def test_a_server_that_cannot_hash(request: pytest.FixtureRequest, area: Path, kind: str) -> None:
    scene = DeltaScene.on(request.getfixturevalue(kind), area)
    scene.first()
    scene.change(3)
    assert (sent(ran := scene.push()), proof(ran)) == (SIZE, ["read_back"])
    scene.change(3, later=200)
    assert sent(scene.push(delta="always")) == SIZE, "the run before recorded no blocks"
    scene.change(3, SIZE // 2, later=300)
    ran = scene.push(delta="always")
    assert (sent(ran), saved(ran)) == (2 * BLOCK, SIZE - 2 * BLOCK)
    assert proof(ran) == ["delta"]
    assert ran.report.stats["bytes_received"] == 2 * BLOCK
    scene.change(3, later=400)
    ran = scene.push(delta="always", proof="read_back")
    assert (sent(ran), ran.report.stats["bytes_received"], proof(ran)) == (BLOCK, SIZE, ["read_back"])


@pytest.mark.parametrize(
    ("size", "blocks"),
    [(SIZE + 3 * MIB, 49), (SIZE - MIB, 1), (SIZE // BLOCK * BLOCK, 1), (17 * MIB, 1), (15 * MIB, 240)],
    ids=["longer", "shorter", "whole blocks", "much shorter", "no longer large"],
)
def test_another_size(with_shell: Sshd, area: Path, size: int, blocks: int) -> None:
    """The first block is changed too. The end of a longer file is sent from its last whole block on."""
    scene = DeltaScene.on(with_shell, area)
    scene.first()
    with scene.file.open("r+b") as file:
        file.truncate(min(size, SIZE))
        file.seek(0, os.SEEK_END)
        file.write(random.Random(6).randbytes(size - file.tell()))
    scene.change(0)
    last = size % BLOCK if size > 16 * MIB else 0
    ran = scene.push()
    assert ran.report.stats["files_stored"] == 1
    ends = size != SIZE // BLOCK * BLOCK and size < SIZE and last
    assert sent(ran) == blocks * BLOCK + (last if size > SIZE or ends else 0)
    assert sent(ran) + saved(ran) == size


def test_an_inserted_byte_sends_all_behind_it(with_shell: Sshd, area: Path) -> None:
    scene = DeltaScene.on(with_shell, area)
    scene.first()
    content = scene.file.read_bytes()
    scene.file.write_bytes(content[: 8 * MIB] + b"!" + content[8 * MIB :])
    scene.date(100)
    assert saved(scene.push()) == 8 * MIB


def test_the_bytes_on_the_wire(with_shell: Sshd, area: Path) -> None:
    """One in a hundred blocks has changed: one in a hundred bytes crosses the network."""
    size = 64 * MIB
    with Proxy(with_shell.port) as proxy:
        scene = DeltaScene.on(with_shell, area, through=proxy)
        scene.write(size)
        scene.push()
        blocks = size // BLOCK // 100
        scene.change(*(number * 100 * BLOCK + 17 for number in range(blocks)))
        before = sum(proxy.counts())
        assert sent(scene.push()) == blocks * BLOCK
        crossed = sum(proxy.counts()) - before
    assert crossed < size * 0.015
    print(f"{blocks} of {size // BLOCK} blocks changed: {crossed / size:.2%} of {size >> 20} MiB crossed the network")


@pytest.mark.parametrize(
    ("blocks", "logins"), [(1, 2), (SIZE // BLOCK, 4)], ids=["one block", "all blocks but the last"]
)
def test_sessions_are_opened_for_the_bytes_that_are_sent(
    without_shell: Sshd, area: Path, blocks: int, logins: int
) -> None:
    """At a distant server, for the 16 MiB that are left when it is seen that many differ. One more connection asks
    whether the account has a shell."""
    with Proxy(without_shell.port, delay=0.01) as proxy:
        scene = DeltaScene.on(without_shell, area, through=proxy, delta="always")
        scene.first()
        scene.change(*(number * BLOCK for number in range(blocks)))
        before = proxy.connections()[1]
        assert sent(scene.push()) == blocks * BLOCK
        assert proxy.connections()[1] - before == logins


def test_never(with_shell: Sshd, area: Path) -> None:
    scene = DeltaScene.on(with_shell, area)
    scene.first(delta="never")
    assert [name for name in os.listdir(area / "state") if "blocks" in name] == []
    scene.change(3)
    assert sent(scene.push()) == SIZE
    scene.change(3, later=200)
    assert sent(scene.push(delta="never")) == SIZE


@pytest.mark.parametrize("proof_policy", ["none", "read_back"])
def test_without_the_proof_of_the_server_auto_sends_whole_files(
    with_shell: Sshd, area: Path, proof_policy: str
) -> None:
    scene = DeltaScene.on(with_shell, area)
    scene.first()
    scene.change(3)
    ran = scene.push(proof=proof_policy)
    assert (sent(ran), proof(ran)) == (SIZE, [proof_policy])


def recorded(scene: DeltaScene) -> Path:
    (found,) = [path for path in scene.runs.state_dir.iterdir() if ".blocks-" in path.name]
    return found


def cut(scene: DeltaScene) -> None:
    path = recorded(scene)
    os.truncate(path, path.stat().st_size - 1)


def other_version(scene: DeltaScene) -> None:
    path = recorded(scene)
    path.write_bytes(path.read_bytes().replace(b"blocks 1", b"blocks 2"))


def gone(scene: DeltaScene) -> None:
    recorded(scene).unlink()


def open_to_others(scene: DeltaScene) -> None:
    recorded(scene).chmod(0o666)


def changed_at_the_server(scene: DeltaScene) -> None:
    with scene.stored.open("r+b") as file:
        file.write(b"another")


@pytest.mark.parametrize("delta", ["auto", "always"])
@pytest.mark.parametrize("damage", [cut, other_version, gone, open_to_others, changed_at_the_server])
def test_a_record_that_does_not_count(with_shell: Sshd, area: Path, damage: Any, delta: str) -> None:
    scene = DeltaScene.on(with_shell, area, delta=delta)
    scene.first()
    damage(scene)
    scene.change(3)
    ran = scene.push()
    assert (sent(ran), saved(ran)) == (SIZE, 0)
    scene.change(3, later=200)
    assert sent(scene.push()) == BLOCK


def test_the_stored_file_was_changed_and_dated_back(with_shell: Sshd, area: Path) -> None:
    """The record of all digests holds the old content. The server's hash shows that the stage is wrong."""
    scene = DeltaScene.on(with_shell, area)
    scene.first()
    changed_at_the_server(scene)
    os.utime(scene.stored, (0, PAST))
    scene.change(SIZE // 2)
    ran = scene.push()
    assert (sent(ran), proof(ran)) == (BLOCK + SIZE, ["server_hash"])
    assert scene.stored.read_bytes() == scene.file.read_bytes()


def test_the_time_alone_was_set_in_between(with_shell: Sshd, area: Path) -> None:
    """The digests belong to a content, not to a time."""
    scene = DeltaScene.on(with_shell, area)
    scene.first()
    scene.date(50)
    assert not scene.push().report.stats["files_stored"]
    scene.change(3)
    assert sent(scene.push()) == BLOCK


@pytest.mark.parametrize("compare", ["checksum", "size_mtime"])
def test_other_comparisons(with_shell: Sshd, area: Path, compare: str) -> None:
    scene = DeltaScene.on(with_shell, area, compare=compare)
    scene.first()
    scene.change(3)
    assert sent(scene.push()) == BLOCK


def test_a_stored_file_that_is_unreadable(with_shell: Sshd, area: Path) -> None:
    """Its owner may not read it, and so the server cannot copy from it."""
    scene = DeltaScene.on(with_shell, area, preserve_mode=True)
    scene.write()
    scene.file.chmod(0o200)
    scene.runs.good()
    scene.change(3)
    ran = scene.runs.good()
    assert sent(ran) == SIZE
    assert scene.stored.read_bytes() == scene.file.read_bytes()
    assert scene.stored.stat().st_mode & 0o777 == 0o200
