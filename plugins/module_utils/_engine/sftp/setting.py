# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting: whether and how a server sets modes and times.

There are two requests, FSETSTAT for an open file and SETSTAT for a path (lsetstat@openssh.com does not follow links).
The list of requests of a server may lack one of them or both, or its file system has no modes. The first file of a run,
its lock, is tested in the flight of its content. Only after a refusal, its path is tested as well.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Callable, List, Optional, Tuple

from ..model.tree import Attributes
from . import packets
from .client import Handler, Reply, SftpClient
from .packets import FX_OP_UNSUPPORTED, FX_PERMISSION_DENIED, STATUS, attributes_field, string

REFUSED = (FX_PERMISSION_DENIED, FX_OP_UNSUPPORTED)
_LSETSTAT = b"lsetstat@openssh.com"
_EXISTING = "the server refuses to set modes and times of existing entries (%s): directories do not keep theirs"
_NOT_SET = "the server refuses to set %s (%s): %s"
_EFFECTS = {
    "modes": "files get their modes as they are created, new directories keep 0700",
    "times": "files and directories keep the time at which they were written",
}


def set_by_path(client: SftpClient, path: bytes, attributes: Attributes, handler: Handler) -> None:
    """Send lsetstat@openssh.com, so that a link that was put in the way is not followed; else SETSTAT."""
    body = string(path) + attributes_field(attributes)
    if follows_no_link(client):
        client.extended(_LSETSTAT, body, handler)
    else:
        client.request(packets.SETSTAT, STATUS, body, handler)


def follows_no_link(client: SftpClient) -> bool:
    """Return whether `set_by_path` sets the attributes of a link itself."""
    return _LSETSTAT in client.extensions


class Setting:
    """by_handle, by_path: whether FSETSTAT sets all that the server sets; whether it admits the request for a path
    modes, times: whether it sets them
    learned: called with the notes for the result once this is known
    """

    def __init__(self, learned: Callable[[List[str]], None] = lambda _notes: None) -> None:
        self.by_handle = self.by_path = self.modes = self.times = True
        self.tested = False
        self._learned = learned
        self._replies: List[Reply] = []

    def possible(self, attributes: Attributes) -> Optional[Attributes]:
        """Return the attributes that the server sets; None if there is nothing to set."""
        mode, mtime = attributes.mode if self.modes else None, attributes.mtime if self.times else None
        return None if mode is None and mtime is None else Attributes(mode, mtime)

    def opening(self, mode: Optional[int]) -> bytes:
        """Return the attributes of a new file: 0600 until its mode is set, or at once the wanted mode."""
        return attributes_field(Attributes(0o600 if self.modes or mode is None else mode))

    def set_open(
        self, client: SftpClient, handle: bytes, path: bytes, attributes: Attributes, handler: Handler
    ) -> bool:
        """Set the attributes of a file that is open, in the way that the server admits; the handler gets the status.
        Return whether a request was sent."""
        wanted = self.possible(attributes)
        if wanted is None:
            return False
        if self.by_handle:
            client.request(packets.FSETSTAT, STATUS, string(handle) + attributes_field(wanted), handler)
        else:
            set_by_path(client, path, wanted, handler)
        return True

    # the test

    def begin(self, client: SftpClient, handle: bytes, root: bytes) -> None:
        """Send the requests of the test, for a new file that is open and still empty: its write renews its mtime."""
        self._replies = []
        for attributes in _separately():
            body = string(handle) + attributes_field(attributes)
            client.request(packets.FSETSTAT, STATUS, body, self._replies.append)
        set_by_path(client, root, Attributes(), self._replies.append)

    def finish(
        self,
        ask: Callable[[Callable[[Handler], None]], Reply],
        wait: Callable[[Callable[[], bool]], None],
        client: SftpClient,
        path: bytes,
    ) -> None:
        """Judge the test. ask: sends one request and returns its reply. path: of the file, which is closed now."""
        wait(lambda: len(self._replies) == 3)
        mode, mtime, root = self._replies
        if (mode, mtime) == (0, 0) and root not in REFUSED:
            self.tested = True
            return
        again = [ask(partial(set_by_path, client, path, attributes)) for attributes in _separately()]
        self.judge(client, (mode, mtime), (again[0], again[1]))

    def judge(self, client: SftpClient, opened: Tuple[Reply, Reply], closed: Tuple[Reply, Reply]) -> None:
        """Take the statuses for mode and mtime, of FSETSTAT and of the request for a path."""
        self.tested = True
        # Windows OpenSSH with a ChrootDirectory sets times by a handle, and modes by a path alone.
        self.by_handle = 0 in opened and not any(one and not other for one, other in zip(opened, closed))
        self.by_path = 0 in closed
        self.modes, self.times = 0 in (opened[0], closed[0]), 0 in (opened[1], closed[1])
        path_request = _LSETSTAT.decode() if follows_no_link(client) else "SSH_FXP_SETSTAT"
        names = "SSH_FXP_FSETSTAT, " + path_request
        lacking = [name for name, able in (("modes", self.modes), ("times", self.times)) if not able]
        notes = [_NOT_SET % (name, names, _EFFECTS[name]) for name in lacking]
        if len(lacking) == 2:
            notes = [_NOT_SET % ("modes and times", names, "; ".join(_EFFECTS.values()))]
        elif not self.by_path:
            notes.append(_EXISTING % path_request)
        self._learned(notes)


def _separately() -> Tuple[Attributes, Attributes]:
    return Attributes(0o600, None), Attributes(None, time.time_ns())
