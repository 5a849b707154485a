# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Found: one secret, or one setting that shows secrets, without the secret itself.

A scan makes a key, and each secret gets a mark under it: equal secrets of one scan have equal marks, and passwords
cannot be tried against a mark, as the key is forgotten with the scan (HMAC, RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import NamedTuple, Optional

KNOWN, ANSIBLE, DETECT_SECRETS = "known", "ansible", "detect-secrets"
"""The three passes."""


class Found(NamedTuple):
    """One place.

    id: stable, one for each kind of place
    severity: of model.findings
    file: the file, or the name of another source
    line: its line, from 1; 0 for the whole file
    kind: the secret or the setting, for people; never its value
    by: the pass that found it
    mark: equal for equal secrets of a scan; None for a setting
    """

    id: str
    severity: str
    file: str
    line: int
    kind: str
    by: str
    mark: Optional[str] = None

    @property
    def observed(self) -> str:
        return "%s: %s" % (f"{self.file}:{self.line}" if self.line else self.file, self.kind)


class Marks:
    def __init__(self) -> None:
        self._key = os.urandom(32)

    def of(self, secret: bytes) -> str:
        """Return 16 hexadecimal digits."""
        return hmac.new(self._key, secret, hashlib.sha256).hexdigest()[:16]
