# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about the roots of a run: the option, the path as given, the host, and the cure."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace, PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sessions import RootWords
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Special

HOSTS = {True: ("this host", "files.example.com"), False: ("files.example.com", "this host")}
BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


def told(report: SyncReport) -> tuple[str, str, str]:
    assert report.error is not None
    return report.error.code, report.error.message, report.error.cure


@BOTH
def test_a_source_that_is_missing(push: bool) -> None:
    pair = SyncPair(MemoryTransport(None, root=b"/srv/no\nne"), MemoryTransport({}, root=b"/srv/to"), push=push)
    assert told(pair.run()) == (
        "source_missing",
        "src: '/srv/no\\x0ane' on %s does not exist" % HOSTS[push][0],
        "Correct src, or mount its file system.",
    )


@BOTH
def test_a_source_of_another_kind_or_that_cannot_be_seen(push: bool) -> None:
    pair = SyncPair(MemoryTransport({}), MemoryTransport({}, root=b"/to"), push=push)
    pair.source.faults.fail("root_entry", b"", PermissionDenied("Permission denied"))
    code, message, _cure = told(pair.run())
    assert code == "source_missing"
    assert message == "src: '/memory/tree' on %s cannot be read: Permission denied" % HOSTS[push][0]


@BOTH
def test_a_destination_without_a_parent(push: bool) -> None:
    pair = SyncPair(MemoryTransport({b"a": b"1"}), MemoryTransport(None, root=b"/none/at all"), push=push)
    pair.destination.disk.remove(b"/none", directory=True)
    assert told(pair.run()) == (
        "not_found",
        "dest: '/none/at all' on %s cannot be made: its parent directory '/none' does not exist" % HOSTS[push][1],
        "Set create_parents to true, or correct dest.",
    )


@BOTH
def test_a_destination_that_is_no_directory(push: bool) -> None:
    destination = MemoryTransport({b"file": b"1"})
    pair = SyncPair({b"a": b"1"}, MemoryTransport(disk=destination.disk, root=b"/memory/tree/file"), push=push)
    code, message, cure = told(pair.run())
    assert code == "kind_conflict"
    assert message == "dest: '/memory/tree/file' on %s is not a directory, but the source is" % HOSTS[push][1]
    assert cure


@BOTH
@pytest.mark.parametrize("error", [PermissionDenied("Permission denied"), NoSpace("it is full")])
def test_a_destination_that_may_not_be_written_to(push: bool, error: PermissionDenied | NoSpace) -> None:
    pair = SyncPair({b"a": b"1"}, MemoryTransport({}), push=push)
    pair.destination.faults.fail("create_file", None, error)
    code, message, cure = told(pair.run())
    assert code == error.code
    assert message == (
        "dest: '/memory/tree' on %s cannot be locked: the lock file .secure_sync.lock cannot be made in it: %s"
        % (HOSTS[push][1], error.message)
    )
    assert cure.startswith("Let the account list this directory and write to it, or correct dest.")


@BOTH
def test_a_destination_that_cannot_be_made(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, MemoryTransport(None), push=push)
    pair.destination.faults.fail("create_root", b"", PermissionDenied("Permission denied"))
    code, message, cure = told(pair.run())
    assert code == "permission_denied"
    assert message == "dest: '/memory/tree' on %s cannot be made: Permission denied" % HOSTS[push][1]
    assert cure == "Let the account write to the parent directory, or correct dest."


def test_an_empty_path_is_shown_as_one() -> None:
    request = SyncPair({}, {}, push=False).request(remote_root=b"")
    assert RootWords.source(request).says("does not exist") == "src: '' on files.example.com does not exist"


def test_a_fifo_is_no_source() -> None:
    inner = MemoryTransport({b"fifo": Special()})
    pair = SyncPair(MemoryTransport(disk=inner.disk, root=b"/memory/tree/fifo"), MemoryTransport({}, root=b"/to"))
    assert "is neither a directory nor a regular file" in told(pair.run())[1]


@pytest.mark.parametrize(("path", "wildcard"), [(b"/out/*.csv", True), (b"/out/[ab]", True), (b"/out/a.csv", False)])
def test_a_source_with_a_wildcard_is_sent_to_include(path: bytes, wildcard: bool) -> None:
    cure = RootWords("src", path, "this host").missing("does not exist").cure
    assert cure.startswith("src takes no wildcards" if wildcard else "Correct src")
    assert ("include" in cure) == wildcard
