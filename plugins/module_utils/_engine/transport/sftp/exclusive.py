# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a name is taken only if it is free: RENAME must not replace (draft-ietf-secsh-filexfer-02 section 6.5), and
the lock of a destination is made by it. Some servers replace all the same, such as rclone."""

from __future__ import annotations

from functools import partial
from typing import Callable, List, Optional

from ...sftp.client import Handler, Reply, SftpClient
from ...sftp.packets import FX_NO_SUCH_FILE, RENAME, STATUS, string

RENAME_REPLACES = (
    "the server's RENAME replaces files that exist: the lock stops a later run, but not a run that begins at the same "
    "moment"
)


class Exclusive:
    """replaces: whether RENAME replaces, None while unknown. It is tested once, by renaming a temporary file to its own
    name: the server refuses that, or does nothing. note: called with notes for the result."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self.replaces: Optional[bool] = None
        self._note = note

    def ask(self, client: SftpClient, remote: bytes, handler: Handler) -> None:
        """Find it out on the file `remote`."""

        def tried(reply: Reply) -> None:
            self._learn(reply)
            handler(reply)

        client.request(RENAME, STATUS, 2 * string(remote), tried)

    def _learn(self, reply: Reply) -> None:
        if reply != FX_NO_SUCH_FILE:
            self.replaces = reply == 0
        if self.replaces:
            self._note(RENAME_REPLACES)

    def close(self, client: SftpClient, handle: bytes, remote: bytes, handler: Handler) -> None:
        """Close a file of our own. The first time the question goes with it, so that it takes no time of its own."""
        if self.replaces is not None:
            client.close_handle(handle, handler)
            return
        closed: List[Reply] = []
        tried: List[Reply] = []

        def take(replies: List[Reply], reply: Reply) -> None:
            replies.append(reply)
            if closed and tried:
                handler(closed[0])

        client.close_handle(handle, partial(take, closed))
        self.ask(client, remote, partial(take, tried))
