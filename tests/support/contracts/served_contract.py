# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees on a real server, one server for each class of tests, and the contract of a transport to it.

class TestMyServer(ServedContract):
    make_server = MyServer

    def connect(self, server, root): ...
"""

from __future__ import annotations

__all__ = ["ServedContract", "ServedTrees"]

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import PeerTransport

from ..judges.invariants import GRACE_SECONDS
from ..servers.server import Server
from ..trees.real_tree import read_tree, write_tree
from ..trees.tree_spec import Found, TreeSpec
from .transport_contract import PeerContract


class ServedTrees:
    """The tree of each test is a directory of its own on one server; truth is its state on disk."""

    make_server: ClassVar[Callable[[], Server]]

    def connect(self, server: Any, root: bytes) -> PeerTransport:
        """Return a transport of the server's directory `root`."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[Server]:
        """One server, made as the class wants it."""
        with cls.make_server() as running:
            running.give(running.root)
            yield running

    @pytest.fixture
    def make(self, server: Any) -> Iterator[Callable[[TreeSpec | None], PeerTransport]]:
        name = f"test-{len(list(server.root.iterdir()))}"
        self.server_of_test = server
        self.area = server.root / name
        self.area.mkdir()
        server.give(self.area)
        self.root = os.fsencode(self.area / "tree")
        made: list[PeerTransport] = []

        def make(tree: TreeSpec | None) -> PeerTransport:
            if tree is not None:
                self._write(tree)
            made.append(self.connect(server, os.fsencode(f"{server.remote_root}/{name}/tree")))
            return made[-1]

        before = descriptors()
        yield make
        for transport in made:
            transport.close()
        assert stays_open(before) == set()

    def _write(self, tree: TreeSpec) -> None:
        write_tree(self.root, tree)
        self.server_of_test.give(Path(os.fsdecode(self.root)))

    def truth(self, transport: PeerTransport) -> dict[bytes, Found]:
        return read_tree(self.root)

    def put(self, transport: PeerTransport, tree: TreeSpec) -> None:
        self._write(tree)

    def rewrite(self, peer: PeerTransport, path: bytes, content: bytes) -> None:
        Path(os.fsdecode(self.root + b"/" + path)).write_bytes(content)


class ServedContract(ServedTrees, PeerContract):
    """All that a transport must do, on such trees."""


def stays_open(before: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Descriptors that are open now and were not `before`.

    A login in progress gets time to end when its transport is closed. Remains of earlier tests may be collected
    meanwhile.
    """
    deadline = time.monotonic() + GRACE_SECONDS
    while descriptors() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    return descriptors() - before


def descriptors() -> set[tuple[str, str]]:
    """Number and target of each open descriptor, except for the descriptor that lists them."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
    return found
