# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract suite on real SFTP servers, over both streams."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, LINK
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    SftpOptions,
    SftpTransport,
)
from support.contracts.lacking import ResolvesLinks
from support.contracts.sftp_contract import SftpContract
from support.contracts.transport_contract import entries, errors, paths
from support.scripted.scripted_sftp import scripted
from support.servers.proftpd import Proftpd
from support.servers.ssh_server import SshServer
from support.servers.sshd import Sshd
from support.trees.tree_spec import File, Link, Special, TreeSpec

Make = Callable[[TreeSpec | None], SftpTransport]


class TestOpenSshClient(SftpContract):
    pass


class TestParamikoClient(SftpContract):
    client = "paramiko"


class TestSeveralSessions(SftpContract):
    options = SftpOptions(parallel=3)


class TestDurable(SftpContract):
    options = SftpOptions(durable=True)


class TestJail(SftpContract):
    """chroot and internal-sftp: no shell, so no sha256sum."""

    make_server = partial(Sshd, jail=True)

    def test_there_is_no_server_hash(self, make: Make) -> None:
        assert make({}).server_hash() is None


class TestBandwidthLimit(SftpContract):
    """A limit that is high enough for the suite takes the same code paths as a lower limit."""

    options = SftpOptions(bandwidth_limit=200_000_000)


class TestProftpd(ResolvesLinks, SftpContract):
    """mod_sftp: another server, which hashes files by check-file, and supports neither limits nor hard links. It
    resolves a link in the last part of a path before it looks, renames or reads at the target. For links, these tests
    replace the contract's: a listing still shows a link as a link, and it can be removed, which is enough for a run to
    replace it."""

    make_server = Proftpd
    levels = 60

    def test_the_server_hashes(self, make: Make) -> None:
        assert make({}).server_hash() == "check-file"

    def test_scan_follows_no_link_and_reads_it_when_asked(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"loop": Link(b"."), b"nowhere": Link(b"/no/such")})
        without, read = entries(transport), entries(transport, read_links=True)
        assert set(without) == set(read) == {b"d", b"d/f", b"loop", b"nowhere"}
        assert {read[name].kind for name in (b"loop", b"nowhere")} == {LINK}
        assert read[b"loop"].target == os.fsencode(f"{self.server_of_test.remote_root}/{self.area.name}/tree")

    def test_look(self, make: Make) -> None:
        transport = make({b"d/f": File(b"abc", 0o640), b"l": Link(b"d")})
        found = {path: (entry, error) for path, entry, error in transport.look(paths(b"d/f", b"l", b"d", b"none"))}
        assert {error for _entry, error in found.values()} == {None}
        assert [found[path][0] and found[path][0].kind for path in found] == [FILE, DIRECTORY, DIRECTORY, None]

    def test_upload_in_place_follows_no_link(self, make: Make) -> None:
        transport = make({b"kept": b"kept", b"l": Link(b"kept")})
        shown = transport.entry_at(*paths(b"l"))
        assert (shown.kind, shown.size) == (FILE, 4)
        assert entries(transport)[b"l"].kind == LINK, "the run removes what the listing shows"

    def test_rename_replaces_files_and_links(self, make: Make) -> None:
        transport = make({b"s1": b"1", b"s2": b"2", b"d/f": b"old", b"l": Link(b"d/f")})
        assert errors(transport.remove_files(paths(b"l"))) == {b"l": None}
        assert errors(transport.rename([Rename(*paths(b"s2", b"l"))])) == {b"l": None}
        assert errors(transport.rename([Rename(*paths(b"s1", b"d/f"))])) == {b"d/f": None}
        found = self.truth(transport)
        assert [found[path].content for path in (b"d/f", b"l")] == [b"1", b"2"]

    def test_remove_files(self, make: Make) -> None:
        transport = make({b"f": b"", b"l": Link(b"kept"), b"fifo": Special(), b"kept": b"", b"d/f": b""})
        wanted = paths(b"f", b"l", b"fifo", b"none", b"none/below", b"d/f")
        assert errors(transport.remove_files(wanted)) == dict.fromkeys(wanted)
        assert sorted(self.truth(transport)) == [b"d", b"kept"]


def behaving(*behaviours: str) -> Callable[[], SshServer]:
    """A real sshd whose subsystem is the scripted server with these behaviours."""
    return partial(Sshd, subsystem=scripted(*behaviours))


class TestNoPosixRename(SftpContract):
    make_server = behaving("no_posix_rename")

    def test_the_fall_back_is_told(self, make: Make) -> None:
        peer = make({})
        peer.root_entry()
        assert any("posix-rename" in note for note in peer.notes)


class TestNoExtensions(SftpContract):
    make_server = behaving("no_extensions")


class TestSmallLimits(SftpContract):
    make_server = behaving("small_limits")


class TestShortReads(SftpContract):
    make_server = behaving("short_reads")


class TestOutOfOrder(SftpContract):
    make_server = behaving("out_of_order")


class TestBareAttributes(SftpContract):
    """A listing without attributes: each entry is queried."""

    make_server = behaving("bare_attributes")
