# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that lack an ability: one class for each, with the expectations that hold there instead.

class TestSomeServer(FollowsLinks, SpecialsAreFiles, FtpsContract):
    make_server = SomeServer
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ItemError,
    NotFound,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NO_DIRECTORY_TIMES,
)

from ..trees.tree_spec import MTIME, Directory, File, Link, Special, TreeSpec
from .changing_contract import ATTRIBUTES
from .ftps_contract import FtpsContract
from .served_contract import ServedContract
from .transport_contract import entries, errors, paths

__all__ = [
    "FollowsLinks",
    "NamesInUtf8",
    "NoDirectoryTimes",
    "ResolvesLinks",
    "ResolvesLinksOverFtps",
    "SpecialsAreFiles",
]

Make = Callable[[TreeSpec | None], Any]


class ResolvesLinks(ServedContract):
    """A link in the last part of a path is resolved, over SFTP and over FTPS: these tests have no links."""

    def test_make_directories(self, make: Make) -> None:
        transport = make({b"there": Directory(0o750), b"file": b"x"})
        wanted = paths(b"new", b"new/deeper", b"there", b"there/new", b"file", b"none/below")
        expected = {**dict.fromkeys(wanted[:4]), b"file": AlreadyExists, b"none/below": NotFound}
        assert errors(transport.make_directories(wanted)) == expected

    def test_keep_in_with_removal(self, make: Make) -> None:
        transport = make({b"a/b/f": File(b"old", 0o640), b"d": Directory()})
        result = errors(transport.keep_in(RelPath(b".trash"), paths(b"a/b/f", b"none", b"d"), remove=True))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result == {b"a/b/f": None, b"none": NotFound}
        assert self.truth(transport)[b".trash/a/b/f"] == File(b"old", 0o640)


class ResolvesLinksOverFtps(ResolvesLinks, FtpsContract):
    """The same over FTPS, also for RMD."""

    def test_remove_directories(self, make: Make) -> None:
        transport = make({b"a/b/c": Directory(), b"full/f": b"", b"f": b"x"})
        wanted = paths(b"a/b/c", b"a/b", b"a", b"none", b"none/below", b"full", b"f")
        result = errors(transport.remove_directories(wanted))
        assert {path for path, error in result.items() if error} == {b"full", b"f"}
        assert sorted(self.truth(transport)) == [b"f", b"full", b"full/f"]


class FollowsLinks(ResolvesLinksOverFtps):
    """Links are shown as their targets."""

    def test_upload_in_place_follows_no_link(self, make: Make) -> None:
        transport = make({b"kept": b"kept", b"l": Link(b"kept")})
        shown = transport.entry_at(RelPath(b"l"))
        assert (shown.kind, shown.size) == (FILE, 4)

    def test_scan_follows_no_link_and_reads_it_when_asked(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"to_d": Link(b"d")})
        kinds = {path: entry.kind for path, entry in entries(transport, read_links=True).items()}
        assert kinds == {b"d": DIRECTORY, b"d/f": FILE, b"to_d": DIRECTORY, b"to_d/f": FILE}

    def test_look(self, make: Make) -> None:
        transport = make({b"d/f": File(b"abc", 0o640), b"l": Link(b"d")})
        asked = paths(b"d/f", b"l", b"d", b"none", b"none/below", b"d/f/below")
        found = {path: (entry, error) for path, entry, error in transport.look(asked)}
        assert {error for _entry, error in found.values()} == {None}
        assert found[b"d/f"][0] == Entry(FILE, 3, MTIME, 0o640)
        assert [found[path][0] and found[path][0].kind for path in asked[1:]] == [
            DIRECTORY,
            DIRECTORY,
            None,
            None,
            None,
        ]

    def test_make_directories(self, make: Make) -> None:
        transport = make({b"there": Directory(0o750), b"file": b"x", b"link": Link(b"there")})
        wanted = paths(b"new", b"new/deeper", b"there", b"there/new", b"link", b"file", b"none/below")
        expected = {**dict.fromkeys(wanted[:5]), b"file": AlreadyExists, b"none/below": NotFound}
        assert errors(transport.make_directories(wanted)) == expected
        found = self.truth(transport)
        assert [found[path].mode for path in (b"new", b"new/deeper", b"there/new")] == [0o700] * 3
        assert (found[b"there"].mode, found[b"link"]) == (0o750, Link(b"there"))


class SpecialsAreFiles(FtpsContract):
    """A fifo is shown as an empty file."""

    def test_scan_tells_of_specials(self, make: Make) -> None:
        found = entries(make({b"fifo": Special()}))
        assert (found[b"fifo"].kind, found[b"fifo"].size) == (FILE, 0)


class NamesInUtf8(FtpsContract):
    """Names that are not UTF-8 arrive as others."""

    sendable = tuple(name for name in FtpsContract.sendable if b"\xff" not in name)
    listed = sendable

    def test_names_that_are_not_utf8_are_refused(self, make: Make) -> None:
        transport = make({b"good": b"x"})
        bad, good = RelPath(b"\x80\xff"), RelPath(b"new")
        assert errors(transport.make_directories([bad, good])) == {bad: UnsafeName, good: None}
        assert any("names that are not UTF-8" in note for note in transport.notes)
        assert sorted(self.truth(transport)) == [b"good", b"new"]


class NoDirectoryTimes(FtpsContract):
    """MFMT is refused for directories, which shows as soon as a file was made, such as the lock."""

    def test_set_attributes(self, make: Make) -> None:
        transport = make(ATTRIBUTES)
        transport.create_file(RelPath(b"lock"), b"")
        assert transport.capabilities.directory_mtime is False
        self.set_attributes(transport, directory_mtime=MTIME)
        assert NO_DIRECTORY_TIMES in transport.notes
