# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode predicts a run on a peer of which something is known only once it was written to."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.compare import (
    compares_directory_times,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.kept_attributes import (
    UNKNOWN_DIRECTORY_TIMES,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from support.scenes.sync_pair import SyncPair, done
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File

SOURCE = {b"d": Directory(0o750, MTIME + SECOND), b"d/f": File(b"x", 0o640, MTIME)}
STALE = {b"d": Directory(0o750, MTIME), b"d/f": File(b"x", 0o640, MTIME)}


class Peer(MemoryTransport):
    """A peer that shows its abilities once a file is created on it."""

    def __init__(self, **able: bool) -> None:
        super().__init__(STALE, capabilities=Capabilities(directory_mtime=None))
        self.able = able

    def create_file(self, path: bytes, content: bytes) -> None:
        super().create_file(path, content)
        self.capabilities = self.capabilities._replace(**self.able)

    def forget(self) -> None:
        """Be as a new session sees it."""
        self.capabilities = Capabilities(directory_mtime=None)


def checked(pair: SyncPair) -> tuple[list[tuple[bytes, str]], bool]:
    """The predictions of a check, and its notes about unknown abilities."""
    pair.peer.forget()
    report = pair.run(check_mode=True)
    return [
        (bytes(action.path), action.action) for action in report.plan.actions
    ], UNKNOWN_DIRECTORY_TIMES in report.notes


def test_a_check_leaves_out_what_nobody_knows_yet_and_says_so() -> None:
    assert checked(SyncPair(SOURCE, Peer(directory_mtime=True))) == ([], True)


@pytest.mark.parametrize(("able", "predicted"), [(False, []), (True, [(b"d", "set_attributes")])])
def test_a_check_knows_it_from_the_run_before(able: bool, predicted: list[tuple[bytes, str]]) -> None:
    pair = SyncPair(SOURCE, Peer(directory_mtime=able))
    pair.run()
    pair.peer.node(b"d").mtime = MTIME
    assert checked(pair) == (predicted, False)
    pair.peer.forget()
    assert done(pair.run()) == predicted


def test_a_run_that_finds_it_otherwise_corrects_it() -> None:
    pair = SyncPair(SOURCE, Peer(directory_mtime=False))
    pair.run()
    pair.peer.forget()
    pair.peer.able = {"directory_mtime": True}
    pair.run()
    pair.peer.node(b"d").mtime = MTIME
    assert checked(pair) == ([(b"d", "set_attributes")], False)


def test_times_of_files_that_the_server_does_not_keep_are_no_change() -> None:
    pair = SyncPair(SOURCE, Peer(directory_mtime=False, stores_mtime=False))
    pair.run()
    pair.peer.node(b"d/f").mtime = MTIME + 9 * SECOND
    assert checked(pair) == ([], False)


def test_a_pull_takes_what_is_reported_and_forgets_nothing() -> None:
    pair = SyncPair(SOURCE, Peer(directory_mtime=False))
    pair.run()
    pair.peer.forget()
    back = SyncPair(pair.peer, {}, push=False, state_dir=pair.state_dir)
    assert back.run().error is None
    assert back.destination.node(b"d").mtime == pair.peer.node(b"d").mtime
    assert checked(pair) == ([], False)


@pytest.mark.parametrize(
    ("able", "push", "compared"),
    [(True, True, True), (None, True, False), (False, True, False), (None, False, True), (False, False, False)],
)
def test_when_times_of_directories_are_compared(able: bool | None, push: bool, compared: bool) -> None:
    assert compares_directory_times(able, push=push) is compared
