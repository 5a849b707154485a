# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts from which ssh-keygen makes a list (KEY REVOCATION LISTS in ssh-keygen(1)). Pure.

Serial numbers and ids need the key of their authority on the command line, so every authority has a text of its own.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Tuple

from ..integrity.digest import sha256
from .entries import FINGERPRINT, KEY, Revoked
from .witnesses import REVOKED

_WORDS = {FINGERPRINT: "hash: %s\n", KEY: "%s\n", "serial": "serial: %s\n", "id": "id: %s\n"}


class Spec(NamedTuple):
    """keys: the text without an authority. authorities: key and text of each."""

    keys: str
    authorities: Tuple[Tuple[str, str], ...]

    @property
    def comment(self) -> str:
        """Return the digest of these texts for the comment of a list: it shows later whether it has these entries."""
        text = "\0".join([self.keys, *("%s\0%s" % each for each in self.authorities)])
        return "sha256:%s" % sha256(text.encode()).hexdigest()


def spec_of(entries: Iterable[Revoked]) -> Spec:
    """Return the texts of all entries, sorted; the revoked witness is always among them."""
    texts: Dict[str, List[str]] = {"": [_WORDS[KEY] % REVOKED.text]}
    for entry in sorted(set(entries)):
        texts.setdefault(entry.ca, []).append(_WORDS[entry.kind] % entry.value)
    return Spec("".join(texts.pop("")), tuple((ca, "".join(lines)) for ca, lines in sorted(texts.items())))
