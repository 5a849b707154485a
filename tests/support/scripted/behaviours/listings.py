# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: wrong directories and names."""

from __future__ import annotations

__all__ = [
    "AbsurdAttributes",
    "BareAttributes",
    "ClosedListing",
    "CutListing",
    "Denied",
    "DuplicateNames",
    "EndlessDepth",
    "EndlessListing",
    "EscapingNames",
    "HiddenNames",
    "LinkSwap",
    "LongNames",
    "ManyManifests",
    "Vanishing",
]

import os
import stat
from dataclasses import replace
from itertools import islice
from typing import Iterator

from .. import sftp_wire as wire
from ..sftp_service import Opened, Server, Stop
from ..sftp_wire import Attributes, Reply, Request
from .base import Behaviour

_LAST_ID = 0xFFFFFFFF


class CutListing(Behaviour):
    """A listing breaks off after `value` entries with a failure."""

    name = "cut_listing"
    default = b"3"

    def __init__(self, value: bytes = b"") -> None:
        super().__init__(value)
        self._begun: set[bytes] = set()

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind != wire.READDIR:
            return None
        if request.subject in self._begun:
            return self.cut()
        self._begun.add(request.subject)
        opened = server.opened[request.subject]
        return wire.names(islice(opened.entries or (), self.number))

    def cut(self) -> Reply:
        """End the listing."""
        return wire.status(wire.FAILURE, "Failure")


class ClosedListing(CutListing):
    """As cut_listing, but the session ends."""

    name = "closed_listing"

    def cut(self) -> Reply:
        raise Stop


Entries = Iterator[tuple[bytes, Attributes]]


class _Listing(Behaviour):
    """Change the entries of every opened directory, or only of the directory with the last name `only`."""

    only = b""

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if request.kind == wire.OPENDIR and reply.kind == wire.HANDLE:
            opened = server.opened[reply.body[4:]]
            if not self.only or os.path.basename(opened.path) == self.only:
                opened.entries = self.change(opened.entries or iter(()))
        return reply

    def change(self, entries: Entries) -> Entries:
        """Return the entries to list instead of `entries`."""
        raise NotImplementedError


class EndlessListing(_Listing):
    """Listings never end: new names for ever."""

    name = "endless_listing"

    def change(self, entries: Entries) -> Entries:
        yield from entries
        number = 0
        while True:
            number += 1
            yield b"endless-%012d" % number, Attributes(1, (0, 0), stat.S_IFREG | 0o644, (0, 0))


class EndlessDepth(Behaviour):
    """Every directory holds a directory `again`, for ever."""

    name = "endless_depth"

    def request(self, server: Server, request: Request) -> Reply | None:
        inside = b"/again" in self.asked(request)
        directory = Attributes(4096, (0, 0), stat.S_IFDIR | 0o755, (0, 0))
        if request.kind == wire.OPENDIR:
            return server.keep(Opened(request.subject, entries=iter([(b"again", directory)])))
        return wire.attributes(directory) if inside and request.kind in (wire.STAT, wire.LSTAT) else None

    @staticmethod
    def asked(request: Request) -> bytes:
        """Return the path or handle of a request; EXTENDED has none of interest here."""
        return b"" if request.kind == wire.EXTENDED else request.subject


class EscapingNames(_Listing):
    """Listings hold names that leave the root or name it, or only the name `value`."""

    name = "escaping_names"
    _hostile = (b"../escaped", b"/etc/escaped", b"sub/../../escaped", b"", b"nul\0name", b"/", b"./.", b"a/b")

    def change(self, entries: Entries) -> Entries:
        yield from entries
        for name in (self.value,) if self.value else self._hostile:
            yield name, Attributes(4, (0, 0), stat.S_IFREG | 0o644, (1, 1))


class LongNames(_Listing):
    """Listings hold two files with one folded form, whose names have `value` characters without width."""

    name = "long_names"
    default = b"20000"

    def change(self, entries: Entries) -> Entries:
        yield from entries
        for name in ("\u00e9" + "\u200d" * self.number, "\u200d" * self.number + "\u00e9"):
            yield name.encode(), Attributes(1, (0, 0), stat.S_IFREG | 0o644, (1, 1))


class HiddenNames(_Listing):
    """Listings leave out the names that begin with `value`."""

    name = "hidden_names"
    default = b"000002"

    def change(self, entries: Entries) -> Entries:
        return ((name, each) for name, each in entries if not name.startswith(self.value))


class ManyManifests(_Listing):
    """The directory MANIFEST lists `value` more manifests."""

    name = "many_manifests"
    default = b"10"
    only = b"MANIFEST"

    def change(self, entries: Entries) -> Entries:
        yield from entries
        for number in range(self.number):
            yield b"%09d.mtree" % (100_000_000 + number), Attributes(1, (0, 0), stat.S_IFREG | 0o644, (0, 0))


class DuplicateNames(_Listing):
    """Listings hold every name twice, the second time as something else."""

    name = "duplicate_names"

    def change(self, entries: Entries) -> Entries:
        for name, each in entries:
            yield name, each
            other = stat.S_IFLNK if stat.S_ISREG(each.mode or 0) else stat.S_IFREG
            yield name, replace(each, mode=other | 0o777)


class AbsurdAttributes(_Listing):
    """Listings state the largest sizes and times and every permission bit."""

    name = "absurd_attributes"

    def change(self, entries: Entries) -> Entries:
        for name, each in entries:
            mode = (each.mode or 0) | 0o7777
            yield name, Attributes(2**64 - 1, (_LAST_ID, _LAST_ID), mode, (_LAST_ID, _LAST_ID))


class BareAttributes(_Listing):
    """Listings state no attributes at all."""

    name = "bare_attributes"

    def change(self, entries: Entries) -> Entries:
        for name, _each in entries:
            yield name, Attributes()


class Denied(Behaviour):
    """Refuse every request about the path that ends with `value`, but list it."""

    name = "denied"

    def request(self, server: Server, request: Request) -> Reply | None:
        refused = server.path_of(request).endswith(self.value)
        return wire.status(wire.PERMISSION_DENIED, "Permission denied") if refused else None


class Vanishing(Behaviour):
    """The path that ends with `value` is listed, but gone when it is opened."""

    name = "vanishing"

    def request(self, server: Server, request: Request) -> Reply | None:
        gone = request.kind in (wire.OPEN, wire.OPENDIR) and request.subject.endswith(self.value)
        return wire.status(wire.NO_SUCH_FILE, "No such file") if gone else None


class LinkSwap(Behaviour):
    """`value` is NAME:TARGET. When the directory NAME was listed or made, a link to TARGET takes its place."""

    name = "link_swap"
    _done = False

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        name, _colon, target = self.value.partition(b":")
        path = request.subject if request.kind in (wire.OPENDIR, wire.MKDIR) else b""
        if not self._done and path and os.path.basename(path) == name and os.path.isdir(path):
            if reply.kind == wire.HANDLE:
                # List the original entries all the same.
                opened = server.opened[reply.body[4:]]
                opened.entries = iter(list(opened.entries or ()))
            os.rename(path, path + b".moved")
            os.symlink(target, path)
            self._done = True
        return reply
