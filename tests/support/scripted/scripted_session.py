# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session whose replies, listings and files a unit test gives: no server, no bytes."""

from __future__ import annotations

__all__ = [
    "FAILED",
    "MISSING",
    "MLST",
    "OK",
    "TIME",
    "Listings",
    "ToldReader",
    "ToldSession",
    "ToldWriter",
    "list_line",
    "mlst",
    "told_lane",
]

from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import (
    Features,
    Reply,
    item_error,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.transfer import MOST_LINES
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import Server

Command = Tuple[bytes, bytes]
Listings = Mapping[bytes, List[bytes] | Reply]
Handler = Callable[[Reply], None]
Replies = Mapping[bytes, Reply | Sequence[Reply]]
Content = bytes | Reply | Sequence[bytes | SyncError]
OK = Reply(250, (b"OK",))
FAILED = Reply(550, (b"Failed",))
MISSING = Reply(550, (b"No such file or directory",))
MLST = (b" MLST type*;size*;modify*;sizd*;UNIX.mode*;", b" MFMT", b" MFF modify;UNIX.mode;")
"""The features of a server with all facts."""
TIME = 1_796_083_200 * 1_000_000_000
"""2026-12-01 00:00:00 UTC, as it is in `mlst`."""


def mlst(path: bytes, *, kind: bytes = b"file", size: int = 5, mode: bytes = b"0600") -> Reply:
    """Return the reply to MLST for an entry."""
    facts = b" type=%s;size=%d;modify=20261201000000;UNIX.mode=%s; %s" % (kind, size, mode, path)
    return Reply(250, (b"Listing", facts, b"End"))


def list_line(name: bytes, *, kind: bytes = b"-", size: int = 5) -> bytes:
    """Return a line of LIST."""
    return b"%srw-r--r-- 1 1 1 %d Dec  1  2026 %s" % (kind, size, name)


class ToldReader:
    """Gives `blocks` in order, and raises the errors among them."""

    def __init__(self, session: ToldSession, blocks: Sequence[bytes | SyncError]) -> None:
        self._session, self._blocks = session, list(blocks)
        self.ended = ""

    def read_into(self, view: memoryview) -> int:
        if not self._blocks:
            return 0
        block = self._blocks.pop(0)
        if isinstance(block, SyncError):
            self._session.closed = self._session.closed or block.retryable
            raise block
        taken, rest = block[: len(view)], block[len(view) :]
        self._blocks[:0] = [rest] if rest else []
        view[: len(taken)] = taken
        return len(taken)

    def finish(self) -> None:
        self.ended = "finished"

    def abandon(self) -> None:
        self.ended = self.ended or "abandoned"


class ToldWriter:
    """Keeps the bytes. refusal: the final reply to an upload that fails."""

    def __init__(self, path: bytes, refusal: Reply | None) -> None:
        self.data, self.ended = b"", ""
        self._path, self._refusal = path, refusal

    def send(self, data: bytes | memoryview) -> None:
        self.data += bytes(data)

    def finish(self) -> None:
        if self._refusal is not None:
            raise item_error(self._refusal, self._path)
        self.ended = "finished"

    def abandon(self) -> None:
        self.ended = self.ended or "abandoned"


class ToldSession:
    """A session that is logged in.

    replies, listings: keyed by the whole command line; all others are refused with 550. Of several replies to one
    command, each is given once, the last for ever.
    contents: of files by their paths; ends: the final replies of uploads that fail at their end
    logins: the results of the logins to come, None for a login that succeeds
    sent: every line
    """

    def __init__(
        self,
        replies: Replies,
        listings: Listings | None = None,
        features: Sequence[bytes] = (),
        *,
        contents: Mapping[bytes, Content] | None = None,
        ends: Mapping[bytes, Reply] | None = None,
        logins: Sequence[SyncError | None] = (),
    ) -> None:
        self.features = Features(features)
        self.sent: List[bytes] = []
        self.stored: Dict[bytes, ToldWriter] = {}
        self.readers: List[ToldReader] = []
        self.logins = list(logins)
        self.closed = False
        self.round_trip = 0.0
        self._replies = {line: [found] if isinstance(found, Reply) else list(found) for line, found in replies.items()}
        self._listings, self._contents, self._ends = listings or {}, contents or {}, ends or {}
        self._queue: List[Tuple[Command, Handler]] = []

    def login(self) -> None:
        error = self.logins.pop(0) if self.logins else None
        self.sent.append(b"login")
        if error is not None:
            raise error
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def noop(self) -> None:
        self.call(b"NOOP")

    def call(self, verb: bytes, argument: bytes = b"") -> Reply:
        line = b"%s %s" % (verb, argument) if argument else verb
        self.sent.append(line)
        found = self._replies.get(line, [FAILED])
        return found.pop(0) if len(found) > 1 else found[0]

    def call_many(self, commands: Sequence[Command]) -> Iterator[Reply]:
        self.flush()
        return iter([self.call(*command) for command in commands])

    def later(self, verb: bytes, argument: bytes, handler: Handler) -> None:
        self._queue.append(((verb, argument), handler))

    def flush(self) -> None:
        queue, self._queue = self._queue, []
        for command, handler in queue:
            handler(self.call(*command))

    def list_lines(self, verb: bytes, argument: bytes = b"", *, most: int = MOST_LINES) -> Iterator[bytes]:
        line = b"%s %s" % (verb, argument)
        self.sent.append(line)
        found = self._listings.get(line, FAILED)
        if isinstance(found, Reply):
            raise item_error(found, argument)
        yield from found

    def store(self, path: bytes, *, offset: int = 0) -> ToldWriter:
        reply = self.call(b"REST %d STOR" % offset if offset else b"STOR", path)
        if reply.refused and reply is not FAILED:
            raise item_error(reply, path)
        self.stored[path] = ToldWriter(path, self._ends.get(path))
        return self.stored[path]

    def retrieve(self, path: bytes, *, offset: int = 0) -> ToldReader:
        self.sent.append(b"RETR %s" % path if not offset else b"REST %d RETR %s" % (offset, path))
        content = self._contents.get(path, FAILED)
        if isinstance(content, Reply):
            raise item_error(content, path)
        self.readers.append(ToldReader(self, [content[offset:]] if isinstance(content, bytes) else content))
        return self.readers[-1]


def told_lane(
    replies: Replies | None = None,
    listings: Listings | None = None,
    features: Sequence[bytes] = (),
    **more: object,
) -> Lane:
    """Return a lane to the tree /t of a server with these replies and features."""
    session = ToldSession(replies or {}, listings, features, **more)
    server = Server(b"/t")
    server.features = session.features
    return Lane(session, server)
