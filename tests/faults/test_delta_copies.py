# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server whose copies are false, short, empty or refused while a large file is sent by blocks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DropBoxRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.delta_upload import (
    DeltaUpload,
)
from support.running.scratch import scratch
from support.scenes.delta_scene import BLOCK, REFUSED, SIZE, DeltaScene, proof, saved, sent
from support.scripted.scripted_sftp import scripted
from support.servers.own_programs import FOUND_FIRST, put_program
from support.servers.proxy import Proxy
from support.servers.sshd import Sshd


@pytest.fixture
def area() -> Iterator[Path]:
    place = scratch("delta_copies")
    yield place
    shutil.rmtree(place)


@contextmanager
def false(*behaviours: str, hashes: bool) -> Iterator[Sshd]:
    """Yield a server that lies; hashes: whether it has sha256sum."""
    with Sshd(subsystem=scripted(*behaviours), config=(FOUND_FIRST,)) as server:
        if not hashes:
            put_program(server, "sha256sum", "#!/bin/sh\nexit 1\n")
        server.give(server.root)
        yield server


def begun(server: Sshd, area: Path, **options: Any) -> DeltaScene:
    """Return pushes whose next push has one changed block."""
    scene = DeltaScene.on(server, area, **options)
    scene.first()
    scene.change(SIZE // 2)
    return scene


LIES = ("copies_wrong", "copies_short", "copies_nothing")


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("delta", ["auto", "always"])
def test_the_hash_of_the_server_shows_a_false_copy(area: Path, lie: str, delta: str) -> None:
    with false(lie, hashes=True) as server:
        scene = begun(server, area, delta=delta)
        ran = scene.push()
        assert (sent(ran), proof(ran)) == (BLOCK + SIZE, ["server_hash"])
        assert not scene.push().changed


@pytest.mark.parametrize("lie", LIES)
def test_reading_back_shows_a_false_copy(area: Path, lie: str) -> None:
    with false(lie, hashes=False) as server:
        scene = begun(server, area, delta="always")
        ran = scene.push(proof="read_back")
        assert (sent(ran), proof(ran)) == (BLOCK + SIZE, ["read_back"])


def test_a_false_copy_that_only_a_whole_proof_shows(area: Path) -> None:
    """The limit of `delta` always without a hash of the server: copied blocks are not read."""
    with false("copies_wrong", hashes=False) as server:
        scene = begun(server, area, delta="always")
        ran = scene.runs.good()
        assert (sent(ran), proof(ran)) == (BLOCK, ["delta"])
        assert scene.stored.read_bytes() != scene.file.read_bytes()
        ran = scene.push(compare="checksum")
        assert ran.report.stats["files_stored"] == 1
        assert proof(ran) == ["read_back"]


def test_a_copy_that_ends_early_shows_in_the_size(area: Path) -> None:
    with false("copies_short", hashes=False) as server:
        scene = begun(server, area, delta="always")
        ran = scene.push()
        assert (saved(ran), proof(ran)) == (0, ["read_back"])


@pytest.mark.parametrize("hashes", [True, False])
@pytest.mark.parametrize("carried_out", [0, 2])
def test_refused_at_once_or_in_the_middle(area: Path, carried_out: int, hashes: bool) -> None:
    with false(f"refuses_copies={carried_out}", hashes=hashes) as server:
        scene = begun(server, area, delta="always")
        ran = scene.push()
        assert saved(ran) == 0
        assert REFUSED in ran.report.notes
        assert proof(ran) == ["server_hash" if hashes else "read_back"]


def test_a_file_that_is_sent_whole_after_a_refusal_gets_its_sessions(area: Path) -> None:
    """At a distant server: four for 24 MiB, and a connection that asks whether the account has a shell."""
    with false("refuses_copies=0", hashes=False) as server, Proxy(server.port, delay=0.01) as proxy:
        scene = begun(server, area, delta="always", through=proxy)
        before = proxy.connections()[1]
        assert saved(scene.push()) == 0
        assert proxy.connections()[1] - before == 5


def test_not_announced(area: Path) -> None:
    with false("no_copy_data", hashes=True) as server:
        scene = begun(server, area)
        ran = scene.push()
        assert (sent(ran), saved(ran), ran.report.notes) == (SIZE, 0, ())
        scene.change(SIZE // 2, later=200)
        ran = scene.push(delta="always")
        assert sent(ran) == SIZE
        assert [note for note in ran.report.notes if note.startswith("delta: ")] != []


def test_a_session_that_dies_of_a_copy(area: Path) -> None:
    """The next session sends whole files."""
    with false("dies_of_copies", hashes=True) as server:
        scene = begun(server, area)
        ran = scene.push()
        assert saved(ran) == 0
        assert [note for note in ran.report.notes if "while the server worked on blocks" in note] != []


def test_no_other_run_believes_a_copy_that_was_not_read(area: Path) -> None:
    """A drop box would remove the source, the last good file."""
    with false("copies_wrong", hashes=False) as server:
        scene = begun(server, area, delta="always")
        assert proof(scene.runs.good()) == ["delta"]
        ran = scene.runs.good()
        assert (ran.changed, proof(ran)) == (False, ["delta"])
        scene.date(200)
        ran = scene.runs.good()
        assert proof(ran) == ["delta"], "another time, and the same content"
        content = scene.file.read_bytes()
        ran = scene.runs.run(delta="never", drop_box=DropBoxRequest(after_transfer="delete"))
        assert (ran.report.stats["files_stored"], proof(ran)) == (1, ["read_back"])
        assert scene.stored.read_bytes() == content


def test_a_copy_is_believed_once_it_was_read(area: Path) -> None:
    with false(hashes=False) as server:
        scene = begun(server, area, delta="always")
        assert proof(scene.push()) == ["delta"]
        ran = scene.push(delta="never")
        assert (ran.report.stats["files_compared"], proof(ran)) == (1, ["read_back"])
        for delta in ("never", "always"):
            ran = scene.push(delta=delta)
            assert (ran.report.stats["files_compared"], proof(ran)) == (0, ["recorded"])


def test_a_file_that_another_client_writes_while_it_is_copied_is_sent_whole(
    area: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = DeltaUpload._old_looked

    with Sshd(jail=True) as server:
        scene = begun(server, area, delta="always")

        def then_changed(self: DeltaUpload, reply: Reply) -> None:
            with scene.stored.open("r+b") as file:
                file.seek(SIZE // 4)
                file.write(b"another client")
            looked(self, reply)

        monkeypatch.setattr(DeltaUpload, "_old_looked", then_changed)
        ran = scene.push()
        assert (saved(ran), proof(ran)) == (0, ["read_back"])
