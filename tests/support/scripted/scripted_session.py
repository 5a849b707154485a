# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session whose replies and listings a unit test gives: no server, no bytes."""

from __future__ import annotations

__all__ = ["Listings", "ToldSession"]

from typing import Dict, Iterator, List, Sequence, Tuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.features import Features
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply, item_error

Command = Tuple[bytes, bytes]
Listings = Dict[bytes, List[bytes] | Reply]


class ToldSession:
    """replies, listings: keyed by the whole command line; all others are refused with 550. sent: every line."""

    def __init__(
        self,
        replies: Dict[bytes, Reply],
        listings: Listings | None = None,
        features: Sequence[bytes] = (),
    ) -> None:
        self.features = Features(features)
        self.sent: List[bytes] = []
        self._replies = replies
        self._listings = listings or {}

    def call(self, verb: bytes, argument: bytes = b"") -> Reply:
        line = b"%s %s" % (verb, argument) if argument else verb
        self.sent.append(line)
        return self._replies.get(line, Reply(550, (b"Failed",)))

    def call_many(self, commands: Sequence[Command]) -> Iterator[Reply]:
        return iter([self.call(*command) for command in commands])

    def list_lines(self, verb: bytes, argument: bytes = b"") -> Iterator[bytes]:
        line = b"%s %s" % (verb, argument)
        self.sent.append(line)
        found = self._listings.get(line, Reply(550, (b"Failed",)))
        if isinstance(found, Reply):
            raise item_error(found, argument)
        yield from found
