# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes that a peer neither reports nor sets are not compared."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.directory_times import (
    even_directory_times,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from support.scenes.sync_pair import SyncPair, done
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File

SOURCE = {b"d": Directory(0o750, MTIME + SECOND), b"d/f": File(b"x", 0o640, MTIME)}


def peer(**capabilities: bool) -> MemoryTransport:
    return MemoryTransport({}, capabilities=Capabilities(**capabilities))


def test_directories_at_both_ends_get_one_mtime() -> None:
    a, b, f, only = (RelPath(name) for name in (b"a", b"b", b"f", b"only"))
    unknowing = {
        a: Entry(DIRECTORY, 0, 1, 0o755),
        b: Entry(DIRECTORY, 0, 2, 0o755),
        f: Entry(FILE, 1, 3, 0o644),
        only: Entry(DIRECTORY, 0, 4, 0o755),
    }
    knowing = {a: Entry(DIRECTORY, 0, 10, 0o700), b: Entry(FILE, 0, 11, 0o644), f: Entry(FILE, 1, 12, 0o644)}
    even_directory_times(unknowing, knowing)
    assert [unknowing[path].mtime for path in (a, b, f, only)] == [10, 2, 3, 4]
    assert unknowing[a].mode == 0o755


def test_a_second_run_finds_nothing_to_do_without_times_of_directories() -> None:
    pair = SyncPair(SOURCE, peer(directory_mtime=False))
    assert pair.run().error is None
    pair.destination.node(b"d").mtime = 5 * SECOND
    assert done(pair.run()) == []


def test_a_second_run_finds_nothing_to_do_without_times() -> None:
    pair = SyncPair(SOURCE, peer(stores_mtime=False))
    assert pair.run().error is None
    assert done(pair.run()) == []


def test_a_second_run_finds_nothing_to_do_without_modes() -> None:
    pair = SyncPair(SOURCE, peer(stores_mode=False))
    assert pair.run().error is None
    pair.destination.node(b"d/f").mode = 0o600
    assert done(pair.run()) == []
    assert pair.destination.node(b"d/f").mode == 0o600


def test_a_pull_takes_no_mtimes_of_directories_from_a_peer_that_does_not_know_them() -> None:
    pair = SyncPair(MemoryTransport(SOURCE, capabilities=Capabilities(directory_mtime=False)), {}, push=False)
    assert pair.run().error is None
    pair.source.node(b"d").mtime = 5 * SECOND
    assert done(pair.run()) == []
    assert pair.destination.node(b"d").mtime == MTIME + SECOND
