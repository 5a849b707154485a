# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""age files: by the program age, or without a process for each file by pyrage, the Python binding of rage.

For age, keys go through pipes, which it reads as /dev/fd/N: identities are in no argument, environment or file. Keys
are tried before the first file.

pyrage replaces every exception of a reader or writer by its own. A signal handler's exception comes out of the first
Python instruction after the signal, and that is in the reader or writer. Both are generators: their code resumes inside
`try`, so each exception is kept and raised again. (The jump to the loop's start is such an instruction, too.) Both are
closed at the end of the call: the garbage collector would close them later, and Python drops exceptions there.
"""

from __future__ import annotations

import functools
import re
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Callable, Generator, Iterator, List, Optional, Sequence

from ..errors import OperationFailed, SealingUnavailable
from ..model.display import display_text
from ..model.request import AGE
from ..system.child_processes import ChildProcesses
from .identities import AgeIdentity, identity_invalid
from .piped_program import Ended, find_program, once, run_piped
from .provider import BLOCK, Read, Write, not_for_us, recipient_invalid, recipients_digest, sealed_damaged

_PYRAGE_NO_MATCH = "No matching keys found"
_OLDEST = (1, 1)
_ERROR = re.compile(r"^age: error: (.+)$", re.MULTILINE)
_NO_MATCH = "no identity matched any of the recipients"
_OF_OTHERS = (_NO_MATCH, "file is passphrase-encrypted")
_FOR_OTHERS = b"""age-encryption.org/v1
-> X25519 FJS1pgcMhWytK4GYgw85x0Rr+LMBBWU+rHYJhgUXVn8
0GgrwA9z8cYACHt4UseAl42lqwOQNXAhufbzhTLWTgw
--- 5pmfKmUfyQgqXxp26kRrPK69YTg62wESR6u8BqXX8FU
"""
"""The start of a file whose identity was thrown away."""


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
            raise not_for_us() if str(error) == _PYRAGE_NO_MATCH else sealed_damaged(str(error)) from None
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


class _Age:
    """The program, with a guard for its processes."""

    def __init__(self) -> None:
        self._program = _find_age()
        self._guard = ChildProcesses()

    def run(self, option: str, keys: Sequence[str], read: Read, write: Write) -> Ended:
        """Run age with `option` before each key."""

        def words(given: Sequence[int], _answers: int) -> List[str]:
            action = ["--decrypt"] if option == "-i" else []
            return [self._program, *action, *(word for end in given for word in (option, f"/dev/fd/{end}"))]

        return run_piped(self._guard, words, read, write, secrets=[(key + "\n").encode() for key in keys])

    def close(self) -> None:
        self._guard.close()


class AgeSealer:
    """Seals files for `recipients`, as `age_recipients` returns them."""

    def __init__(self, recipients: Sequence[str]) -> None:
        self.recipients_digest = recipients_digest(AGE, recipients)
        self._recipients = ["\n".join(recipients)]
        self._age = _Age()
        with _closed_on_error(self):
            for number, text in enumerate(recipients, 1):
                ended = self._age.run("-R", [text], once(b""), len)
                if ended.status:
                    raise recipient_invalid(number, f"is refused by age: {_complaint(ended)}")

    def seal(self, read: Read, write: Write) -> None:
        ended = self._age.run("-R", self._recipients, read, write)
        if ended.status or not ended.whole:
            raise _failed(ended)

    def close(self) -> None:
        self._age.close()


class AgeOpener:
    """Opens files with `identities`."""

    def __init__(self, identities: Sequence[AgeIdentity]) -> None:
        self._identities = [each.text for each in identities]
        self._age = _Age()
        with _closed_on_error(self):
            for identity in identities:
                ended = self._age.run("-i", [identity.text], once(_FOR_OTHERS), len)
                if _NO_MATCH not in ended.messages:
                    raise identity_invalid(identity.option, f"is refused by age: {_complaint(ended)}")

    def open(self, read: Read, write: Write) -> None:
        ended = self._age.run("-i", self._identities, read, write)
        if ended.status not in (0, 1):
            raise _failed(ended)
        if any(text in ended.messages for text in _OF_OTHERS):
            raise not_for_us()
        if ended.status or not ended.whole:
            raise sealed_damaged(_complaint(ended))

    def close(self) -> None:
        self._age.close()


@contextmanager
def _closed_on_error(provider: AgeSealer | AgeOpener) -> Iterator[None]:
    try:
        yield
    except BaseException:
        provider.close()
        raise


def _failed(ended: Ended) -> OperationFailed:
    return OperationFailed(
        f"age ended with status {ended.status}: {_complaint(ended)}", cure="Check the program age on this host."
    )


def _complaint(ended: Ended) -> str:
    found = _ERROR.search(ended.messages)
    return display_text(found.group(1)) if found else "it gave no reason"


def _find_age() -> str:
    return find_program(
        "age",
        _OLDEST,
        needs="format: age needs the Python library pyrage or the program age",
        cure="Install pyrage 1.4 or newer, or age 1.1 or newer, on this host.",
    )
