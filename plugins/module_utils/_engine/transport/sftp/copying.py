# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server does its part in transfers by blocks, in one run."""

from __future__ import annotations

from typing import Callable

from ...sftp.client import Reply
from ...sftp.packets import FX_OP_UNSUPPORTED


class Copying:
    """The copies that a server makes, and the blocks that it hashes. note: called with notes for the result. widen:
    called with the bytes that are left to send, where they are more than was expected.

    works: whether it is worth a try
    under_way: requests without a reply; a session that is lost over them leaves them here
    """

    def __init__(self, note: Callable[[str], None], widen: Callable[[int], None] = lambda size: None) -> None:
        self.widen = widen
        self.works = True
        self.under_way = 0
        self._note = note

    def begin(self) -> None:
        """New transfers begin, perhaps in a new session."""
        if self.under_way:
            self.under_way, self.works = 0, False
            self._note("the session was lost while the server worked on blocks: large files are transferred whole")

    def refused(self, code: Reply) -> None:
        """A copy was refused."""
        self.works = self.works and code != FX_OP_UNSUPPORTED
        self._note("the server refused to copy blocks of a file: it was sent whole")
