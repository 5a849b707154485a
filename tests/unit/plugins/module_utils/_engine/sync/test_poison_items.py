# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items at which the session ends each time: they fail by name, the others are done, nothing is removed. As soon as
the items do no harm, the next run converges."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    ConnectionLost,
    Stalled,
    SyncError,
)
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, File, Link, TreeSpec

NEW = b"f77"
SOURCE: TreeSpec = {
    **{b"f%d" % number: b"new %d" % number for number in range(150)},
    **{b"d%d/inside" % number: b"inside" for number in range(40)},
    **{b"changed%d" % number: b"new and longer" for number in range(20)},
    **{b"touched%d" % number: File(b"touched", mtime=1_500_000_000_000_000_000) for number in range(20)},
    **{b"same%d" % number: b"same" for number in range(20)},
    **{b"link%d" % number: Link(b"same1") for number in range(20)},
    b"large": bytes(300_000),
    b"hollow": Directory(),
}
DESTINATION: TreeSpec = {
    **{b"changed%d" % number: b"old" for number in range(20)},
    **{b"touched%d" % number: b"touched" for number in range(20)},
    **{b"same%d" % number: b"same" for number in range(20)},
    **{b"extra%d" % number: b"extra" for number in range(20)},
    **{b"extras%d/deep/extra" % number: b"extra" for number in range(10)},
}
EXTRA = {path for path in DESTINATION if path.startswith(b"extra")}
RETRIES = 3


def made(*, push: bool, server_hash: str | None = None, window: int = 64, **options: object) -> SyncPair:
    source, destination = (
        MemoryTransport(tree, server_hash=server_hash, window=window) for tree in (SOURCE, DESTINATION)
    )
    asked = {"delete": True, "links": "copy", "retries": RETRIES, **options}
    return SyncPair(source, destination, push=push, **asked)


def missing(pair: SyncPair) -> set[bytes]:
    """The paths at which the destination is not as the source."""
    source, destination = pair.source.snapshot(), pair.destination.snapshot()
    return {path for path, found in source.items() if path and destination.get(path) != found}


def failed(report: object) -> dict[bytes, str]:
    """The failures, with their codes."""
    found = {bytes(outcome.action.path): outcome.error.code for outcome in report.outcomes if outcome.error}
    found.update({bytes(problem.path): problem.code for problem in report.problems})
    return found


def assert_no_trace(pair: SyncPair) -> None:
    assert not [path for path in pair.destination.snapshot() if b".secure_sync" in path]


def assert_next_run_is_good(pair: SyncPair) -> None:
    for side in (pair.source, pair.destination):
        side.faults.forget()
    report = pair.run()
    assert codes(report) == set()
    assert missing(pair) == set()
    assert not EXTRA & set(pair.destination.snapshot())
    assert_no_trace(pair)
    assert done(pair.run()) == []


CASES = [
    (True, "upload", NEW, {}),
    (True, "upload.write", b"large", {}),
    (True, "upload.finish", NEW, {}),
    (True, "rename", NEW, {}),
    (True, "make_directories", b"d7", {}),
    (True, "set_attributes", b"touched7", {}),
    (True, "set_attributes", b"d7", {}),
    (True, "digest", b"same7", {"compare": "checksum"}),
    (True, "keep_in", b"changed7", {"trash": b".trash"}),
    (False, "download", NEW, {}),
    (False, "download.read", b"large", {}),
    (False, "digest", NEW, {}),
    (False, "digest", b"same7", {"compare": "checksum"}),
]


@pytest.mark.parametrize("error", [ConnectionLost("the session ended"), Stalled("silent")], ids=["cut", "stall"])
@pytest.mark.parametrize(("push", "operation", "path", "options"), CASES)
def test_it_fails_alone(push: bool, operation: str, path: bytes, options: dict, error: SyncError) -> None:
    pair = made(push=push, **options)
    pair.peer.faults.fail(operation, path, error)
    report = pair.run()
    assert report.error is None
    below = {each for each in SOURCE if each.startswith(path + b"/")}
    # A destination whose content cannot be read for comparison is stored again.
    fails = not (push and operation == "digest")
    assert set(failed(report)) == ({path} | (below if operation == "make_directories" else set()) if fails else set())
    if fails:
        assert failed(report)[path] == error.code
        late = operation == "set_attributes" and path == b"d7"  # directories get theirs behind the removals
        assert late or set(pair.destination.snapshot()) >= EXTRA, "nothing is removed after a failure"
    assert missing(pair) <= {path} | below
    assert len(pair.peer.faults.asked("reconnect")) <= RETRIES + 4
    assert_no_trace(pair)
    assert_next_run_is_good(pair)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_the_server_s_hash_is_poison_for_one_file(push: bool) -> None:
    """It is read instead."""
    pair = made(push=push, server_hash="check-file", compare="checksum")
    pair.peer.faults.fail("digest_by_server", b"same7", ConnectionLost("cut"))
    report = pair.run()
    assert codes(report) == set()
    assert missing(pair) == set()


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_removal(push: bool) -> None:
    pair = made(push=True)
    pair.peer.faults.fail("remove_files", b"extra7", ConnectionLost("cut"))
    pair.peer.faults.fail("remove_directories", b"extras7/deep", ConnectionLost("cut"))
    report = pair.run()
    assert report.error is None
    assert {b"extra7", b"extras7/deep"} <= set(failed(report)) <= {b"extra7", b"extras7/deep", b"extras7"}
    left = {path for path in pair.destination.snapshot() if path.startswith(b"extra")}
    assert left == {b"extra7", b"extras7", b"extras7/deep"}
    assert_next_run_is_good(pair)


def test_a_link() -> None:
    """Links are created under temporary names, so a server can only recognize a link by its target."""
    pair = made(push=True)

    def cut(operation: str, path: bytes) -> None:
        if operation == "rename" and path == b"link7":
            pair.peer.faults.connected = False
            raise ConnectionLost("cut")

    pair.peer.faults.on_operation = cut
    report = pair.run()
    assert failed(report) == {b"link7": "connection_lost"}
    assert missing(pair) == {b"link7"}
    pair.peer.faults.on_operation = None
    assert_next_run_is_good(pair)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("window", [1, 4, 512])
def test_several_of_them(push: bool, window: int) -> None:
    poison = {b"f3", b"f4", b"f5", b"f99", b"large", b"d7/inside", b"changed1"}
    pair = made(push=push, window=window)
    pair.peer.faults.fail("upload" if push else "download", lambda path: path in poison, ConnectionLost("cut"))
    report = pair.run()
    assert report.error is None
    assert failed(report) == dict.fromkeys(poison, "connection_lost")
    assert missing(pair) == poison
    assert set(pair.destination.snapshot()) >= EXTRA
    assert len(pair.peer.faults.asked("reconnect")) <= 2 + len(poison) * (RETRIES + 2)
    assert_no_trace(pair)
    assert_next_run_is_good(pair)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_the_message_names_the_item_and_the_cause(push: bool) -> None:
    pair = made(push=push)
    pair.peer.faults.fail("upload" if push else "download", NEW, ConnectionLost("the server closed the connection"))
    (outcome,) = [outcome for outcome in pair.run().outcomes if outcome.error]
    assert outcome.error.path == NEW
    assert outcome.error.message == (
        "the session was lost at each attempt for this item: the server closed the connection"
    )
    assert "exclude the item" in outcome.error.cure


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
@pytest.mark.parametrize("poison", [{b"d7"}, {b"d7", b"d8", b"d30"}, {b"d%d" % number for number in range(3, 10)}])
def test_a_directory_that_cannot_be_listed(push: bool, poison: set[bytes]) -> None:
    pair = made(push=push)
    if push:
        pair.run(delete=False)
        pair.source.fill({b"late": b"late", b"d5/late": b"late"})
    pair.peer.faults.fail("scan", lambda path: path in poison, ConnectionLost("cut"))
    report = pair.run()
    assert report.error is None
    assert {bytes(problem.path): problem.code for problem in report.problems} == dict.fromkeys(
        poison, "connection_lost"
    )
    assert set(pair.destination.snapshot()) >= EXTRA
    # Of a destination that is not listed, an entry may be there: it is left alone.
    below = {path for path in [*SOURCE, b"d5/late"] if path.partition(b"/")[0] in poison}
    assert missing(pair) <= poison | below
    if push:
        assert (b"d5/late" in missing(pair)) == (b"d5" in poison)
    assert_next_run_is_good(pair)


def test_a_root_that_cannot_be_listed_ends_the_run() -> None:
    pair = made(push=False)
    pair.peer.faults.fail("scan", b"", ConnectionLost("cut"))
    report = pair.run()
    assert report.error.code == "connection_lost"
    assert pair.destination.snapshot() == MemoryTransport(DESTINATION).snapshot()


def test_deep_directories_that_cannot_be_listed() -> None:
    tree = {b"a/b%d/c%d/d/file" % (one, two): b"1" for one in range(4) for two in range(4)}
    poison = {b"a/b1/c1", b"a/b1/c2/d", b"a/b3"}
    pair = SyncPair(tree, {}, push=False, retries=2)
    pair.peer.faults.fail("scan", lambda path: path in poison, ConnectionLost("cut"))
    report = pair.run()
    assert report.error is None
    assert {bytes(problem.path) for problem in report.problems} == poison
    hidden = {path for path in tree if any(path.startswith(each + b"/") for each in poison)}
    assert {path for path, kind in done(report) if kind == "store"} == set(tree) - hidden


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_run_ends_when_no_session_can_be_had(push: bool) -> None:
    pair = made(push=push)
    pair.peer.faults.fail("upload" if push else "download", NEW, ConnectionLost("cut"))
    pair.peer.faults.reconnect_errors = [ConnectionFailed("refused")] * 9
    report = pair.run()
    assert report.error.code == "connection_failed"
    assert len(pair.peer.faults.asked("reconnect")) == RETRIES


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_run_ends_when_every_session_is_of_no_use(push: bool) -> None:
    tree = {b"f%d" % number: b"1" for number in range(4500)}
    pair = SyncPair(tree, {}, push=push, retries=RETRIES)
    pair.peer.faults.fail("upload" if push else "download", None, Stalled("silent"))
    report = pair.run()
    assert report.error.code == "stalled"
    assert len(pair.peer.faults.asked("reconnect")) < 30


@pytest.mark.parametrize(("push", "operation", "path", "options"), CASES)
def test_without_retries_it_fails_alone_as_well(push: bool, operation: str, path: bytes, options: dict) -> None:
    pair = made(push=push, retries=0, **options)
    pair.peer.faults.fail(operation, path, ConnectionLost("cut"))
    report = pair.run()
    assert report.error is None
    below = {each for each in SOURCE if each.startswith(path + b"/")}
    assert missing(pair) <= {path} | below
    assert len(pair.peer.faults.asked("reconnect")) <= 4
    assert_no_trace(pair)
    assert_next_run_is_good(pair)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_without_retries_one_attempt_replaces_a_session(push: bool) -> None:
    pair = made(push=push, retries=0)
    pair.peer.faults.fail("upload" if push else "download", NEW, ConnectionLost("cut"))
    pair.peer.faults.reconnect_errors = [ConnectionFailed("refused")]
    report = pair.run()
    assert report.error.code == "connection_failed"
    assert len(pair.peer.faults.asked("reconnect")) == 1


@pytest.mark.parametrize(
    "lose", [lambda faults: setattr(faults, "disconnect_at", 400)], ids=["in the middle of the files"]
)
def test_one_lost_session_costs_no_narrowing(lose: Callable[[object], None]) -> None:
    pair = made(push=True)
    lose(pair.peer.faults)
    report = pair.run()
    assert codes(report) == set()
    assert len(pair.peer.faults.asked("reconnect")) == 1
