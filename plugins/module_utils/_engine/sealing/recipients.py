# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipients of age files: lines of public keys, in one spelling each. Their checksums are the provider's to check."""

from __future__ import annotations

import re
from typing import Iterable, Optional, Sequence, Tuple

from ..errors import RecipientInvalid
from ..integrity.digest import sha256

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
