# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""age files by pyrage, the Python binding of rage.

pyrage replaces every exception of a reader or writer by its own. A signal handler's exception comes out of the first
Python instruction after the signal, and that is in the reader or writer. Both are generators: their code resumes inside
`try`, so each exception is kept and raised again. (The jump to the loop's start is such an instruction, too.) Both are
closed at the end of the call: the garbage collector would close them later, and Python drops exceptions there.
"""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any, Callable, Generator, List, Optional, Sequence

from ..errors import OperationFailed, SealingUnavailable
from ..model.sealing import AGE
from .identities import AgeIdentity, identity_invalid
from .provider import BLOCK, Read, Write, not_for_us, sealed_damaged
from .recipients import recipient_invalid, recipients_digest

_NO_MATCH = "No matching keys found"


@functools.cache
def _pyrage() -> Optional[Any]:
    try:
        import pyrage  # pylint: disable=import-outside-toplevel
    except ImportError:
        return None
    return pyrage if hasattr(pyrage, "decrypt_io") else None


def has_pyrage() -> bool:
    """Return whether the library can be used. Versions before 1.2 cannot stream."""
    return _pyrage() is not None


def _library() -> Any:
    found = _pyrage()
    if found is None:
        raise SealingUnavailable(
            "format: age needs the Python library pyrage", cure="Install pyrage 1.4 or newer on this host."
        )
    return found


class PyrageSealer:
    """Seals files for `recipients`, as `age_recipients` returns them."""

    def __init__(self, recipients: Sequence[str]) -> None:
        self._library = _library()
        self._recipients = [self._recipient(number, text) for number, text in enumerate(recipients, 1)]
        self.recipients_digest = recipients_digest(AGE, recipients)

    def _recipient(self, number: int, text: str) -> Any:
        kind = self._library.ssh if text.startswith("ssh-") else self._library.x25519
        try:
            return kind.Recipient.from_str(text)
        except self._library.RecipientError:
            raise recipient_invalid(number, "is damaged: its checksum is wrong") from None

    def seal(self, read: Read, write: Write) -> None:
        try:
            _Streams(read, write, gather=1).run(self._library.encrypt_io, self._recipients)
        except self._library.EncryptError as error:
            raise OperationFailed(f"pyrage: {error}") from None

    def close(self) -> None:
        """Nothing is open."""


class PyrageOpener:
    """Opens files with `identities`."""

    def __init__(self, identities: Sequence[AgeIdentity]) -> None:
        self._library = _library()
        self._identities = [self._identity(each) for each in identities]

    def _identity(self, identity: AgeIdentity) -> Any:
        try:
            if identity.ssh:
                return self._library.ssh.Identity.from_buffer(identity.text.encode())
            return self._library.x25519.Identity.from_str(identity.text)
        except self._library.IdentityError:
            raise identity_invalid(identity.option, "is damaged") from None

    def open(self, read: Read, write: Write) -> None:
        try:
            _Streams(read, write, gather=BLOCK).run(self._library.decrypt_io, self._identities)
        except self._library.DecryptError as error:
            raise not_for_us() if str(error) == _NO_MATCH else sealed_damaged(str(error)) from None
        except _StreamBroken as error:
            raise sealed_damaged(str(error)) from None

    def close(self) -> None:
        """Nothing is open."""


class _StreamBroken(Exception):
    """pyrage's own OSError, about the payload."""


class _Streams:
    """The reader and the writer of one call, as pyrage calls them, and their first exception.

    gather: number of bytes that are written at once, at least
    """

    def __init__(self, read: Read, write: Write, *, gather: int) -> None:
        self._failed: Optional[BaseException] = None
        self._gather = gather
        self._reader = self._reading(read)
        self._writer = self._writing(write)

    def run(self, function: Callable[..., Any], keys: List[Any]) -> None:
        """Call the library. Raises the exception of `read` or `write`, _StreamBroken, and errors of the library."""
        for generator in (self._reader, self._writer):
            next(generator)
        try:
            function(SimpleNamespace(read=self._reader.send), SimpleNamespace(write=self._writer.send), keys)
            self._writer.send(b"")
        except BaseException as error:
            if self._failed is not None:
                raise self._failed from None
            if isinstance(error, OSError):
                raise _StreamBroken(str(error)) from None
            raise
        finally:
            self._reader.close()
            self._writer.close()

    def _reading(self, read: Read) -> Generator[bytes, int, None]:
        """Yield at most as many bytes as are sent."""
        held, start, piece = b"", 0, b""
        try:
            while True:
                count = yield piece
                if start >= len(held):
                    held, start = read(BLOCK), 0
                piece = held[start : start + count]
                start += len(piece)
        except BaseException as error:
            self._keep(error)
            raise

    def _writing(self, write: Write) -> Generator[int, bytes, None]:
        """Yield the number of bytes that were sent. Nothing sent: all bytes so far are written."""
        held: List[bytes] = []
        size = taken = 0
        try:
            while True:
                data = yield taken
                held.append(data)
                taken = len(data)
                size += taken
                if size and (size >= self._gather or not data):
                    write(b"".join(held))
                    held, size = [], 0
        except BaseException as error:
            self._keep(error)
            raise

    def _keep(self, error: BaseException) -> None:
        if self._failed is None:
            self._failed = error
