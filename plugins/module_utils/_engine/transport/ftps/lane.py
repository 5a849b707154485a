# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lane: a session together with the known properties of its server, as all work on an FTPS server takes it; and the
pace of all lanes together."""

from __future__ import annotations

import threading
import time
from typing import Callable, Dict, List, Optional, Protocol, Sequence, Tuple

from ...errors import ConnectTimeout, ItemError, SilentServer, SyncError
from ...ftps.replies import Reply
from ...ftps.session import FtpsSession
from ...ftps.transfer import DataReader
from ...model.relpath import RelPath
from ...system.pacer import Pacer
from .look import Listing, Looked, explained, explained_by_parent, list_directory, look
from .server import Server

WORTH_RESUMING = 1 << 20
"""Bytes of a file from which on it is continued after a lost session."""
_NAP = 0.2
"""Seconds: the longest time until a request to stop is noticed."""


class PartRefused(Exception):
    """The server does not send the file from another byte than the first. ProFTPD with `AllowRetrieveRestart off`
    refuses only at the request."""


class HalfDone(Protocol):
    """A file that a lost session leaves halfway. reached: bytes that are known to be done."""

    @property
    def reached(self) -> int: ...

    def give_up(self) -> None:
        """Close the file. Its stage is for the caller to remove."""


Halfway = Dict[RelPath, HalfDone]
"""By the path of the stage, or of the file that is hashed."""


class Lane:
    """One session, used by one thread at a time. server: shared by all lanes to it."""

    __slots__ = ("server", "session")

    def __init__(self, session: FtpsSession, server: Server) -> None:
        self.session = session
        self.server = server

    def log_in(self) -> None:
        """Log in, for the first time or again, and set the session up. The session is closed where that fails."""
        try:
            self.session.login()
            self.server.met = True
            self.server.prepare(self.session)
        except SilentServer as error:
            self.session.close()
            if self.server.met:  # it is the right port: the server may be back soon
                raise ConnectTimeout(error.message, cure=error.cure) from None
            raise
        except BaseException:
            self.session.close()
            raise

    def ask(self, verb: bytes, paths: Sequence[RelPath]) -> List[Reply]:
        """Send one command for each path, all in one flight, and return the replies."""
        return list(self.session.call_many([(verb, self.server.full(path)) for path in paths]))

    def size(self, path: RelPath) -> int:
        """Return the size of a file by SIZE; 0 if the server gives none."""
        reply = self.session.call(b"SIZE", self.server.full(path))
        text = reply.lines[-1].strip() if reply.lines else b""
        return int(text) if reply.code == 213 and text.isdigit() and len(text) < 20 else 0

    def look(self, paths: Sequence[RelPath], *, by_list: bool = False) -> List[Looked]:
        """Look at each path, links not followed. by_list: in LIST although there is MLST, which may show a link as its
        target."""
        return look(self, paths, by_list=by_list)

    def list(self, directory: RelPath, *, by_list: bool = False) -> Listing:
        """List one directory. by_list: with LIST although there is MLSD."""
        return list_directory(self, directory, by_list=by_list)

    def explain(self, refusals: Sequence[Tuple[RelPath, SyncError]]) -> Dict[RelPath, SyncError]:
        """Return the refusals; a vague refusal becomes NotFound where nothing is there."""
        return explained(self, refusals) if refusals else {}

    def explain_by_parent(self, path: RelPath, error: SyncError) -> SyncError:
        """Return why an entry could not be made: NotFound if its directory is missing."""
        return explained_by_parent(self, path, error)

    def reader(self, path: RelPath, offset: int = 0) -> DataReader:
        """Begin to read a file at a byte. Raises PartRefused if the server gives it from its first byte only."""
        try:
            return self.session.retrieve(self.server.full(path), offset=offset)
        except ItemError as error:
            if offset:
                raise PartRefused(error.message) from None
            raise


class SharedPacer:
    """rate: bytes a second, or None for no limit."""

    def __init__(self, rate: Optional[int]) -> None:
        self._pacer = Pacer(rate)
        self._lock = threading.Lock()

    @property
    def spent(self) -> int:
        """Return all bytes so far."""
        return self._pacer.spent

    def found(self, size: int) -> None:
        """Count bytes that have moved after all, or take off those that have not."""
        with self._lock:
            self._pacer.spent += size

    def pay(self, size: int, check: Callable[[], None] = lambda: None) -> None:
        """Wait until `size` bytes may move. check: called in between, raises to end the wait."""
        while True:
            with self._lock:
                pause = self._pacer.refill(time.monotonic())
                if pause is None:
                    self._pacer.spend(size)
                    return
            check()
            time.sleep(min(pause, _NAP))
