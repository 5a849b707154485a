# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SftpSessions: the sessions of one transport. The first logs in while its caller works; others join where they pay."""

from __future__ import annotations

import select
import threading
from contextlib import suppress
from functools import partial
from typing import Callable, List, NamedTuple, Optional, Sequence

from ...errors import ConnectionFailed, SyncError
from ...model.endpoint import PeerIdentity
from ...sftp.client import SftpClient, say_hello
from ...sftp.pool import SftpPool
from ...ssh.stream import Stream
from ...system.background import in_background
from ...system.pacer import Pacer
from ..base import Transfer

_WORTH_A_SESSION = ((8 << 20, 4), (64 << 20, 8))
"""Over a distance: bytes for each of which another login pays, and up to how many sessions. A server's MaxStartups is
10 by default."""
_WORTH_A_SECOND = 512 << 20
"""The same nearby, where a second session makes up for the moments in which the programs of one wait for each other."""
_GREETING = 10.0
"""Seconds for the greeting, behind the login; who takes longer is no help."""


class Caller(NamedTuple):
    """Callbacks: met, with the server's identity and the first session of a pool, for each new pool; note, with a note
    for the operator."""

    met: Callable[[PeerIdentity, SftpClient], None]
    note: Callable[[str], None]


class SftpSessions:
    """The SFTP sessions of one server.

    open_stream: starts a connection to the SFTP subsystem and returns at once
    starting: one that was started already
    parallel: how many are asked for; as many as pay where it is None. stall_timeout in seconds, bandwidth_limit in
    bytes a second.
    """

    def __init__(
        self,
        open_stream: Callable[[], Stream],
        caller: Caller,
        *,
        stall_timeout: float,
        parallel: Optional[int] = None,
        bandwidth_limit: Optional[int] = None,
        starting: Optional[Stream] = None,
    ) -> None:
        self._open_stream, self._caller = open_stream, caller
        self._stall_timeout, self._parallel = stall_timeout, parallel
        self._pacer = Pacer(bandwidth_limit)
        self._most = parallel or _WORTH_A_SESSION[-1][1]
        self._pool: Optional[SftpPool] = None
        self._joining: Optional[Joining] = None
        self._starting: Optional[Stream] = self._start_stream(starting)

    @property
    def pool(self) -> SftpPool:
        """Return those that work; waits for the first login."""
        return self._pool or self._connect()

    @property
    def present(self) -> Optional[SftpPool]:
        """Return the same, None if there is none yet."""
        return self._pool

    @property
    def carried(self) -> int:
        return self._pacer.spent

    def _start_stream(self, started: Optional[Stream] = None) -> Stream:
        stream = started or self._open_stream()
        say_hello(stream)
        return stream

    def connect(self) -> None:
        """Wait for the first login."""
        if self._pool is None:
            self._connect()

    def _connect(self) -> SftpPool:
        stream, self._starting = self._starting or self._start_stream(), None
        identity = stream.wait_ready()
        pool = SftpPool(stall_timeout=self._stall_timeout, pacer=self._pacer)
        client = pool.add(stream, identity.software)
        self._pool = pool
        self._caller.met(identity, client)
        return pool

    def ready(self) -> bool:
        """Return whether the first login is over, well or not."""
        # The server's answer to `say_hello` comes when the login is over; so does the end of a login that failed.
        return self._starting is None or bool(select.select([self._starting.read_fd], [], [], 0)[0])

    def reconnect(self) -> None:
        """Open the first session again. If there were several, there will be fewer."""
        if self._pool is not None and len(self._pool.clients) > 1:
            self._most = max(1, len(self._pool.clients) // 2)
        self.close()
        self._connect()

    def close(self) -> None:
        """End all, also those that log in."""
        if self._starting is not None:
            self._starting.close()
            self._starting = None
        if self._joining is not None:
            self._joining.close()
            self._joining = None
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def widen(self, transfers: Sequence[Transfer]) -> None:
        """Open more sessions if they are worth it, as many as the transfers fill; or the requested number. Unrequested
        sessions join while the others already work."""
        self.pool.admit()
        self._join(self._wanted(transfers))
        if self._parallel is not None and self._joining is not None:
            self._joining.wait()
        self.tell_refusals()

    def widen_for(self, size: int) -> None:
        """Do the same in the middle of a transfer, for so many bytes that are left of it. Without them it is slower."""
        if self._parallel is None:
            with suppress(SyncError):
                self._join(self._worth(size))

    def _join(self, wanted: int) -> None:
        """Start logins, so that there will be so many sessions. The module for that is loaded by the first."""
        pool = self.pool
        under_way = 0 if self._joining is None else self._joining.count
        more = wanted - len(pool.clients) - under_way - pool.newcomers.qsize()
        if more <= 0:
            return
        self._joining = self._joining or Joining(pool)
        for _unused in range(more):
            self._joining.start(self._start_stream())

    def _wanted(self, transfers: Sequence[Transfer]) -> int:
        if self._parallel is not None:
            return min(self._most, max(1, len(transfers)))
        return self._worth(sum(map(_to_send, transfers)))

    def _worth(self, size: int) -> int:
        """Return how many sessions pay for so many bytes."""
        if not self.pool.clients[0].is_distant:
            return min(self._most, 2 if size >= _WORTH_A_SECOND else 1)
        return min(self._most, max(min(1 + size // each, most) for each, most in _WORTH_A_SESSION))

    def tell_refusals(self) -> None:
        """Note logins that failed; no more are tried than there are sessions then."""
        for error in () if self._joining is None else self._joining.refusals():
            self._most = len(self.pool.clients)
            self._caller.note(f"the server refused more sessions than {self._most}: {error.message}")


def _to_send(transfer: Transfer) -> int:
    """Return the bytes that are expected to cross the sessions. A file whose old blocks are known asks for sessions
    itself, as soon as it is seen that many of them differ."""
    basis = transfer.basis
    return 0 if basis is not None and basis.blocks.sums else transfer.entry.size


class Joining:
    """Sessions on their way into `pool`, each on a thread of its own until the server has greeted it. `close` ends it,
    before the pool is closed."""

    def __init__(self, pool: SftpPool) -> None:
        self._pool = pool
        self._under_way: List[threading.Thread] = []
        self._streams: List[Stream] = []
        self._refusals: List[SyncError] = []

    @property
    def count(self) -> int:
        """Logins that go on."""
        self._under_way = [thread for thread in self._under_way if thread.is_alive()]
        return len(self._under_way)

    def start(self, stream: Stream) -> None:
        """Take over a stream after `say_hello`."""
        self._streams.append(stream)
        self._under_way.append(in_background(partial(self._log_in, stream), name="sftp login"))

    def _log_in(self, stream: Stream) -> None:
        try:
            identity = stream.wait_ready()
            alone = SftpPool(stall_timeout=_GREETING)
            self._pool.newcomers.put(alone.add(stream, identity.software))
        except Exception as error:  # such as one descriptor too many: the others go on without it
            stream.close()
            self._refusals.append(error if isinstance(error, SyncError) else ConnectionFailed(str(error)))

    def refusals(self) -> List[SyncError]:
        """Return why logins failed since the last call."""
        refusals, self._refusals = self._refusals, []
        return refusals

    def wait(self) -> None:
        for thread in self._under_way:
            thread.join()
        self._pool.admit()

    def close(self) -> None:
        """End the logins that go on."""
        if self.count:
            for stream in self._streams:
                stream.cut()
        self.wait()
