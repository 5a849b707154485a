# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract suite on servers that others wrote: whole, in the long run alone.

Each limit of a server is named by its class, with the expectation that holds there instead; see docs/servers.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NotFound,
    NotSupported,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NO_DIRECTORY_TIMES,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import RENAME_REPLACES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.scan import NO_TARGET
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.transport import (
    NO_HARD_LINKS,
)
from support.contracts.lacking import FollowsLinks, NamesInUtf8, NoDirectoryTimes, SpecialsAreFiles
from support.contracts.peer_contract import CONTENTS, LATER
from support.contracts.sftp_contract import SftpContract
from support.contracts.transport_contract import ODD_NAMES, entries, errors, paths, transfers_of
from support.foreign.asyncssh_sftp import Asyncssh
from support.foreign.dropbear import GREEN_END, Dropbear
from support.foreign.ftp_srv_ftps import FtpSrv
from support.foreign.paramiko_sftp import Paramiko
from support.foreign.pyftpdlib_ftps import Pyftpdlib
from support.foreign.rclone_sftp import RcloneSftp
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, Special, TreeSpec, normal

Make = Callable[[TreeSpec | None], Any]


class TestDropbear(SftpContract):
    make_server = Dropbear


class TestAsyncssh(SftpContract):
    """With a root of its own it reports no relative target, and none outside that root."""

    make_server = Asyncssh

    def test_scan_follows_no_link_and_reads_it_when_asked(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"to_d": Link(b"d"), b"e/out": Link(b"/no/such")})
        assert set(entries(transport)) == {b"d", b"d/f", b"to_d", b"e", b"e/out"}
        pages = {page.directory: page for page in transport.scan(read_links=True)}
        assert {path for page in pages.values() for path, _entry in page.entries} == {b"d", b"d/f", b"e"}
        problems = {page.problem.path: page.problem for page in pages.values() if page.problem}
        assert {path: problem.message for path, problem in problems.items()} == {
            b"to_d": NO_TARGET,
            b"e/out": NO_TARGET,
        }


class TestGesftpserver(SftpContract):
    """A path through a file is a failure without a reason, not a name that does not exist."""

    make_server = partial(Dropbear, serving=GREEN_END)

    def test_look(self, make: Make) -> None:
        transport = make({b"d/f": File(b"abc", 0o640), b"l": Link(b"d")})
        found = {
            path: (entry, error) for path, entry, error in transport.look(paths(b"d/f", b"l", b"d", b"none/below"))
        }
        assert {error for _entry, error in found.values()} == {None}
        assert found[b"d/f"][0] == Entry(FILE, 3, MTIME, 0o640)
        assert found[b"none/below"][0] is None
        ((_path, entry, error),) = transport.look(paths(b"d/f/below"))
        assert (entry, type(error)) == (None, OperationFailed)

    def test_remove_files(self, make: Make) -> None:
        transport = make({b"f": b"", b"l": Link(b"kept"), b"fifo": Special(), b"kept": b"", b"d/f": b""})
        wanted = paths(b"f", b"l", b"fifo", b"none", b"none/below", b"kept/below", b"d", b"d/f")
        result = errors(transport.remove_files(wanted))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result.pop(b"kept/below") is OperationFailed
        assert set(result.values()) == {None}
        assert sorted(self.truth(transport)) == [b"d", b"kept"]


class TestParamiko(SftpContract):
    """Names and targets that are not UTF-8 fail, and so does the listing of a directory that holds such a name."""

    make_server = Paramiko
    names = tuple(name for name in ODD_NAMES if b"\xff" not in name)

    def test_scan_of_odd_names_is_byte_exact(self, make: Make) -> None:
        tree = normal({name + b"/" + name: b"x" for name in self.names})
        assert set(entries(make(tree))) == set(tree)

    def test_names_that_are_not_utf8_fail_by_name(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"e/f": b"x", b"e/\x80\xff": b"x"})
        pages = {page.directory: page for page in transport.scan()}
        assert (pages[b"d"].problem, type(pages[b"e"].problem)) == (None, OperationFailed)
        assert errors(transport.make_directories(paths(b"\x80\xff", b"n"))) == {
            b"\x80\xff": OperationFailed,
            b"n": None,
        }

    def test_make_links(self, make: Make) -> None:
        transport = make({b"d": Directory(), b"f": b"x"})
        links = [(RelPath(b"d/up"), b"../f"), (RelPath(b"odd"), b"a b\n\xff"), (RelPath(b"f"), b"d")]
        expected = {b"d/up": None, b"odd": OperationFailed, b"f": AlreadyExists}
        assert errors(transport.make_links(links)) == expected
        assert self.truth(transport)[b"d/up"] == Link(b"../f")

    def test_odd_names_through_every_operation(self, make: Make) -> None:
        transport = make({})
        below = paths(*(name + b"/" + name for name in self.names))
        assert not any(errors(transport.make_directories(paths(*self.names))).values())
        for path in below:
            transport.create_file(path, bytes(path))
        assert sorted(self.truth(transport)) == sorted([*self.names, *below])
        assert [item.error for item in transport.digest({path: len(path) for path in below})] == [None] * len(below)
        moves = [Rename(path, RelPath(path.name + b"/z")) for path in below]
        assert not any(errors(transport.rename(moves)).values())
        assert not any(errors(transport.remove_files([move.path for move in moves])).values())
        assert not any(errors(transport.remove_directories(paths(*self.names))).values())
        assert self.truth(transport) == {}


class TestRclone(SftpContract):
    """Modes are not kept, links and special files are not shown, hard links are not made. RENAME, MKDIR and OPEN do
    not refuse a name that is taken, and RMDIR removes a file. Names have to be UTF-8 without control characters."""

    make_server = RcloneSftp
    names = tuple(name for name in ODD_NAMES if b"\n" not in name and b"\x1b" not in name and b"\xff" not in name)

    def test_missing_root_is_made_once(self, make: Make) -> None:
        transport = make(None)
        for _number in range(2):
            transport.create_root()
        assert transport.root_entry().kind == DIRECTORY

    def test_scan_tells_kind_size_mtime_and_mode(self, make: Make) -> None:
        tree = {b"d": Directory(0o750, MTIME + SECOND), b"d/f": File(b"12345", 0o755, MTIME + 3 * SECOND)}
        assert entries(make(tree)) == {
            b"d": Entry(DIRECTORY, 0, MTIME + SECOND, 0o755),
            b"d/f": Entry(FILE, 5, MTIME + 3 * SECOND, 0o644),
        }

    def test_scan_follows_no_link_and_reads_it_when_asked(self, make: Make) -> None:
        assert set(entries(make({b"d/f": b"x", b"loop": Link(b"."), b"nowhere": Link(b"/no/such")}))) == {b"d", b"d/f"}

    def test_scan_tells_of_specials(self, make: Make) -> None:
        assert entries(make({b"fifo": Special()})) == {}

    def test_scan_of_odd_names_is_byte_exact(self, make: Make) -> None:
        tree = normal({name + b"/" + name: b"x" for name in self.names})
        assert set(entries(make(tree))) == set(tree)

    def test_look(self, make: Make) -> None:
        transport = make({b"d/f": File(b"abc", 0o640), b"l": Link(b"d")})
        asked = paths(b"d/f", b"d", b"l", b"none", b"none/below", b"d/f/below")
        found = {path: (entry, error) for path, entry, error in transport.look(asked)}
        assert {error for _entry, error in found.values()} == {None}
        assert found[b"d/f"][0] == Entry(FILE, 3, MTIME, 0o644)
        assert found[b"d"][0].kind == DIRECTORY
        assert [found[path][0] for path in asked[2:]] == [None] * 4

    def test_make_directories(self, make: Make) -> None:
        transport = make({b"there": Directory(0o750), b"file": b"x"})
        wanted = paths(b"new", b"new/deeper", b"there", b"there/new", b"file", b"none/below")
        expected = {**dict.fromkeys(wanted[:4]), b"file": AlreadyExists, b"none/below": NotFound}
        assert errors(transport.make_directories(wanted)) == expected
        assert self.truth(transport)[b"there"].mode == 0o750

    def test_make_links(self, make: Make) -> None:
        transport = make({b"d": Directory(), b"f": b"x"})
        links = [(RelPath(b"d/up"), b"../f"), (RelPath(b"f"), b"d")]
        assert errors(transport.make_links(links)) == {b"d/up": NotSupported, b"f": NotSupported}
        assert sorted(self.truth(transport)) == [b"d", b"f"]

    def test_upload_in_place_follows_no_link(self, make: Make) -> None:
        transport = make({b"kept": b"kept", b"l": Link(b"kept")})
        shown = transport.entry_at(RelPath(b"l"))
        assert shown is None, "links are not shown"

    def test_upload_in_place_writes_over_a_file(self, make: Make) -> None:
        found = {path: (spec.content, spec.mtime) for path, spec in self.in_place(make).items()}
        assert found == {path: (content, LATER) for path, content in CONTENTS.items()}

    def test_rename_replaces_files_and_links(self, make: Make) -> None:
        transport = make({b"s1": b"1", b"s3": b"3", b"d/f": b"old"})
        moves = [Rename(*paths(b"s1", b"d/f")), Rename(*paths(b"s3", b"d/new"))]
        assert errors(transport.rename(moves)) == dict.fromkeys((b"d/f", b"d/new"))
        assert [self.truth(transport)[path].content for path in (b"d/f", b"d/new")] == [b"1", b"3"]

    def test_remove_files(self, make: Make) -> None:
        transport = make({b"f": b"", b"l": Link(b"kept"), b"fifo": Special(), b"kept": b"", b"d/f": b""})
        wanted = paths(b"f", b"l", b"fifo", b"none", b"none/below", b"kept/below", b"d", b"d/f")
        result = errors(transport.remove_files(wanted))
        assert issubclass(result.pop(b"d"), ItemError)
        assert set(result.values()) == {None}
        assert sorted(self.truth(transport)) == [b"d", b"fifo", b"kept", b"l"], "what is not shown stays"

    def test_remove_directories(self, make: Make) -> None:
        transport = make({b"a/b/c": Directory(), b"full/f": b""})
        wanted = paths(b"a/b/c", b"a/b", b"a", b"none", b"none/below", b"full")
        result = errors(transport.remove_directories(wanted))
        assert {path for path, error in result.items() if error} == {b"full"}
        assert sorted(self.truth(transport)) == [b"full", b"full/f"]

    def test_odd_names_through_every_operation(self, make: Make) -> None:
        transport = make({})
        below = paths(*(name + b"/" + name for name in self.names))
        assert not any(errors(transport.make_directories(paths(*self.names))).values())
        for path in below:
            transport.create_file(path, bytes(path))
        assert sorted(self.truth(transport)) == sorted([*self.names, *below])
        moves = [Rename(path, RelPath(path.name + b"/z")) for path in below]
        assert not any(errors(transport.rename(moves)).values())
        assert not any(errors(transport.remove_files([move.path for move in moves])).values())
        assert not any(errors(transport.remove_directories(paths(*self.names))).values())
        assert self.truth(transport) == {}

    def test_set_attributes(self, make: Make) -> None:
        transport = make({b"d/f": File(b"x", 0o644), b"g": File(b"y", 0o644)})
        changes = [(RelPath(path), Attributes(0o600, LATER)) for path in (b"d/f", b"g", b"none")]
        assert errors(transport.set_attributes(changes)) == {b"d/f": None, b"g": None, b"none": NotFound}
        found = self.truth(transport)
        assert [found[path] for path in (b"d/f", b"g")] == [File(b"x", 0o644, LATER), File(b"y", 0o644, LATER)]

    def test_keep_in_with_removal(self, make: Make) -> None:
        transport = make({b"a/b/f": File(b"old", 0o644), b"d": Directory()})
        result = errors(transport.keep_in(RelPath(b".trash"), paths(b"a/b/f", b"none", b"d"), remove=True))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result == {b"a/b/f": None, b"none": NotFound}
        assert self.truth(transport)[b".trash/a/b/f"] == File(b"old", 0o644)

    def test_hard_links_that_are_not_made_are_noted(self, make: Make) -> None:
        transport = make({b"f": b"old"})
        assert errors(transport.keep_in(RelPath(b"t"), paths(b"f"), remove=False)) == {b"f": None}
        assert self.truth(transport)[b"t/f"].content == b"old"
        assert transport.notes == [NO_HARD_LINKS]

    def test_create_and_read_a_small_file(self, make: Make) -> None:
        transport = make({b"d": Directory()})
        transport.create_file(RelPath(b"d/lock"), b"mine" * 100)
        assert transport.read_file(RelPath(b"d/lock")) == b"mine" * 100 == self.truth(transport)[b"d/lock"].content
        with pytest.raises(NotFound):
            transport.create_file(RelPath(b"none/lock"), b"other")
        with pytest.raises(NotFound):
            transport.read_file(RelPath(b"none"))
        assert transport.notes == [RENAME_REPLACES]

    def test_upload(self, make: Make) -> None:
        source, peer = MemoryTransport(CONTENTS), make({b"size": Directory()})
        assert {item.error for item in peer.upload(transfers_of(source.snapshot()), source)} == {None}
        found = {path: (spec.content, spec.mtime) for path, spec in self.truth(peer).items() if path != b"size"}
        assert found == {path + b".stage": (content, LATER) for path, content in CONTENTS.items()}

    def test_upload_stage_is_private_while_it_is_written(self, make: Make) -> None:
        """It is not: modes are the server's own. `notes` of a run name that (see test_foreign_servers.py)."""
        source, peer = MemoryTransport({b"f": b"x" * 3000000}), make({})
        assert {item.error for item in peer.upload(transfers_of(source.snapshot()), source)} == {None}
        assert self.truth(peer)[b"f.stage"].mode == 0o644

    def test_upload_of_files_that_fail_and_others_that_do_not(self, make: Make) -> None:
        source = MemoryTransport({b"d/vanished": b"x", b"none/f": b"x", b"d/there": b"new", b"d/good": b"good"})
        peer = make({b"d/there.stage": b"not ours"})
        wanted = transfers_of(source.snapshot())
        source.discard(b"d/vanished")
        answers = {item.transfer.path: item.error and type(item.error) for item in peer.upload(wanted, source)}
        assert answers == {b"d/vanished": NotFound, b"none/f": NotFound, b"d/there": None, b"d/good": None}
        assert self.truth(peer)[b"d/there.stage"].content == b"new", "OPEN replaces what is there"


class TestPyftpdlib(FollowsLinks, SpecialsAreFiles, NamesInUtf8, NoDirectoryTimes):
    make_server = partial(Pyftpdlib, umask="077")


class TestFtpSrv(FollowsLinks, SpecialsAreFiles, NamesInUtf8):
    """No mtimes at all. MKD makes parents and is no refusal for a name that is taken, STOR makes the directory, RMD
    removes a file, and SITE CHMOD succeeds for a name that does not exist. Names are taken for words of a shell."""

    make_server = partial(FtpSrv, umask="077")
    sendable = tuple(
        name for name in NamesInUtf8.sendable if not any(mark in name for mark in (b"'", b'"', b"\\", b" -"))
    )
    listed = sendable
    endpoint: ClassVar[dict[str, Any]] = {"stall_timeout": 10.0}
    """A transfer that is given up is never answered: its session is lost after this time."""

    def test_missing_root_is_made_once(self, make: Make) -> None:
        transport = make(None)
        for _number in range(2):
            transport.create_root()
        assert transport.root_entry().kind == DIRECTORY

    def test_scan_tells_kind_size_mtime_and_mode(self, make: Make) -> None:
        transport = make({b"d": Directory(0o750, MTIME + SECOND), b"d/f": File(b"12345", 0o755, MTIME + 3 * SECOND)})
        found = entries(transport)
        assert found[b"d/f"] == Entry(FILE, 5, MTIME + 3 * SECOND, 0o755)
        assert found[b"d"]._replace(mtime=0) == Entry(DIRECTORY, 0, 0, 0o750)
        assert NO_DIRECTORY_TIMES in transport.notes

    def test_make_directories(self, make: Make) -> None:
        transport = make({b"there": Directory(0o750), b"file": b"x"})
        wanted = paths(b"new", b"new/deeper", b"there", b"there/new", b"file", b"none/below")
        assert errors(transport.make_directories(wanted)) == {**dict.fromkeys(wanted), b"file": AlreadyExists}
        found = self.truth(transport)
        assert (found[b"there"].mode, found[b"none/below"].mode, found[b"file"].content) == (0o750, 0o700, b"x")

    def test_remove_directories(self, make: Make) -> None:
        transport = make({b"a/b/c": Directory(), b"full/f": b""})
        wanted = paths(b"a/b/c", b"a/b", b"a", b"none", b"none/below", b"full")
        result = errors(transport.remove_directories(wanted))
        assert {path for path, error in result.items() if error} == {b"full"}
        assert sorted(self.truth(transport)) == [b"full", b"full/f"]

    def test_set_attributes(self, make: Make) -> None:
        transport = make({b"d/f": File(b"x", 0o644), b"g": File(b"y", 0o600)})
        changes = [(RelPath(b"d/f"), Attributes(0o444, LATER)), (RelPath(b"g"), Attributes(mode=0o755))]
        assert errors(transport.set_attributes([*changes, (RelPath(b"d"), Attributes(0o500))])) == {
            b"d": None,
            b"d/f": None,
            b"g": None,
        }
        found = self.truth(transport)
        assert {path: spec.mode for path, spec in found.items()} == {b"d": 0o500, b"d/f": 0o444, b"g": 0o755}
        assert found[b"d/f"].mtime == MTIME
        assert not transport.capabilities.stores_mtime

    def test_mtimes_far_away(self, make: Make) -> None:
        transport = make({b"old": b""})
        assert errors(transport.set_attributes([(RelPath(b"old"), Attributes(mtime=SECOND))])) == {b"old": None}
        assert self.truth(transport)[b"old"].mtime == MTIME
        assert any("the server does not set mtimes as requested" in note for note in transport.notes)

    def test_create_and_read_a_small_file(self, make: Make) -> None:
        transport = make({b"d": Directory()})
        transport.create_file(RelPath(b"d/lock"), b"mine" * 100)
        found = self.truth(transport)[b"d/lock"]
        assert (found.content, found.mode) == (b"mine" * 100, 0o600)
        assert transport.read_file(RelPath(b"d/lock"), limit=6) == b"minemi"
        with pytest.raises(AlreadyExists):
            transport.create_file(RelPath(b"d/lock"), b"other")
        with pytest.raises(NotFound):
            transport.read_file(RelPath(b"none"))
        assert self.truth(transport)[b"d/lock"].content == b"mine" * 100

    def test_upload(self, make: Make) -> None:
        source, peer = MemoryTransport(CONTENTS), make({b"size": Directory()})
        assert {item.error for item in peer.upload(transfers_of(source.snapshot()), source)} == {None}
        found = {path: (spec.content, spec.mode) for path, spec in self.truth(peer).items() if path != b"size"}
        assert found == {path + b".stage": (content, 0o640) for path, content in CONTENTS.items()}

    def test_upload_in_place_writes_over_a_file(self, make: Make) -> None:
        found = {path: (spec.content, spec.mode) for path, spec in self.in_place(make).items()}
        assert found == {path: (content, 0o640) for path, content in CONTENTS.items()}

    def test_touch_every(self, make: Make) -> None:
        """The mtime cannot be renewed, and no session is lost by the attempt."""
        peer = make({b"lock": File(b"run 1", mtime=MTIME)})
        peer.create_file(RelPath(b"first"), b"")
        peer.touch_every(RelPath(b"lock"), 0.05)
        for number in range(20):
            peer.create_file(RelPath(b"work-%d" % number), b"")
        assert self.truth(peer)[b"lock"] == File(b"run 1", mtime=MTIME)
