# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: contents of listings."""

from __future__ import annotations

__all__ = [
    "AbsurdFacts",
    "BareFacts",
    "DuplicateNames",
    "EmptyName",
    "EndlessDepth",
    "EndlessLines",
    "EndlessListing",
    "EscapingNames",
    "ForeignDirectories",
    "LongLine",
    "OddLines",
    "SpecialBits",
    "StrangeNames",
    "Vanishing",
]

import posixpath
from collections.abc import Iterator
from itertools import chain, count
from typing import TYPE_CHECKING

from ..ftps_wire import Command, Listed, reply
from .base import Behaviour, Blocks

if TYPE_CHECKING:
    from ..ftps_session import Session


class EndlessListing(Behaviour):
    """Listings never end: new names for ever."""

    name = "endless_listing"

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        yield from lines
        for number in count():
            block = range(number * 1000, number * 1000 + 1000)
            if command.verb == b"MLSD":
                fact = b"type=file;size=1;modify=20200101000000;UNIX.mode=0644; endless-%012d\r\n"
            else:
                fact = b"-rw-r--r--    1 0        0               1 Jan  1  2020 endless-%012d\r\n"
            yield b"".join(fact % each for each in block)


class EndlessLines(Behaviour):
    """Listings never end: the line `value`, which names no entry, for ever."""

    name = "endless_lines"
    default = b"type=cdir; ."

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        yield from lines
        for _number in count():
            yield (self.value + b"\r\n") * 1000


class EndlessDepth(Behaviour):
    """Every directory holds a directory `again`, for ever."""

    name = "endless_depth"

    def command(self, session: Session, command: Command) -> bytes | None:
        if command.verb not in (b"MLSD", b"LIST", b"MLST") or b"/again" not in command.argument:
            return None
        if command.verb == b"MLST":
            return reply(250, b"Listing", b"type=dir;modify=20200101000000;UNIX.mode=0755; " + command.argument)
        if command.verb == b"MLSD":
            return session.send_all(iter([b"type=dir;modify=20200101000000;UNIX.mode=0755; again\r\n"]))
        return session.send_all(iter([b"drwxr-xr-x    2 0        0            4096 Jan  1  2020 again\r\n"]))

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        return chain(entries, [Listed(b"again", b"dir", 4096, 1_577_836_800, 0o755)])


class EscapingNames(Behaviour):
    """Listings hold names that leave the root or name it, or only the name `value`."""

    name = "escaping_names"
    _hostile = (b"../escaped", b"/etc/escaped", b"sub/../../escaped", b"nul\0name", b"/", b"./.", b"a/b", b"")

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        names = (self.value,) if self.value else self._hostile
        return chain(entries, [Listed(name, b"file", 4, 1) for name in names])


class EmptyName(Behaviour):
    """Listings hold an entry without a name."""

    name = "empty_name"

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        return chain(entries, [Listed(b"", b"file", 4, 1)])


class ForeignDirectories(Behaviour):
    """MLSD names cdir and pdir by paths that are not theirs, and a file by a path in another directory."""

    name = "foreign_directories"

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        others = [Listed(b"/etc", b"cdir"), Listed(b"../..", b"pdir"), Listed(b"/area/outside/grown", b"file", 4, 1)]
        return chain(others, entries)


class StrangeNames(Behaviour):
    """Listings hold a file whose name has control, bidirectional and template characters."""

    name = "strange_names"
    default = b"esc\x1b[31m\x07bell\x7f\xe2\x80\xaegnp.exe {{ 7 * 7 }}"

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        return chain(entries, [Listed(self.value, b"file", 4, 1)])


class DuplicateNames(Behaviour):
    """Listings hold every name twice, the second time as something else."""

    name = "duplicate_names"

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        for each in entries:
            yield each
            yield each._replace(kind=b"dir" if each.kind == b"file" else b"file")


class AbsurdFacts(Behaviour):
    """Listings state sizes and times that no file can have."""

    name = "absurd_facts"

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        for each in entries:
            yield each if each.kind == b"dir" else each._replace(size=2**80, mtime=253_402_300_799)


class SpecialBits(Behaviour):
    """Listings state every permission bit."""

    name = "special_bits"

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        return (each._replace(mode=0o7777) for each in entries)


class BareFacts(Behaviour):
    """Report only the type in MLSD and MLST, as announced in FEAT."""

    name = "bare_facts"

    def features(self, lines: list[bytes]) -> list[bytes]:
        return [b"MLST type*;" if line.startswith(b"MLST") else line for line in lines]

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        for line in lines:
            facts, _blank, name = line.partition(b" ")
            yield b"%s; %s" % (facts.partition(b";")[0], name) if command.verb == b"MLSD" else line


class OddLines(Behaviour):
    """Listings hold the line `value`, which is none."""

    name = "odd_lines"
    default = b"this is no entry"

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        return chain(lines, [self.value + b"\r\n"])


class LongLine(Behaviour):
    """Listings hold a line of 32 MiB."""

    name = "long_line"

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        return chain(lines, [b"type=file;size=1; "], [b"x" * 65_536] * 512, [b"\r\n"])


class Vanishing(Behaviour):
    """List names that end with `value`, but report them missing on request."""

    name = "vanishing"

    def command(self, session: Session, command: Command) -> bytes | None:
        asked = command.verb in (b"RETR", b"MLSD", b"LIST", b"SIZE", b"MDTM", b"MLST")
        gone = asked and posixpath.normpath(command.argument or b".").endswith(self.value)
        return reply(550, b"No such file or directory") if gone else None
