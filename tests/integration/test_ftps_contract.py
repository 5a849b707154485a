# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract suite on real FTPS servers."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ItemError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import (
    NO_DIRECTORY_TIMES,
    WIDE_UMASK,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsOptions,
    FtpsTransport,
)
from support.contracts.changing_contract import ATTRIBUTES
from support.contracts.ftps_contract import FtpsContract, ftps_transport
from support.contracts.lacking import ResolvesLinksOverFtps
from support.contracts.transport_contract import entries, errors, paths, transfers_of
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.vsftpd import Vsftpd
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, TreeSpec

Make = Callable[[TreeSpec | None], FtpsTransport]


class TestVsftpd(FtpsContract):
    """No MLSD, no MFMT: LIST, and MDTM in both directions, which it knows for files only."""

    make_server = Vsftpd

    def test_scan_tells_kind_size_mtime_and_mode(self, make: Make) -> None:
        transport = make({b"d": Directory(0o750, MTIME + SECOND), b"d/f": File(b"12345", 0o755, MTIME + 3 * SECOND)})
        found = entries(transport)
        assert found[b"d/f"] == Entry(FILE, 5, MTIME + 3 * SECOND, 0o755)
        assert found[b"d"]._replace(mtime=0) == Entry(DIRECTORY, 0, 0, 0o750)
        assert not transport.capabilities.directory_mtime
        assert NO_DIRECTORY_TIMES in transport.notes

    def test_set_attributes(self, make: Make) -> None:
        transport = make(ATTRIBUTES)
        self.set_attributes(transport, directory_mtime=MTIME)
        assert any("MDTM" in note for note in transport.notes)


class TestVsftpdTls12(TestVsftpd):
    make_server = partial(Vsftpd, versions=("1.2",))
    options = FtpsOptions(parallel=1)


class TestVsftpdJail(TestVsftpd):
    make_server = partial(Vsftpd, jail=True)
    options = FtpsOptions(parallel=4, bandwidth_limit=200_000_000)


class TestProftpd(ResolvesLinksOverFtps):
    """Its MLST follows links and omits dangling links; a listing shows links as links.

    It drops blanks at the end of a path, and creates no directory whose name is a pattern. It has no SITE UMASK: only
    the administrator can set a private umask.
    """

    make_server = partial(ProftpdFtps, umask="077")
    levels = 60
    sendable = tuple(name for name in FtpsContract.sendable if name[-1:] != b" " and b"*" not in name)

    def test_the_server_hashes(self, make: Make) -> None:
        assert make({}).server_hash() == "hash"

    def test_blanks_at_the_end_are_refused(self, make: Make) -> None:
        transport = make({b"a": b"kept"})
        assert errors(transport.remove_files(paths(b"a "))) == {b"a ": UnsafeName}
        assert sorted(self.truth(transport)) == [b"a"]

    def test_scan_follows_no_link_and_reads_it_when_asked(self, make: Make) -> None:
        transport = make({b"d/f": b"x", b"to_d": Link(b"d")})
        without, read = entries(transport), entries(transport, read_links=True)
        assert set(without) == set(read) == {b"d", b"d/f", b"to_d"}
        assert (without[b"to_d"].kind, without[b"to_d"].target) == (LINK, None)
        assert (read[b"to_d"].kind, read[b"to_d"].target) == (LINK, b"d")

    def test_look(self, make: Make) -> None:
        transport = make({b"d/f": File(b"abc", 0o640)})
        asked = paths(b"d/f", b"d", b"none", b"none/below", b"d/f/below")
        found = {path: (entry, error) for path, entry, error in transport.look(asked)}
        assert all(error is None for _entry, error in found.values())
        assert found[b"d/f"][0] == Entry(FILE, 3, MTIME, 0o640)
        assert found[b"d"][0].kind == DIRECTORY
        assert [found[path][0] for path in asked[2:]] == [None] * 3


class TestPureFtpd(FtpsContract):
    """Names with control characters are changed (listings lack them), those with a backslash are refused, SITE CHMOD
    loses blanks at the end, and DELE removes nothing but files and links."""

    make_server = partial(PureFtpd, umask="077")
    levels = 60
    listed = tuple(name for name in FtpsContract.listed if b"\x1b" not in name)
    sendable = tuple(
        name for name in FtpsContract.listed if b"\x1b" not in name and b"\\" not in name and name[-1:] != b" "
    )

    def test_remove_files(self, make: Make) -> None:
        transport = make({b"f": b"", b"l": Link(b"kept"), b"kept": b"", b"d/f": b""})
        wanted = paths(b"f", b"l", b"none", b"none/below", b"kept/below", b"d", b"d/f")
        result = errors(transport.remove_files(wanted))
        assert issubclass(result.pop(b"d"), ItemError)
        assert result == {path: None for path in wanted if path != b"d"}
        assert sorted(self.truth(transport)) == [b"d", b"kept"]


class TestWideUmask:
    """A server with a fixed umask: the mode is set after the content, and the run reports it."""

    def test_the_mode_is_set_and_the_note_is_there(self) -> None:
        with ProftpdFtps() as server:
            transport = ftps_transport(server, os.fsencode(server.remote_root), FtpsOptions())
            source = MemoryTransport({b"f": b"x"})
            results = list(transport.upload(transfers_of(source.snapshot()), source))
            assert [item.error for item in results] == [None]
            assert (server.root / "f.stage").stat().st_mode & 0o777 == 0o640
            assert WIDE_UMASK in transport.notes
            transport.close()
