# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealing: files are encrypted for recipients before they leave this host, and opened after they arrived.

1. `recipients` and `identities` check the keys of the task and bring each into one spelling.
2. `choose` takes a provider: the library pyrage or the program age for the format age (c2sp.org/age).
3. The provider tries all keys before the first file: a mistyped key ends the task.
4. `seal` and `open` stream one file each, in bounded memory. They call `read` and `write` in the calling thread only,
   and an exception of these passes through unchanged. They may run in several threads at once.
5. An opened file counts only after `open` has returned: a cut file is authentic up to its last whole chunk.
6. `close` ends the processes of a provider.
"""

from __future__ import annotations

from typing import Callable, Protocol

from ..errors import IdentityMissing, SealedDamaged

Read = Callable[[int], bytes]
"""Return at most so many bytes; none only at the end."""

Write = Callable[[bytes], object]
"""Take all bytes."""

BLOCK = 1 << 18
"""Bytes that a provider requests or passes on at once."""


class Sealer(Protocol):
    """Seals files for the same recipients."""

    @property
    def recipients_digest(self) -> str:
        """Return the format, and 16 hexadecimal digits for each recipient, in an order that does not depend on the
        task."""

    def seal(self, read: Read, write: Write) -> None:
        """Seal one file. Its header is written first."""

    def close(self) -> None:
        """End all processes and remove all files; may be called twice."""


class Opener(Protocol):
    """Opens files with the same identities."""

    def open(self, read: Read, write: Write) -> None:
        """Open one file. Raises IdentityMissing, SealedDamaged.

        The written bytes count only after it has returned: a file that was cut or changed may be noticed at its end.
        """

    def close(self) -> None:
        """End all processes and remove all files; may be called twice."""


def not_for_us() -> IdentityMissing:
    """Return the error of a file that was sealed for others."""
    return IdentityMissing(
        "no identity opens this file",
        cure="Add the identity of one of its recipients, or ask the sender to add your recipient.",
    )


def sealed_damaged(fact: str) -> SealedDamaged:
    """Return the error of a file that cannot be opened to its end."""
    return SealedDamaged(
        f"the sealed file is damaged: {fact}", cure="Ask the sender to push this file again; nothing of it was kept."
    )
