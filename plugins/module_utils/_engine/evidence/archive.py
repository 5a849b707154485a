# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a capture: a compressed tar whose members come with their SHA-256, and whose size is limited.

SHA256SUMS is the last member, for `sha256sum -c` after the archive is unpacked.
"""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, List, Mapping, Optional, Type

from ..integrity.digest import sha256
from ..model.relpath import display_text
from .refusals import EvidenceTooLarge

__all__ = ["Archive", "json_line"]

_BLOCK = 1 << 18
_COMPRESSION = 1
_SUMS = "SHA256SUMS"


class Archive:
    """file: gets the archive. most: bytes of all members. moment: time of the members."""

    def __init__(self, file: IO[bytes], most: int, moment: float) -> None:
        # Closed by __exit__. pylint: disable-next=consider-using-with
        self._tar = tarfile.open(  # noqa: SIM115
            fileobj=file, mode="w:gz", compresslevel=_COMPRESSION, format=tarfile.PAX_FORMAT
        )
        self._most = self.left = most
        self._moment = int(moment)
        self._sums: List[str] = []

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], _error: object, _trace: Optional[TracebackType]) -> None:
        if kind is not None:
            with suppress(OSError):
                self._tar.close()
            return
        self.add(_SUMS, "".join(self._sums).encode("utf-8", "surrogateescape"))
        self._tar.close()

    def add(self, name: str, content: bytes) -> None:
        """Add a member. Raises EvidenceTooLarge, OSError."""
        self.add_file(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, file: IO[bytes], size: int) -> str:
        """Add a member from a file at its place, and return its SHA-256. Raises EvidenceTooLarge, OSError."""
        self.left -= size
        if self.left < 0:
            raise EvidenceTooLarge(
                "max_size: the evidence has more than %d bytes, at %s" % (self._most, display_text(name)),
                cure="Shorten since, or raise max_size.",
            )
        info = tarfile.TarInfo(display_text(name))
        info.size, info.mode, info.mtime = size, 0o400, self._moment
        source = _Hashed(file, size)
        self._tar.addfile(info, source)  # type: ignore[arg-type]
        digest = source.digest.hexdigest()
        self._sums.append("%s  %s\n" % (digest, info.name))
        return digest


class _Hashed:
    """A file that ends at a size, filled up with zeros if it became shorter."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size
        self.digest = sha256()

    def read(self, count: int) -> bytes:
        count = min(count, self._left)
        data = self._file.read(count).ljust(count, b"\0")
        self._left -= count
        self.digest.update(data)
        return data


def json_line(values: Mapping[str, Any]) -> bytes:
    """Return values as a line of JSON, in ASCII; bytes of names that are not UTF-8 stay as they are escaped."""
    return json.dumps(values, sort_keys=True).encode("ascii") + b"\n"
