# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison: takes an archive that is written, and compares it with the file that is there."""

from __future__ import annotations

from typing import IO

from ..integrity.digest import sha256


class Differs(Exception):
    """The archive that is written is not the archive that is there."""


class Comparison:
    """Raises Differs at the first other byte."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.digest = sha256()
        file.seek(0)

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes) -> int:
        if self._file.read(len(data)) != data:
            raise Differs
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def finish(self) -> None:
        """Raise Differs if the file goes on."""
        if self._file.read(1):
            raise Differs
