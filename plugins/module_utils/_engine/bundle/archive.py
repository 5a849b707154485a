# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ArchiveWriter: a pax archive (POSIX.1-2001) that depends on nothing but its members.

Owner and group are 0 without names, modes have permission bits alone, times are whole seconds. Python's tarfile writes
the same bytes in all supported versions. A name that is not UTF-8 is stored as it is (hdrcharset=BINARY).
"""

from __future__ import annotations

import tarfile
from typing import IO, Optional, Protocol, cast

from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, PERMISSION_BITS, Entry

ENCODING, ERRORS = "utf-8", "surrogateescape"
SECOND = 1_000_000_000

_File = Optional[IO[bytes]]
"""As tarfile wants it; it calls the methods of Sink and Content alone."""

_TYPES = {FILE: tarfile.REGTYPE, DIRECTORY: tarfile.DIRTYPE, LINK: tarfile.SYMTYPE}
_BLOCK = 1 << 20


class Sink(Protocol):
    """Takes an archive."""

    def write(self, data: bytes) -> int: ...

    def tell(self) -> int: ...


class Content(Protocol):
    """Gives the content of a file."""

    def read(self, size: int) -> bytes: ...


class ArchiveWriter:
    """Writes members to `sink`. time: of directories and links, in seconds since 1970."""

    def __init__(self, sink: Sink, time: int) -> None:
        self._time = time
        self._tar = tarfile.TarFile(
            fileobj=cast("_File", sink),
            mode="w",
            format=tarfile.PAX_FORMAT,
            encoding=ENCODING,
            errors=ERRORS,
            copybufsize=_BLOCK,
        )

    def add(self, path: RelPath, entry: Entry, content: Optional[Content] = None) -> None:
        """Add a member; of a file with exactly `entry.size` bytes of `content`."""
        info = tarfile.TarInfo(path.decode(ENCODING, ERRORS))
        info.type = _TYPES[entry.kind]
        info.mode = PERMISSION_BITS if entry.kind == LINK else entry.mode & PERMISSION_BITS
        info.mtime = entry.mtime // SECOND if entry.kind == FILE else self._time
        info.size = entry.size if entry.kind == FILE else 0
        info.linkname = (entry.target or b"").decode(ENCODING, ERRORS)
        self._tar.addfile(info, cast("_File", content))
        self._tar.members.clear()  # type: ignore[attr-defined]  # it only grows, and is not read

    def close(self) -> None:
        """Write the end of the archive."""
        self._tar.close()
