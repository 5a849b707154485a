# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Joining: further sessions log in while a pool works already; a login is a dozen round trips."""

from __future__ import annotations

import threading
from functools import partial
from typing import List

from ..errors import ConnectionFailed, SyncError
from ..ssh.stream import Stream
from ..system.background import in_background
from .pool import SftpPool

_GREETING = 10.0
"""Seconds for the greeting, behind the login; who takes longer is no help."""


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
        """Wait for all logins."""
        for thread in self._under_way:
            thread.join()
        self._pool.admit()

    def close(self) -> None:
        """End the logins that go on."""
        if self.count:
            for stream in self._streams:
                stream.cut()
        self.wait()
