# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a capture: a compressed tar whose members come with their SHA-256, and whose size is limited. Content
that does not become smaller is counted with all that the format adds, so that no client can make an archive too large.

SHA256SUMS is the last member, for `sha256sum -c` after the archive is unpacked.
"""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, List, Mapping, Optional, Protocol, Type

from ..errors import EvidenceTooLarge
from ..integrity.digest import sha256
from ..model.display import display_text

_COMPRESSION = 1
_SUMS = "SHA256SUMS"
_PADDING = 511
_FRAME = 512 + _PADDING + tarfile.RECORDSIZE + 64
"""Header of SHA256SUMS, end of the archive, and frame of the compression."""


class Readable(Protocol):
    """A file that is read once."""

    def read(self, count: int) -> bytes: ...


class Archive:
    """file: gets the archive. most: bytes of the archive, if nothing becomes smaller. moment: time of the members."""

    def __init__(self, file: IO[bytes], most: int, moment: float) -> None:
        # Closed by __exit__. pylint: disable-next=consider-using-with
        self._tar = tarfile.open(  # noqa: SIM115
            fileobj=file, mode="w:gz", compresslevel=_COMPRESSION, format=tarfile.PAX_FORMAT
        )
        self._most = most
        self._left = most - _FRAME - most // 1000
        self._moment = int(moment)
        self._sums: List[str] = []

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], _error: object, _trace: Optional[TracebackType]) -> None:
        if kind is not None:
            with suppress(OSError):
                self._tar.close()
            return
        sums = "".join(self._sums).encode("utf-8", "surrogateescape")
        self._store(_SUMS, io.BytesIO(sums), len(sums))
        self._tar.close()

    def room(self, *names: str) -> int:
        """Return the bytes of content that members of these names can have together."""
        return max(0, self._left - sum(self._cost(display_text(each)) + _PADDING for each in names))

    def add(self, name: str, content: bytes) -> None:
        """Add a member. Raises EvidenceTooLarge, OSError."""
        self.add_file(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, file: Readable, size: int) -> str:
        """Add a member from a file at its place, and return its SHA-256. Raises EvidenceTooLarge, OSError."""
        if size > self.room(name):
            raise EvidenceTooLarge(
                f"max_size: {self._most} bytes have no room for {display_text(name)}", cure="Raise max_size."
            )
        shown = display_text(name)
        self._left -= self._cost(shown) + size + _PADDING
        digest = self._store(shown, file, size)
        self._sums.append(_line(digest, shown))
        return digest

    def _cost(self, shown: str) -> int:
        """Return the bytes that a member takes without its content: its headers, and its line in SHA256SUMS."""
        return len(self._info(shown, self._most).tobuf(tarfile.PAX_FORMAT)) + len(_line("0" * 64, shown).encode())

    def _store(self, shown: str, file: Readable, size: int) -> str:
        source = _Hashed(file, size)
        self._tar.addfile(self._info(shown, size), source)  # type: ignore[arg-type]
        return source.digest.hexdigest()

    def _info(self, shown: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(shown)
        info.size, info.mode, info.mtime = size, 0o400, self._moment
        return info


def _line(digest: str, shown: str) -> str:
    return f"{digest}  {shown}\n"


class _Hashed:
    """A file that ends at a size, filled up with zeros if it became shorter."""

    def __init__(self, file: Readable, size: int) -> None:
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
