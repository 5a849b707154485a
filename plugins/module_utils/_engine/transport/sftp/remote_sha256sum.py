# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an SFTP server hashes files itself: by check-file, or by its own sha256sum(1) where the account has a shell.

sha256sum is one process, and so one login, for all lists of a run: names go to xargs(1) on standard input, so that no
name is ever part of a command line that a shell reads. xargs starts hashing as soon as it has enough names; each list
is followed by as many names of an empty file, so that no name waits, and their first sum shows that the list is done.
`-z` ends each line of output with NUL and leaves names unescaped (GNU coreutils).

No byte crosses the session while a file is hashed: the time limit depends on the sizes of the files whose sums are due.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Callable, Dict, Generator, Iterable, Iterator, Optional, Sequence

from ...errors import NotSupported, OperationFailed, Stalled, SyncError
from ...model.relpath import ROOT, RelPath
from ...sftp.packets import FX_OP_UNSUPPORTED
from ...sftp.pool import LONGEST_SILENCE, SftpPool
from ...ssh.stream import Stream
from ..base import Digested
from .digest import SLOWEST_HASH, CheckFile, check_file_body
from .names import Look

TOGETHER = 1024
"""Names with which xargs starts a process."""
COMMAND = f"sha256sum -bz /dev/null && exec xargs -0 -r -n {TOGETHER} sha256sum -bz --"
"""The first sum proves that the program exists and works as expected; output of start-up files comes before it."""

FILLERS = (b"/dev/./null", b"/dev/././null")
"""Taken in turn: of one list's, some may wait in xargs for names of the next."""
FIRST = b"/dev/null"
"""Goes ahead of all lists. It is no filler: its sum would pass for the end of the first list."""
_PROOF = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 */dev/null\0"
_BLOCK = 65536
_HEX = 64
_LINE = _HEX + 3
"""Bytes of a line besides its name."""
_DUE = 64
"""Files whose sums come at once, since sha256sum writes with -z in blocks of 4 KiB."""
_LOOK_UP = 5.0
"""Seconds of waiting after which the session may show that it lives."""
ANSWERED_IN_TIME = 10.0
"""Seconds for which every server waits for a passphrase or a password. None is sent before `available`; so a login
that failed and was begun earlier is tried again."""
CHECK_FILE, SHA256SUM = "check-file", "sha256sum"


class RemoteSha256sum:
    """open_exec starts COMMAND on the server.

    stall_timeout: seconds without a byte from a server that hashes nothing
    sizes: bytes of the given files together, asked of the session, which may find it dead by that
    meanwhile: called every few seconds of waiting
    """

    def __init__(
        self,
        open_exec: Callable[[str], Stream],
        *,
        stall_timeout: float,
        sizes: Callable[[Sequence[RelPath]], int] = lambda paths: 0,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        self._open_exec = open_exec
        self._stall_timeout = stall_timeout
        self._sizes = sizes
        self._meanwhile = meanwhile
        self._probed: Optional[bool] = None
        self._starting: Optional[Stream] = None
        self._began = 0.0
        self._ready: Optional[Stream] = None
        self._lists = 0

    def begin(self) -> None:
        """Start the preparations for `available`."""
        if self._probed is None and self._starting is None:
            with suppress(SyncError):  # the same comes when it is waited for
                self._starting = self._open_exec(COMMAND)
                self._began = time.monotonic()

    def available(self) -> bool:
        """Return whether the account may run sha256sum; asked once."""
        if self._probed is None:
            self._ready = self._start()
            self._probed = self._ready is not None
        return self._probed

    def _start(self) -> Optional[Stream]:
        begun, self._starting = self._starting, None
        if begun is not None:
            in_time = time.monotonic() - self._began < ANSWERED_IN_TIME
            stream = self._checked(begun)
            if stream is not None or in_time:
                return stream
        return self._checked(self._open_exec(COMMAND))

    def _checked(self, stream: Stream) -> Optional[Stream]:
        """Return the stream, once sha256sum runs on it; None, and it is closed, where it does not."""
        try:
            stream.wait_ready()
            if self._starts_well(stream):
                return stream
        except (SyncError, OSError):
            # An account without a shell: servers refuse in many ways.
            pass
        except BaseException:
            stream.close()
            raise
        stream.close()
        return None

    def _starts_well(self, stream: Stream) -> bool:
        # A name like any other for xargs. To an sftp-server that an account is bound to (ForceCommand) these bytes are
        # a request that is far too long: it ends at once, and would wait for requests in silence otherwise.
        os.write(stream.write_fd, FIRST + b"\0")
        seen = b""
        deadline = time.monotonic() + self._stall_timeout
        while not seen.endswith(_PROOF):
            if len(seen) > _BLOCK or not _wait(stream, select.POLLIN, deadline):
                return False
            data = os.read(stream.read_fd, _BLOCK)
            if not data:
                return False
            seen += data
        return True

    def digest(self, names: Dict[bytes, RelPath]) -> Iterator[Digested]:
        """Hash files; names: full path on the server -> the path in results."""
        left, waited = dict(names), self._ready is not None
        stream = self._ready or self._start()
        if stream is None:
            yield from _unknown(left, "the server no longer runs sha256sum")
            return
        whole = yield from self._hash(left, stream)
        if left and waited and not whole:
            yield from self.digest(left)  # it may have ended since it was used last
        else:
            yield from _unknown(left, "the server's sha256sum could not read it")

    def _hash(self, left: Dict[bytes, RelPath], stream: Stream) -> Generator[Digested, None, bool]:
        """Remove answered names from `left`; return whether all were processed. Then `stream` is kept for more."""
        whole, self._ready = False, None
        try:
            whole = yield from self._converse(left, stream)
        finally:
            if whole:
                self._ready = stream
            else:
                stream.close()
        return whole

    def _converse(self, left: Dict[bytes, RelPath], stream: Stream) -> Generator[Digested, None, bool]:
        self._lists += 1
        filler = FILLERS[self._lists % 2]
        names = list(left) + [filler] * TOGETHER
        rest, room = b"", sum(_LINE + len(name) for name in names + [FILLERS[0]] * TOGETHER)
        exchange = _Exchange(stream, b"".join(name + b"\0" for name in names))
        silence = _Silence(self._stall_timeout, lambda: self._sizes(list(islice(left.values(), _DUE))), self._meanwhile)
        dealt_with = False
        for data in exchange.replies(silence):
            room -= len(data)
            if room < 0:
                break  # More than all the lines that were asked for: it may never end.
            *lines, rest = (rest + data).split(b"\0")
            for line in lines:
                digest, name = line[:_HEX], line[_HEX + 2 :]
                path = left.pop(name, None)
                if path is not None:
                    yield _digested(path, digest)
                dealt_with = dealt_with or name == filler
            if dealt_with and not exchange.unsent:
                return True
        return False

    def close(self) -> None:
        """End the process that waits."""
        for stream in (self._ready, self._starting):
            if stream is not None:
                stream.close()
        self._ready = self._starting = None


def _unknown(left: Dict[bytes, RelPath], why: str) -> Iterator[Digested]:
    for path in left.values():
        yield Digested(path, None, 0, OperationFailed(why, path=path))


def _digested(path: RelPath, text: bytes) -> Digested:
    try:
        return Digested(path, bytes.fromhex(text.decode("ascii")))
    except ValueError:
        return Digested(path, None, 0, OperationFailed("the server's sha256sum gave no digest", path=path))


def _wait(stream: Stream, events: int, deadline: float) -> bool:
    poll = select.poll()
    poll.register(stream.read_fd, events)
    return bool(poll.poll(max(0, int((deadline - time.monotonic()) * 1000))))


class _Silence:
    """How long nothing may come. due: bytes whose sums come next."""

    def __init__(self, patience: float, due: Callable[[], int], meanwhile: Callable[[], None]) -> None:
        self._patience = patience
        self._due = due
        self._meanwhile = meanwhile
        self.broken()

    def broken(self) -> None:
        """Record that a byte moved."""
        self._since = time.monotonic()
        self._judged_at = self._since + self._patience

    def milliseconds(self) -> int:
        """Return how long to wait before `judge` is called again."""
        return max(0, int(min(self._judged_at - time.monotonic(), _LOOK_UP) * 1000))

    def judge(self) -> None:
        """Raise Stalled where it takes longer than the slowest server needs."""
        self._meanwhile()
        now = time.monotonic()
        if now < self._judged_at:
            return
        allowed = self._patience + min(self._due() / SLOWEST_HASH, LONGEST_SILENCE)
        if now - self._since >= allowed:
            raise Stalled(f"the server's sha256sum sent no output for {allowed:g} seconds")
        self._judged_at = min(self._since + allowed, time.monotonic() + self._patience)


class _Exchange:
    """unsent: the bytes that are left to send."""

    def __init__(self, stream: Stream, unsent: bytes) -> None:
        self._stream = stream
        self.unsent = unsent

    def replies(self, silence: _Silence) -> Iterator[bytes]:
        """Send all, and yield the replies until the other end closes; an empty item once when all has been sent."""
        stream = self._stream
        poll = select.poll()
        poll.register(stream.read_fd, select.POLLIN)
        poll.register(stream.write_fd, select.POLLOUT)
        if stream.message_fd is not None:
            poll.register(stream.message_fd, select.POLLIN)
        while True:
            ready = poll.poll(silence.milliseconds())
            if all(fd == stream.message_fd for fd, _events in ready):
                silence.judge()
            for fd, events in ready:
                if fd == stream.message_fd:
                    stream.drain_messages()
                    if events & select.POLLHUP:
                        poll.unregister(fd)
                    continue
                silence.broken()
                if fd == stream.read_fd:
                    data = os.read(fd, _BLOCK)
                    if not data:
                        return
                    yield data
                    silence.broken()
                else:
                    self.unsent = _send(fd, self.unsent)
                    if not self.unsent:
                        poll.unregister(fd)
                        yield b""


def _send(fd: int, pending: bytes) -> bytes:
    """Write as much as possible; return the rest. It is empty if the reader is gone: its last output shows why."""
    try:
        return pending[os.write(fd, pending[:_BLOCK]) :] if pending else b""
    except BrokenPipeError:
        return b""


class ServerHash:
    """Hashes files on the server.

    pool: the sessions
    full: returns the server's path for a path of the tree
    open_exec: starts a command on the server
    stall_timeout: seconds
    """

    def __init__(
        self,
        pool: Callable[[], SftpPool],
        full: Callable[[RelPath], bytes],
        open_exec: Callable[[str], Stream],
        *,
        stall_timeout: float,
    ) -> None:
        self._pool, self._full = pool, full
        self._sha256sum = RemoteSha256sum(
            open_exec, stall_timeout=stall_timeout, sizes=self._size_of, meanwhile=lambda: pool().beat()
        )
        self._has_check_file: Optional[bool] = None

    def foresee(self) -> None:
        """Start the preparations for `way`."""
        if not self.checks_files():
            self._sha256sum.begin()

    def way(self) -> Optional[str]:
        """CHECK_FILE, SHA256SUM, or None; asked once."""
        if self.checks_files():
            return CHECK_FILE
        return SHA256SUM if self._sha256sum.available() else None

    def checks_files(self) -> bool:
        """Return whether the server has check-file; asked once."""
        # ProFTPD does not advertise check-file; every server that lacks it replies "unsupported".
        if self._has_check_file is None:
            pool = self._pool()
            ask = partial(pool.clients[0].extended, b"check-file-name", check_file_body(self._full(ROOT)))
            reply = pool.call(pool.clients[0], ask)
            self._has_check_file = isinstance(reply, int) and reply != FX_OP_UNSUPPORTED
        return self._has_check_file

    def digest(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        way, pool = self.way(), self._pool()
        if way is None:
            raise NotSupported("the server cannot hash files", cure="Use proof: read_back, or auto.")
        if way == CHECK_FILE:
            return pool.run(CheckFile(path, self._full(path), pool) for path in paths)
        return self._sha256sum.digest({self._full(path): path for path in paths})

    def _size_of(self, paths: Sequence[RelPath]) -> int:
        looks = self._pool().run(Look(path, self._full(path)) for path in paths)
        return sum(entry.size for _path, entry, _error in looks if entry is not None)

    def close(self) -> None:
        """End the processes on the server."""
        self._sha256sum.close()
