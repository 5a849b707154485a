# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Abilities that an SFTP server announces or acknowledges but lacks: detected once, and named in the notes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import ClassVar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    NotFound,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import RENAME_REPLACES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.scan import NO_TARGET
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    NO_HARD_LINKS,
    SftpOptions,
    SftpTransport,
)
from support.contracts.served_contract import ServedTrees
from support.contracts.sftp_contract import sftp_transport
from support.contracts.transport_contract import entries, errors, paths
from support.scripted.scripted_sftp import scripted
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.trees.tree_spec import Directory, Link, TreeSpec

Make = Callable[[TreeSpec | None], SftpTransport]


class Abilities(ServedTrees):
    make_server: ClassVar[Callable[[], SshServer]] = Sshd

    def connect(self, server: SshServer, root: bytes) -> SftpTransport:
        return sftp_transport(server, root, "openssh", SftpOptions())


def behaving(behaviour: str) -> Callable[[], SshServer]:
    """A real sshd whose subsystem is the scripted server with this behaviour."""
    return partial(Sshd, subsystem=scripted(behaviour))


class TestOpenssh(Abilities):
    """It can do all that is asked here."""

    def test_symbolic_links(self, make: Make) -> None:
        transport = make({b"d": Directory(), b"f": b"x"})
        victim = os.fsencode(f"{self.server_of_test.remote_root}/{self.area.name}/tree/victim")
        wanted = [
            (RelPath(b"none/l"), b"f"),
            (RelPath(b"f"), b"d"),
            (RelPath(b"d/l"), victim),
            (RelPath(b"m"), b"d"),
        ]
        assert errors(transport.make_links(wanted)) == {
            b"none/l": NotFound,
            b"f": AlreadyExists,
            b"d/l": None,
            b"m": None,
        }
        found = self.truth(transport)
        assert sorted(found) == [b"d", b"d/l", b"f", b"m"], "none is where the target is"
        assert (found[b"d/l"], found[b"m"]) == (Link(victim), Link(b"d"))

    def test_hard_links_and_names_that_are_taken(self, make: Make) -> None:
        peer = make({b"f": b"1", b"there": b"2"})
        assert errors(peer.keep_in(RelPath(b"t"), paths(b"f"), remove=False)) == {b"f": None}
        peer.create_file(RelPath(b"old"), b"3")
        with pytest.raises(AlreadyExists):
            peer.rename_new(*paths(b"old", b"there"))
        found = self.truth(peer)
        assert [found[path].content for path in (b"f", b"t/f", b"there", b"old")] == [b"1", b"1", b"2", b"3"]
        assert peer.capabilities.hard_links
        assert peer.notes == []


class TestSymlinkByDraft(TestOpenssh):
    """The order of SYMLINK's paths is found out before a link is made."""

    make_server = behaving("symlink_by_draft")


class TestSymlinkByDraftAnnounced(TestOpenssh):
    make_server = behaving("symlink_by_draft_announced")


class TestEmptyHardlinks(Abilities):
    """Replaced files reach the trash all the same."""

    make_server = behaving("empty_hardlinks")

    def test_it_is_found_out_and_noted_once(self, make: Make) -> None:
        peer = make({b"f": b"1", b"g": b"2", b"new": b"3"})
        peer.start()
        assert peer.capabilities.hard_links
        assert errors(peer.keep_in(RelPath(b"t"), paths(b"f", b"g"), remove=False)) == {b"f": None, b"g": None}
        assert errors(peer.rename([Rename(*paths(b"new", b"f"))])) == {b"f": None}
        found = self.truth(peer)
        assert [found[path].content for path in (b"f", b"t/f", b"t/g")] == [b"3", b"1", b"2"]
        assert not peer.capabilities.hard_links
        assert peer.notes == [NO_HARD_LINKS]


class TestRenameReplaces(Abilities):
    """The name is looked at first, so that a lock that is held is seen."""

    make_server = behaving("rename_replaces")

    @pytest.mark.parametrize("created", [True, False], ids=["after a file was made", "at once"])
    def test_it_is_found_out_and_noted_once(self, make: Make, created: bool) -> None:
        peer = make({b"there": b"2"} if created else {b"there": b"2", b"old": b"1"})
        if created:
            peer.create_file(RelPath(b"old"), b"1")
            assert peer.notes == [RENAME_REPLACES]
        with pytest.raises(AlreadyExists):
            peer.rename_new(*paths(b"old", b"there"))
        with pytest.raises(NotFound):
            peer.rename_new(*paths(b"none", b"new"))
        peer.rename_new(*paths(b"old", b"new"))
        assert {path: found.content for path, found in self.truth(peer).items()} == {b"new": b"1", b"there": b"2"}
        assert peer.notes == [RENAME_REPLACES]


class TestHiddenTargets(Abilities):
    """A link whose target stays hidden is a problem of its own, and its directory has not vanished."""

    make_server = behaving("hidden_targets")

    def test_the_rest_of_the_directory_is_listed(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"d/l": Link(b"f"), b"d/out": Link(b"/etc/motd"), b"e": b"y"})
        assert set(entries(transport)) == {b"d", b"d/f", b"d/l", b"d/out", b"e"}
        pages = {page.directory: page for page in transport.scan(read_links=True)}
        assert {path for page in pages.values() for path, _entry in page.entries} == {b"d", b"d/f", b"d/l", b"e"}
        assert pages[b""].problem is None
        problem = pages[b"d"].problem
        assert (type(problem), problem.path, problem.message) == (OperationFailed, b"d/out", NO_TARGET)
