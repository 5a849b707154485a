# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipients, Identities: for whom files are sealed, and with which keys they are opened, as values."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

AGE = "age"
OPENPGP = "openpgp"
EXTENSIONS = {AGE: b".age", OPENPGP: b".pgp"}
"""End of the names of sealed files."""


class Recipients(NamedTuple):
    """The readers of sealed files.

    format: AGE or OPENPGP
    texts: one for each reader
    extension: end of the names of sealed files
    """

    format: str
    texts: Tuple[str, ...]
    extension: bytes = EXTENSIONS[AGE]


class Identities(NamedTuple):
    """The keys that open sealed files.

    format: AGE or OPENPGP
    texts: the keys themselves
    file: path of a file with keys
    passphrase: of the keys
    extension: end of the names of sealed files
    """

    format: str
    texts: Tuple[str, ...] = ()
    file: Optional[str] = None
    passphrase: Optional[str] = None
    extension: bytes = EXTENSIONS[AGE]

    def __repr__(self) -> str:
        return f"Identities(format={self.format!r}, file={self.file!r}, extension={self.extension!r})"
