# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealing: files are encrypted for recipients before they leave this host, and opened after they arrived.

1. `age_recipients` and `identities` check the keys of the task and bring each into one spelling.
2. `open_sealer` and `open_opener` take a provider: gpg, or for the format age (c2sp.org/age) the library pyrage, which
   needs no process for each file, else the program age.
3. The provider tries all keys before the first file: a mistyped key ends the task.
4. `seal` and `open` stream one file each, in bounded memory. They call `read` and `write` in the calling thread only,
   and an exception of these passes through unchanged. They may run in several threads at once.
5. An opened file counts only after `open` has returned: a cut file is authentic up to its last whole chunk.
6. `close` ends the processes of a provider.
"""

from __future__ import annotations

import re
from typing import Callable, Iterable, Optional, Protocol, Sequence, Tuple

from ..errors import IdentityMissing, RecipientInvalid, SealedDamaged
from ..integrity.digest import sha256
from ..model.request import OPENPGP, Identities, Recipients

Read = Callable[[int], bytes]
"""Return at most so many bytes; none only at the end."""

Write = Callable[[bytes], object]
"""Take all bytes."""

BLOCK = 1 << 18
"""Bytes that a provider requests or passes on at once."""
_X25519 = re.compile(r"age1[02-9ac-hj-np-z]{58}\Z")
_ED25519 = re.compile(r"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}\Z")
_OTHERS = (
    ("age1pq1", "is a post-quantum recipient, which is not supported"),
    ("age1tag", "is a recipient of a hardware key, which is not supported"),
    ("ssh-rsa", "is an RSA key, which is not supported"),
    ("AGE-SECRET-KEY-", "is a private key; treat it as exposed"),
    ("-----BEGIN ", "is not a line with a public key"),
)
_DIGITS = 16


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


def open_sealer(recipients: Recipients) -> Sealer:
    """Return a sealer. Raises RecipientInvalid, SealingUnavailable."""
    # pylint: disable=import-outside-toplevel
    if recipients.format == OPENPGP:
        from .openpgp import OpenPgpSealer

        return OpenPgpSealer(recipients)
    from . import age

    keys = age_recipients(recipients.texts)
    return age.PyrageSealer(keys) if age.has_pyrage() else age.AgeSealer(keys)


def open_opener(identities: Identities) -> Opener:
    """Return an opener. Raises InvalidRequest, SealingUnavailable."""
    # pylint: disable=import-outside-toplevel
    if identities.format == OPENPGP:
        from .openpgp import OpenPgpOpener

        return OpenPgpOpener(identities)
    from . import age
    from .identities import age_identities

    keys = age_identities(identities)
    return age.PyrageOpener(keys) if age.has_pyrage() else age.AgeOpener(keys)


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


def age_recipients(texts: Iterable[str]) -> Tuple[str, ...]:
    """Return the recipients without comments and repetitions. Raises RecipientInvalid."""
    found = tuple(dict.fromkeys(_recipient(number, text) for number, text in enumerate(texts, 1)))
    if not found:
        raise RecipientInvalid(
            "encrypt.recipients: is empty", cure="Set encrypt.recipients to at least one public key."
        )
    return found


def recipients_digest(format_name: str, texts: Sequence[str]) -> str:
    """Return the format, and the first digits of each recipient's SHA-256, sorted."""
    digits = sorted(sha256(text.encode()).hexdigest()[:_DIGITS] for text in texts)
    return f"{format_name} {','.join(digits)}"


def recipient_invalid(number: int, fact: str) -> RecipientInvalid:
    """Return the error of one recipient. Its text is not shown: a private key may stand there by mistake."""
    return RecipientInvalid(
        f"encrypt.recipients: item {number} {fact}",
        cure="Set each item of encrypt.recipients to an age1 recipient or to the line of an ssh-ed25519 public key.",
    )


def _recipient(number: int, text: str) -> str:
    words = text.split()
    line = " ".join(words[:2]) if text.lstrip().startswith("ssh-") else " ".join(words).lower()
    if _X25519.match(line) or _ED25519.match(line):
        return line
    raise recipient_invalid(number, _fact(text.strip()))


def _fact(text: str) -> str:
    known: Optional[str] = next((fact for start, fact in _OTHERS if text.upper().startswith(start.upper())), None)
    return known or "is not a public key"
