# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed sets and receipts on file systems that are really full or read-only, and a directory without end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    Receipting,
    Signing,
    VerifyRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.connect import open_peer
from support.running.small_disk import fill, filled, remounted, small_disk
from support.running.tasks import run_task
from support.scenes.signed_runs import SignedScene
from support.scenes.sync_runs import Ran, SyncRuns
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd
from support.trees.receipt_chain import LINE, ReceiptChain
from support.trees.signed_tree import PRINCIPAL, Sender

sshd = served(Sshd)
MOST_ROOM = 12
REFUSALS = {"no_space", "operation_failed", "permission_denied"}
"""Servers often do not report why they cannot create a file."""


def refused_place(scene: SignedScene, ran: Ran) -> str:
    """Return the place for which there was no room."""
    path = bytes(ran.errors[0].path or b"").decode()
    if not path.startswith("MANIFEST"):
        return path
    return "manifest" if "000002.mtree.sig" in scene.published else "signature"


@pytest.mark.parametrize("kind", [Sshd, Vsftpd], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("limit", ["blocks", "inodes"])
def test_a_server_without_room_keeps_the_old_set(kind: Any, limit: str, tmp_path: Path) -> None:
    """The room grows by one block or file, until the set is published. Each run before ends at a later file."""
    with small_disk("size=4m,nr_inodes=80") as disk, kind(disk) as server:
        scene = SignedScene(server, tmp_path, sign={"keep": 1}, delete=True, retries=0)
        scene.write({"a": "one", "extra": "goes"})
        scene.good()
        (scene.near / "extra").unlink()
        reached = []
        for room in range(MOST_ROOM):
            scene.write({"data": "new"})
            with filled(disk, **{limit: room}):
                ran = scene.push()
            if not ran.failed:
                break
            assert not any(b".tmp" in (error.path or b"") for error in ran.errors), str(ran)
            reached.append(refused_place(scene, ran))
            assert ran.codes <= REFUSALS, ran
            assert scene.judge.newest() == 1
            assert (scene.far / "extra").exists(), "nothing is removed before the set is published"
            (scene.far / "data").unlink(missing_ok=True)
        assert {"signature", "manifest"} <= set(reached), reached
        assert scene.judge.complaints() == []
        assert scene.good().done == []


class Receipted:
    """Pushes to a server that leave receipts on a file system of their own."""

    def __init__(self, server: Sshd, disk: Path, place: Path) -> None:
        self.chain = ReceiptChain(disk / "receipts")
        near, far = place / "near", server.root / place.name
        near.mkdir()
        far.mkdir()
        server.give(far)
        self.far, self.contacts = far, 0
        key_file = Signing(private_key_file=str(key("receipts").path))
        receipts = Receipting(os.fsencode(self.chain.directory), key_file, "sync", "0.2.0")
        self.runs = SyncRuns(server, near, far, push=True, state_dir=place / "state", receipts=receipts)

    def run(self, content: str, before: Any = lambda: None) -> Ran:
        """Push a file. before: called before the contact with the server."""
        (self.runs.near / "a").write_text(content)

        def opened(request: Any) -> Any:
            self.contacts += 1
            before()
            return open_peer(request)

        return self.runs.run(open_peer=opened)

    def is_whole(self) -> bool:
        verify = {"principal": PRINCIPAL, "allowed_signers": [LINE]}
        checked = run_task(receipt_verify, path=str(self.chain.directory), verify=verify)
        return [each["id"] for each in checked["findings"]] in ([], ["unsigned_tail"])


@pytest.fixture
def receipted(sshd: Sshd, tmp_path: Path) -> Iterator[Receipted]:
    with small_disk("size=256k,nr_inodes=40") as disk:
        made = Receipted(sshd, disk, tmp_path)
        first = made.run("first")
        assert not first.failed, str(first)
        yield made


def test_receipts_on_a_read_only_file_system_stop_the_run_before_any_contact(receipted: Receipted) -> None:
    disk = receipted.chain.directory.parent
    remounted(disk, "ro")
    ran = receipted.run("second")
    assert (ran.codes, receipted.contacts) == ({"operation_failed"}, 1), ran
    assert "Read-only file system" in str(ran)
    assert (receipted.far / "a").read_text() == "first"
    assert receipted.is_whole()
    remounted(disk, "rw")
    assert not receipted.run("second").failed
    assert receipted.chain.numbers == [1, 2]


@pytest.mark.parametrize("limit", ["blocks", "inodes"])
def test_receipts_on_a_full_file_system_stop_the_run_before_any_contact(receipted: Receipted, limit: str) -> None:
    with filled(receipted.chain.directory.parent, **{limit: 0}):
        ran = receipted.run("second")
    assert (ran.codes, receipted.contacts) == ({"operation_failed"}, 1), ran
    assert "No space left on device" in str(ran)
    assert (receipted.far / "a").read_text() == "first"
    assert not receipted.run("second").failed
    assert receipted.is_whole()


@pytest.mark.parametrize("room", [0, 1], ids=["for nothing", "for the signature"])
def test_a_file_system_that_fills_up_during_the_run_costs_its_receipt(receipted: Receipted, room: int) -> None:
    """The changes are reported, the chain is whole, and the next run continues it."""
    ballast = receipted.chain.directory.parent / "ballast"
    ballast.mkdir()
    ran = receipted.run("second", lambda: fill(ballast, blocks=room, inodes=None))
    assert (ran.codes, ran.changed, ran.report.receipt) == ({"operation_failed"}, True, None), ran
    assert (receipted.far / "a").read_text() == "second"
    assert receipted.chain.numbers == [1]
    assert receipted.is_whole()
    shutil.rmtree(ballast)
    assert not receipted.run("third").failed
    assert receipted.chain.numbers == [1, 2]
    assert receipted.is_whole()


def test_a_directory_of_manifests_without_end_is_refused(sshd: Sshd, tmp_path: Path, long_run: bool) -> None:
    """By the sender and by a reader, before anything is changed or removed."""
    scene = SignedScene(sshd, tmp_path, delete=True)
    scene.write({"a": "one"})
    scene.good()
    for number in range(1_000_000 if long_run else 100_001):
        (scene.far / f"MANIFEST/{number:012}.mtree").touch()
    scene.write({"a": "two", "b": "new"})
    pushed = scene.push()
    here = tmp_path / "here"
    here.mkdir()
    demands = VerifyRequest(PRINCIPAL, (Sender(key("signer")).line,))
    pulled = scene.runs.back(here).run(verify=demands, delete=False)
    print(f"refused: the push in {pushed.seconds:.1f} s, the pull in {pulled.seconds:.1f} s")
    assert (pushed.codes, pulled.codes) == ({"manifest_too_large"}, {"manifest_too_large"})
    assert (pushed.done, pulled.done, list(here.iterdir())) == ([], [], [])
    shutil.rmtree(scene.far)
