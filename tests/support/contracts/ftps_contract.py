# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a transport to a real FTPS server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotSupported,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    Attributes,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.transport import (
    FtpsOptions,
    FtpsTransport,
)

from ..servers.ftps_server import FtpsServer, credentials_of, endpoint_of, trust_of
from ..trees.tree_spec import Directory, TreeSpec, normal
from .served_contract import ServedContract
from .transport_contract import ODD_NAMES, entries, errors, paths

Make = Callable[[TreeSpec | None], FtpsTransport]


def ftps_transport(server: FtpsServer, root: bytes, options: FtpsOptions, **endpoint: Any) -> FtpsTransport:
    """A transport of the server's directory `root`; endpoint: options of its Endpoint."""
    session = partial(FtpsSession, endpoint_of(server, **endpoint), credentials_of(server), trust_of(server))
    return FtpsTransport(root, session, options)


class FtpsContract(ServedContract):
    options = FtpsOptions()
    endpoint: ClassVar[dict[str, Any]] = {}

    def connect(self, server: FtpsServer, root: bytes) -> FtpsTransport:
        return ftps_transport(server, root, self.options, **self.endpoint)

    # Operations that FTP does not have.

    def test_make_links(self, make: Make) -> None:
        transport = make({b"d": Directory(), b"f": b"x"})
        links = [(RelPath(b"d/up"), b"../f"), (RelPath(b"f"), b"d")]
        assert errors(transport.make_links(links)) == {b"d/up": NotSupported, b"f": NotSupported}
        assert sorted(self.truth(transport)) == [b"d", b"f"]

    sendable = tuple(name for name in ODD_NAMES if b"\n" not in name)
    listed = sendable

    def test_scan_of_odd_names_is_byte_exact(self, make: Make) -> None:
        tree = normal({name + b"/" + name: b"x" for name in self.listed})
        assert set(entries(make(tree))) == set(tree)

    def test_odd_names_through_every_operation(self, make: Make) -> None:
        transport = make({})
        below = paths(*(name + b"/" + name for name in self.sendable))
        assert not any(errors(transport.make_directories(paths(*self.sendable))).values())
        for path in below:
            transport.create_file(path, bytes(path))
        assert sorted(self.truth(transport)) == sorted([*self.sendable, *below])
        assert [item.error for item in transport.digest({path: len(path) for path in below})] == [None] * len(below)
        assert not any(errors(transport.set_attributes([(path, Attributes(0o640)) for path in below])).values())
        moves = [Rename(path, RelPath(path.name + b"/z")) for path in below]
        assert not any(errors(transport.rename(moves)).values())
        assert not any(errors(transport.remove_files([move.path for move in moves])).values())
        assert not any(errors(transport.remove_directories(paths(*self.sendable))).values())
        assert self.truth(transport) == {}

    @pytest.mark.parametrize("mark", [b"\r", b"\n", b"\0"])
    def test_what_cannot_be_sent_is_refused_and_the_others_are_done(self, make: Make, mark: bytes) -> None:
        transport = make({b"good": b"x"})
        bad, good = RelPath(b"a" + mark + b"DELE good"), RelPath(b"new")
        assert errors(transport.make_directories([bad, good])) == {bad: UnsafeName, good: None}
        assert errors(transport.remove_files([bad, RelPath(b"good")])) == {bad: UnsafeName, b"good": None}
        assert {item.path: type(item.error) for item in transport.digest({bad: 1})} == {bad: UnsafeName}
        with pytest.raises(UnsafeName):
            transport.create_file(bad, b"")
        assert sorted(self.truth(transport)) == [b"new"]
