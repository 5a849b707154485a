# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs in which a reply of the server is changed at random: after any change, nothing is lost and no false reply
is trusted. The invariants: the run ends in time, with the collection's own errors only; each name holds the old or the
new content; nothing is removed if anything failed; every file that is reported as stored exists; the next run with an
honest server makes both sides equal."""

from __future__ import annotations

import gc
import os
import shutil
import stat
import struct
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
    PUSH,
    DropBoxRequest,
    SyncRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from support.fuzz.mutate import edits_of
from support.scenes.hostile_scene import contents, ours
from support.scenes.sync_runs import NO_LIMIT, Ran
from support.scripted import sftp_wire as wire
from support.scripted.served_stream import ServedStream, no_exec
from support.trees.trees import Seen, differences, tree_digest

RUNS = 150
LONG_RUNS = 5000
STALL_SECONDS = 0.15
MOST_SECONDS = 5.0
REPLIES = 45
"""About as many as a run has; a change of a later one changes nothing."""
COLLECT_EVERY = 100
"""Runs, of which a failed one leaves about 1 MiB: `sync` ends with `gc.unfreeze`, and by itself Python never comes to
collect the generation that this fills. A module runs once in its process."""
PHASES = (Phase.generate,)
"""A smaller example would take minutes to find."""
PAST = 1_600_000_000
OLD = {"same": b"same", "grown": b"old", "swapped": b"old bytes", "extra": b"extra", "sub/old": b"old"}
NEW = {"same": b"same", "grown": b"new and longer" * 3000, "swapped": b"new bytes", "sub/old": b"newer", "sub/b": b"b"}


def inside(edit: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Return the edit of a packet's content: length, type and number stay right, so that it is parsed."""

    def change(packet: bytes) -> bytes:
        body = edit(packet[9:])
        return struct.pack(">I", 5 + len(body)) + packet[4:9] + body

    return change


EDITS = st.one_of(edits_of(200), edits_of(60).map(inside), edits_of(12).map(inside), edits_of(3).map(inside))


class Area:
    """Two trees and the runs between them."""

    def __init__(self, root: Path, *, push: bool) -> None:
        self.push, self.near, self.far = push, root / "near", root / "far"
        self.source, self.destination = (self.near, self.far) if push else (self.far, self.near)
        self.state, self.outside = root / "state", root / "outside"
        self.outside.mkdir(parents=True)
        (self.outside / "grown").write_bytes(b"nobody's business")
        write(self.source, NEW, PAST + 60)
        write(self.destination, OLD, PAST)
        self.before = self.tree()

    def run(self, changes: Mapping[int, object], **options: object) -> Ran:
        """Run once; the reply with the number that is a key of `changes` is changed by its value. options: of the
        request."""
        sent = iter(range(1 << 30))
        self.before = self.tree()

        def change(_number: int, packet: bytes) -> bytes:
            edit = changes.get(next(sent))
            return edit(packet) if edit else packet

        def open_peer(request: SyncRequest) -> SftpTransport:
            options = SftpOptions(stall_timeout=STALL_SECONDS)
            return SftpTransport(
                request.remote_root, partial(ServedStream, os.fsencode(self.far.parent), change), no_exec, options
            )

        begun = time.monotonic()
        report = sync(self._request()._replace(**options), open_peer=open_peer, sleep=lambda _seconds: None)
        return Ran(report, time.monotonic() - begun)

    def _request(self) -> SyncRequest:
        return SyncRequest(
            direction=PUSH if self.push else PULL,
            local_root=os.fsencode(self.near),
            remote_root=os.fsencode(self.far),
            endpoint=Endpoint("sftp", "files.example.com"),
            credentials=Credentials(),
            trust=SshTrust(),
            state_dir=os.fsencode(self.state),
            run_id=uuid.uuid4().hex[:16],
            delete=True,
            max_delete=NO_LIMIT,
            compare="checksum",
            retries=0,
        )

    def check(self, ran: Ran) -> None:
        """All that must hold behind a run."""
        assert ran.seconds < MOST_SECONDS, ran
        assert all(error.message.isprintable() for error in ran.errors), ran
        assert contents(self.outside) == {b"grown": contents(self.outside)[b"grown"]}
        assert (self.outside / "grown").read_bytes() == b"nobody's business"
        assert files(self.source) == NEW
        found = files(self.destination)
        for name, content in found.items():
            assert content in (OLD.get(name), NEW.get(name)), f"{name} is neither old nor new: {ran}"
        if ran.failed:
            assert found.keys() >= OLD.keys(), f"removed although something failed: {ran}"
        else:
            assert found == NEW, f"said to be done: {ran}"
        for path, action, _reason in ran.done:
            if action == "store":
                assert found[os.fsdecode(path)] == NEW[os.fsdecode(path)], f"{path!r} said to be stored: {ran}"
        self.check_changed(ran)

    def tree(self) -> dict[bytes, Seen]:
        """Return the destination from its root on, without the engine's own files."""
        found = tree_digest(self.destination.parent)
        top = os.fsencode(self.destination.name)
        return {name: seen for name, seen in found.items() if name.split(b"/")[0] == top and not ours(name)}

    def check_changed(self, ran: Ran) -> None:
        """A run that reports no change left everything as it was."""
        assert ran.changed or differences(self.before, self.tree()) == [], f"said to be unchanged: {ran}"


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_reply_that_is_changed(push: bool, tmp_path: Path, seed: int, long_run: bool) -> None:
    told: Counter[str] = Counter()
    runs = LONG_RUNS if long_run else RUNS
    numbers = st.lists(st.integers(0, REPLIES), min_size=1, max_size=2, unique=True)

    @seeded(seed)
    @settings(max_examples=runs, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(st.data(), numbers)
    def trial(data: st.DataObject, numbers: list[int]) -> None:
        root = tmp_path / "area"
        shutil.rmtree(root, ignore_errors=True)
        area = Area(root, push=push)
        ran = area.run({number: data.draw(EDITS) for number in numbers})
        told.update(ran.codes or {"went well"})
        if told.total() % COLLECT_EVERY == 0:
            gc.collect()
        area.check(ran)
        honest = area.run({})
        assert not honest.failed, honest
        area.check(honest)

    trial()
    assert told.total() >= runs
    print(f"{runs} runs, in each one or two replies changed: {dict(told.most_common())}")


def _of_nothing(packet: bytes) -> bytes:
    return packet[:5] + bytes([packet[5] ^ 0x40]) + packet[6:]


def _of_another_kind(packet: bytes) -> bytes:
    kind = wire.DATA if packet[4] == wire.HANDLE else wire.HANDLE
    return struct.pack(">IB", 14, kind) + packet[5:9] + wire.put_string(b"wrong")


def _short(packet: bytes) -> bytes:
    return struct.pack(">I", 7) + packet[4:11]


WRONG = {"of_nothing": _of_nothing, "of_another_kind": _of_another_kind, "short": _short, "none": lambda packet: b""}


class From(dict):
    """One edit, for every reply from a number on, until a run that has fewer."""

    def __init__(self, number: int, edit: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self.number, self.edit, self.used = number, edit, False

    def get(self, number: int, default: object = None) -> object:
        self.used |= number >= self.number
        return self.edit if number >= self.number else None


SHAPES: dict[str, dict[str, object]] = {
    "usual": {},
    "unlocked": {"lock": False},
    "in_place": {"lock": False, "drop_box": DropBoxRequest(in_place=True)},
    "trash": {"trash": b".trash"},
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("shape", [*SHAPES, "missing"])
def test_a_run_whose_replies_are_wrong_from_any_number_on(
    shape: str, wrong: str, tmp_path: Path, long_run: bool
) -> None:
    """The server carries out each request. A change whose answer is lost or wrong is not known, and counts. A run
    without answers waits for each, so that a short test begins with every fifth number."""
    told: Counter[bool] = Counter()
    for number in range(1, 10 * REPLIES, 5 if wrong == "none" and not long_run else 1):
        shutil.rmtree(tmp_path / "area", ignore_errors=True)
        area, changes = Area(tmp_path / "area", push=True), From(number, WRONG[wrong])
        if shape == "missing":
            shutil.rmtree(area.destination)
        ran = area.run(changes, **SHAPES.get(shape, {}))
        told[ran.changed] += 1
        area.check_changed(ran)
        if not changes.used:
            break
    assert not ran.failed, ran
    assert told[False] > 0
    print(f"{told.total()} runs, changed: {dict(told)}")


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_size_that_is_a_lie_is_not_read_to_its_end(push: bool, tmp_path: Path) -> None:
    """The listing is true; the server's attributes of an open file claim four exbibytes."""
    area = Area(tmp_path, push=push)
    (area.destination / "same").write_bytes(b"SAME")
    os.utime(area.destination / "same", (0, PAST))
    ran = area.run(dict.fromkeys(range(10 * REPLIES), _enlarged))
    assert "source_changed" in ran.codes or "proof_failed" in ran.codes, ran
    assert ran.seconds < MOST_SECONDS


def _enlarged(packet: bytes) -> bytes:
    usual = packet[4] == wire.ATTRS and packet[12] & 1
    return packet[:13] + struct.pack(">Q", 1 << 62) + packet[21:] if usual else packet


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_directory_that_is_said_to_be_missing_at_the_end_of_its_listing(push: bool, tmp_path: Path) -> None:
    """The requests of a listing are sent ahead: each directory has two ends, and `sub` is the second directory."""
    area, ends = Area(tmp_path, push=push), iter(range(1 << 30))

    def edit(packet: bytes) -> bytes:
        is_end = packet[4] == wire.STATUS and packet[9:13] == struct.pack(">I", wire.EOF)
        return packet[:9] + struct.pack(">I", wire.NO_SUCH_FILE) + packet[13:] if is_end and next(ends) == 2 else packet

    ran = area.run(dict.fromkeys(range(10 * REPLIES), edit))
    assert ran.codes == {"operation_failed"}, ran
    area.check(ran)


def test_a_source_that_is_said_to_be_a_file(tmp_path: Path) -> None:
    area, answers = Area(tmp_path, push=False), iter(range(1 << 30))

    def edit(packet: bytes) -> bytes:
        is_first = packet[4] == wire.ATTRS and next(answers) == 0
        return packet[:29] + struct.pack(">I", stat.S_IFREG | 0o644) + packet[33:] if is_first else packet

    ran = area.run(dict.fromkeys(range(10 * REPLIES), edit))
    assert ran.codes == {"source_changed"}, ran
    assert files(area.destination) == OLD
    assert not (area.destination / "far").exists()


def test_without_changes_the_run_has_that_many_replies(tmp_path: Path) -> None:
    for push in (True, False):
        seen: list[int] = []
        area = Area(tmp_path / str(push), push=push)
        ran = area.run({number: partial(_count, seen) for number in range(10 * REPLIES)})
        assert not ran.failed, ran
        assert REPLIES * 0.5 < len(seen) < REPLIES * 2.5, len(seen)


def _count(seen: list[int], packet: bytes) -> bytes:
    seen.append(1)
    return packet


def files(root: Path) -> dict[str, bytes]:
    """Return the content of all files but the engine's own."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(".secure_sync")
    }


def write(root: Path, tree: dict[str, bytes], when: int) -> None:
    """Write files, all of the same time but that which is the same."""
    for name, content in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        os.utime(root / name, (0, PAST if content == b"same" else when))
