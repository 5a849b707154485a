# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""age files by the program age: a process for each file.

Keys go through pipes, which age reads as /dev/fd/N: identities are in no argument, environment or file. Keys are tried
before the first file.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import Iterator, List, Sequence

from ..errors import OperationFailed
from ..model.display import display_text
from ..model.sealing import AGE
from ..system.child_processes import ChildProcesses
from .identities import AgeIdentity, identity_invalid
from .piped_program import Ended, find_program, once, run_piped
from .provider import Read, Write, not_for_us, sealed_damaged
from .recipients import recipient_invalid, recipients_digest

_OLDEST = (1, 1)
_ERROR = re.compile(r"^age: error: (.+)$", re.MULTILINE)
_NO_MATCH = "no identity matched any of the recipients"
_OF_OTHERS = (_NO_MATCH, "file is passphrase-encrypted")
_FOR_OTHERS = b"""age-encryption.org/v1
-> X25519 FJS1pgcMhWytK4GYgw85x0Rr+LMBBWU+rHYJhgUXVn8
0GgrwA9z8cYACHt4UseAl42lqwOQNXAhufbzhTLWTgw
--- 5pmfKmUfyQgqXxp26kRrPK69YTg62wESR6u8BqXX8FU
"""
"""The start of a file whose identity was thrown away."""


class _Age:
    """The program, with a guard for its processes."""

    def __init__(self) -> None:
        self._program = _find_age()
        self._guard = ChildProcesses()

    def run(self, option: str, keys: Sequence[str], read: Read, write: Write) -> Ended:
        """Run age with `option` before each key."""

        def words(given: Sequence[int], _answers: int) -> List[str]:
            action = ["--decrypt"] if option == "-i" else []
            return [self._program, *action, *(word for end in given for word in (option, f"/dev/fd/{end}"))]

        return run_piped(self._guard, words, read, write, secrets=[(key + "\n").encode() for key in keys])

    def close(self) -> None:
        self._guard.close()


class AgeSealer:
    """Seals files for `recipients`, as `age_recipients` returns them."""

    def __init__(self, recipients: Sequence[str]) -> None:
        self.recipients_digest = recipients_digest(AGE, recipients)
        self._recipients = ["\n".join(recipients)]
        self._age = _Age()
        with _closed_on_error(self):
            for number, text in enumerate(recipients, 1):
                ended = self._age.run("-R", [text], once(b""), len)
                if ended.status:
                    raise recipient_invalid(number, f"is refused by age: {_complaint(ended)}")

    def seal(self, read: Read, write: Write) -> None:
        ended = self._age.run("-R", self._recipients, read, write)
        if ended.status or not ended.whole:
            raise _failed(ended)

    def close(self) -> None:
        self._age.close()


class AgeOpener:
    """Opens files with `identities`."""

    def __init__(self, identities: Sequence[AgeIdentity]) -> None:
        self._identities = [each.text for each in identities]
        self._age = _Age()
        with _closed_on_error(self):
            for identity in identities:
                ended = self._age.run("-i", [identity.text], once(_FOR_OTHERS), len)
                if _NO_MATCH not in ended.messages:
                    raise identity_invalid(identity.option, f"is refused by age: {_complaint(ended)}")

    def open(self, read: Read, write: Write) -> None:
        ended = self._age.run("-i", self._identities, read, write)
        if ended.status not in (0, 1):
            raise _failed(ended)
        if any(text in ended.messages for text in _OF_OTHERS):
            raise not_for_us()
        if ended.status or not ended.whole:
            raise sealed_damaged(_complaint(ended))

    def close(self) -> None:
        self._age.close()


@contextmanager
def _closed_on_error(provider: AgeSealer | AgeOpener) -> Iterator[None]:
    try:
        yield
    except BaseException:
        provider.close()
        raise


def _failed(ended: Ended) -> OperationFailed:
    return OperationFailed(
        f"age ended with status {ended.status}: {_complaint(ended)}", cure="Check the program age on this host."
    )


def _complaint(ended: Ended) -> str:
    """Return the reason that age gives."""
    found = _ERROR.search(ended.messages)
    return display_text(found.group(1)) if found else "it gave no reason"


def _find_age() -> str:
    return find_program(
        "age",
        _OLDEST,
        needs="format: age needs the Python library pyrage or the program age",
        cure="Install pyrage 1.4 or newer, or age 1.1 or newer, on this host.",
    )
