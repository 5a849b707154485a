# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SftpClient: requests and replies of SFTP version 3 over one stream, many in flight.

- A request gets the next number and names the handler of its reply. It joins the output queue; small packets are
  gathered into large buffers, because one large write is faster than many small writes.
- `flush` writes as much as the stream takes now. `receive` reads the available bytes into one large buffer, parses
  every whole packet in place, and calls the handler of its number. A handler must not keep a memoryview beyond its own
  call.
- Replies may come in any order. A server whose replies come in another order than the requests carries requests out at
  the same time, perhaps also a WRITE and the CLOSE behind it: from then on it gets one request at a time (`in_turn`).
- A reply to an unknown number, of the wrong type or of an impossible size is a ProtocolViolation: nothing is guessed.
- `store` and `fetch` send three requests in one go, so that a small file costs one round trip after OPEN.
- Nothing here blocks: the pool (`pool`) polls the descriptors of all sessions and calls in.
"""

from __future__ import annotations

import os
from collections import deque
from functools import partial
from itertools import islice
from struct import Struct
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, Iterable, List, NamedTuple, Optional, Tuple, Type, Union

from ..errors import (
    AlreadyExists,
    ConnectionLost,
    NoSpace,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    ProtocolViolation,
    QuotaExceeded,
    SyncError,
    UnsafeName,
)
from ..model.display import display
from ..model.tree import Entry
from ..ssh.stream import Stream
from . import packets
from .packets import HANDLE, HEADER, STATUS, U32, string

if TYPE_CHECKING:
    from ..model.blocks import Buffer

Reply = Union[int, bytes, memoryview]
"""A status code (an int); a handle; or the body of a DATA, NAME, ATTRS or EXTENDED_REPLY packet, valid during the call
only."""

Opened = Union[int, bytes]
"""A status code (an int) or a handle: the reply to OPEN and OPENDIR."""

Handler = Callable[[Reply], None]

_Request = Union[int, bytes]
_Awaited = Tuple[int, Optional[Callable[[Any], None]], _Request]
"""Of a reply: its type, its handler, and the type or the extension of the request."""
_NOTHING: _Awaited = (0, None, packets.INIT)

_HANDLE_HEAD = Struct(">IBII")
_READ_TAIL = Struct(">QI")
_U64_U32 = Struct(">QI")
_BUFFER_SIZE = 1 << 20
_LARGEST_PACKET = 512 * 1024
_WRITEV_BUFFERS = 512
_COPIED = 16384
_GATHERED = 65536
_DEFAULT_CHUNK = 32768
_DISTANT = 0.004
"""Seconds of a round trip from which on one SSH channel's window, and not a processor, holds a transfer back."""
_REFUSALS = (packets.FX_PERMISSION_DENIED, packets.FX_FAILURE, packets.FX_OP_UNSUPPORTED)
"""The codes of a request that the server does not admit or does not know, and of much else."""
_REQUESTS: Dict[int, Tuple[str, str]] = {
    packets.INIT: ("INIT", "begin"),
    packets.OPEN: ("OPEN", "open or create the file"),
    packets.CLOSE: ("CLOSE", "close the file"),
    packets.READ: ("READ", "read"),
    packets.WRITE: ("WRITE", "write"),
    packets.LSTAT: ("LSTAT", "look up the entry"),
    packets.FSTAT: ("FSTAT", "look up the open file"),
    packets.SETSTAT: ("SETSTAT", "set mode and time"),
    packets.FSETSTAT: ("FSETSTAT", "set mode and time"),
    packets.OPENDIR: ("OPENDIR", "open the directory"),
    packets.READDIR: ("READDIR", "list the directory"),
    packets.REMOVE: ("REMOVE", "remove the file"),
    packets.MKDIR: ("MKDIR", "make the directory"),
    packets.RMDIR: ("RMDIR", "remove the directory"),
    packets.REALPATH: ("REALPATH", "resolve the path"),
    packets.STAT: ("STAT", "look up the target"),
    packets.RENAME: ("RENAME", "rename the file"),
    packets.READLINK: ("READLINK", "read the link"),
    packets.SYMLINK: ("SYMLINK", "make the link"),
}
_ERRORS: Dict[int, Tuple[Type[SyncError], str]] = {
    packets.FX_EOF: (OperationFailed, "end of file"),
    packets.FX_NO_SUCH_FILE: (NotFound, "no such file"),
    packets.FX_PERMISSION_DENIED: (PermissionDenied, "permission denied"),
    packets.FX_NO_CONNECTION: (ConnectionLost, "no connection"),
    packets.FX_CONNECTION_LOST: (ConnectionLost, "connection lost"),
    packets.FX_OP_UNSUPPORTED: (NotSupported, "operation unsupported"),
    packets.FX_NO_SUCH_PATH: (NotFound, "no such path"),
    packets.FX_FILE_ALREADY_EXISTS: (AlreadyExists, "file already exists"),
    packets.FX_WRITE_PROTECT: (PermissionDenied, "write protected"),
    packets.FX_NO_SPACE_ON_FILESYSTEM: (NoSpace, "no space on the file system"),
    packets.FX_QUOTA_EXCEEDED: (QuotaExceeded, "quota exceeded"),
    packets.FX_NOT_A_DIRECTORY: (NotFound, "not a directory"),
    packets.FX_LINK_LOOP: (UnsafeName, "a loop of links"),
}


class Limits(NamedTuple):
    """The server's limits: bytes of one READ and one WRITE, open handles (limits@openssh.com)."""

    read: int = _DEFAULT_CHUNK
    write: int = _DEFAULT_CHUNK
    handles: int = 64


def say_hello(stream: Stream) -> None:
    """Put SSH_FXP_INIT for version 3 into the stream; it waits there for the end of the login, which saves a round
    trip."""
    os.write(stream.write_fd, U32.pack(5) + bytes((packets.INIT,)) + U32.pack(3))


class SftpClient:
    """One SFTP session. `message` is the text of the status that is being handled, `asked` the type of its request, or
    the name of its extension.

    in_turn: whether each request waits for the reply to the request before it
    """

    def __init__(self, stream: Stream, *, in_turn: bool = False) -> None:
        self.stream = stream
        self.in_turn = in_turn
        self.limits = Limits()
        self.extensions: Dict[bytes, bytes] = {}
        self.message = b""
        self.asked: _Request = packets.INIT
        self.in_flight = 0
        """Content bytes asked for or sent and not yet answered; kept by the operations."""
        self.waiting: Deque[Callable[[], None]] = deque()
        """Functions to call, in turn, when content may move again."""
        self.round_trip = 0.0
        """Seconds that a request took while nothing else was going on."""
        self._looks_by_path = False
        self._refuses_lstat: Optional[bool] = None
        self._pending: Dict[int, _Awaited] = {}
        self._next_id = 0
        self._due = 0
        """The request whose reply comes next from a server that carries them out in order."""
        self._held: Deque[bytes] = deque()
        """Requests that wait for replies, with `in_turn`."""
        self._out: Deque[Buffer] = deque()
        self._tail: Optional[bytearray] = None
        """The last of `_out`, where more may be put behind it."""
        self.out_bytes = 0
        self._spare: List[bytearray] = []
        self._buffer = bytearray(_BUFFER_SIZE)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0
        self._dispatching = False
        self._version: Optional[Callable[[memoryview], None]] = None

    @property
    def is_distant(self) -> bool:
        """Return whether replies take so long that more must be under way."""
        return self.round_trip >= _DISTANT

    # requests

    def on_version(self, handler: Callable[[memoryview], None]) -> None:
        """Send the greeting; the handler gets the body of VERSION."""
        self._version = handler

    def request(
        self, kind: int, expected: int, body: bytes, handler: Callable[[Any], None], *, name: bytes = b""
    ) -> None:
        """Send a request whose good reply is of type `expected`; the handler gets that or a status code. name: of an
        extension."""
        ident = self._next_id
        self._next_id = (ident + 1) & 0xFFFFFFFF
        self._pending[ident] = (expected, handler, name or kind)
        self._put(HEADER.pack(5 + len(body), kind, ident) + body)

    def open(self, path: bytes, flags: int, attributes: bytes, handler: Callable[[Opened], None]) -> None:
        """Open a file; the handler gets the handle."""
        self.request(packets.OPEN, HANDLE, string(path) + U32.pack(flags) + attributes, handler)

    def chunk(self) -> memoryview:
        """Return memory for one WRITE of the largest size that the server takes. It is reused as soon as it is sent,
        while it is in the processor's cache; allocating it each time costs more than filling it."""
        return memoryview(self._spare.pop() if self._spare else bytearray(self.limits.write))

    def write(self, handle: bytes, offset: int, data: Buffer, handler: Handler) -> None:
        """Write all of `data`, which must not change before it is sent; a `chunk` must not be used after this."""
        ident = self._next_id
        self._next_id = (ident + 1) & 0xFFFFFFFF
        self._pending[ident] = (STATUS, handler, packets.WRITE)
        size = len(data)
        head = _HANDLE_HEAD.pack(21 + len(handle) + size, packets.WRITE, ident, len(handle))
        head += handle + _U64_U32.pack(offset, size)
        if size <= _COPIED or self.in_turn:
            self._put(b"".join((head, data)))
        else:
            self._put(head)
            self._out.append(data)
            self._tail = None
            self.out_bytes += size

    def store(self, handle: bytes, data: bytes, attributes: bytes, handler: Handler) -> None:
        """WRITE a whole small file, FSETSTAT and CLOSE in one go; the handler gets the three replies."""
        kinds = (packets.WRITE, packets.FSETSTAT, packets.CLOSE)
        one, two, three = self._expect((STATUS, handler, kind) for kind in kinds)
        length, size, head = len(handle), len(data), _HANDLE_HEAD.pack
        self._put(
            b"".join((head(21 + length + size, packets.WRITE, one, length), handle, _U64_U32.pack(0, size), data)),
            b"".join((head(9 + length + len(attributes), packets.FSETSTAT, two, length), handle, attributes)),
            head(9 + length, packets.CLOSE, three, length) + handle,
        )

    def lstat(self, path: bytes, handler: Handler) -> None:
        """LSTAT, or a look into the listing of the directory if the server refuses it for every path; the handler gets
        the reply."""
        if self._refuses_lstat:
            self._look_in_listing(path, handler)
        else:
            self.request(packets.LSTAT, packets.ATTRS, string(path), partial(self._lstat_answered, path, handler))

    def _lstat_answered(self, path: bytes, handler: Handler, reply: Reply) -> None:
        def tried(other: Reply) -> None:
            self._refuses_lstat = other == refusal
            if self._refuses_lstat:
                self._look_in_listing(path, handler)
            else:
                self.request(packets.LSTAT, packets.ATTRS, string(path), handler)

        refusal = reply
        if self._refuses_lstat is None and reply in (packets.FX_PERMISSION_DENIED, packets.FX_OP_UNSUPPORTED):
            self.request(packets.LSTAT, packets.ATTRS, string(b"."), tried)
        else:
            handler(reply)

    def _look_in_listing(self, path: bytes, handler: Handler) -> None:
        from .listed_entry import ListedEntry  # pylint: disable=import-outside-toplevel

        ListedEntry(self, path, handler)

    def look_open(self, handle: bytes, path: bytes, handler: Handler) -> None:
        """FSTAT, or STAT if the server refuses FSTAT, or does not find an open file; the handler gets the reply."""
        kind, subject, handler = self._look_of(handle, path, handler)
        self.request(kind, packets.ATTRS, string(subject), handler)

    def _look_of(self, handle: bytes, path: bytes, handler: Handler) -> Tuple[int, bytes, Handler]:
        def looked(reply: Reply) -> None:
            if reply in (packets.FX_PERMISSION_DENIED, packets.FX_OP_UNSUPPORTED, packets.FX_NO_SUCH_FILE):
                self._looks_by_path = True
                self.look_open(handle, path, handler)
            else:
                handler(reply)

        return (packets.STAT, path, handler) if self._looks_by_path else (packets.FSTAT, handle, looked)

    def fetch(self, handle: bytes, path: bytes, size: int, got: Handler, looked: Handler, closed: Handler) -> None:
        """READ the first `size` bytes, look as `look_open` does, and CLOSE in one go."""
        kind, subject, looked = self._look_of(handle, path, looked)
        one, two, three = self._expect(
            ((packets.DATA, got, packets.READ), (packets.ATTRS, looked, kind), (STATUS, closed, packets.CLOSE))
        )
        length, head = len(handle), _HANDLE_HEAD.pack
        self._put(
            head(21 + length, packets.READ, one, length) + handle + _READ_TAIL.pack(0, size),
            head(9 + len(subject), kind, two, len(subject)) + subject,
            head(9 + length, packets.CLOSE, three, length) + handle,
        )

    def _expect(self, replies: Iterable[_Awaited]) -> List[int]:
        """Return new request ids for these replies."""
        idents = []
        for reply in replies:
            idents.append(self._next_id)
            self._pending[self._next_id] = reply
            self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        return idents

    def _put(self, *requests: bytes) -> None:
        """Append small buffers to the waiting buffers: one large buffer is written faster than many small buffers."""
        if self.in_turn:
            self._held.extend(requests)
            self._release()
            return
        if self._tail is None or len(self._tail) > _GATHERED:
            self._tail = bytearray()
            self._out.append(self._tail)
        for request in requests:
            self._tail += request
            self.out_bytes += len(request)

    def _release(self) -> None:
        """Send the next request if all requests before it are answered."""
        if self._held and len(self._pending) == len(self._held):
            request = self._held.popleft()
            self._out.append(request)
            self._tail = None
            self.out_bytes += len(request)

    def read(self, handle: bytes, offset: int, size: int, handler: Handler) -> None:
        """Read up to `size` bytes; the handler gets a DATA body (see `data_of`)."""
        self.request(packets.READ, packets.DATA, string(handle) + _READ_TAIL.pack(offset, size), handler)

    def close_handle(self, handle: bytes, handler: Handler) -> None:
        self.request(packets.CLOSE, STATUS, string(handle), handler)

    def extended(self, name: bytes, body: bytes, handler: Handler, *, expected: int = STATUS) -> None:
        self.request(packets.EXTENDED, expected, string(name) + body, handler, name=name)

    @property
    def pending(self) -> int:
        """Requests without a reply."""
        return len(self._pending) + (self._version is not None)

    # input and output

    def flush(self) -> int:
        """Write as much as the stream takes now; return the number of bytes. Raises ConnectionLost."""
        written = 0
        out = self._out
        self._tail = None
        while out:
            buffers = list(islice(out, _WRITEV_BUFFERS))
            try:
                count = os.writev(self.stream.write_fd, buffers)
            except BlockingIOError:
                break
            except OSError as error:
                while not self._dispatching and self.receive():
                    pass  # Replies that came before the end count.
                raise self._lost() from error
            written += count
            self.out_bytes -= count
            self._forget(count)
        return written

    def _forget(self, count: int) -> None:
        out = self._out
        while count:
            first = out[0]
            if count < len(first):
                out[0] = memoryview(first)[count:]
                return
            count -= len(first)
            out.popleft()
            self._use_again(first)

    def _use_again(self, sent: Buffer) -> None:
        memory = sent.obj if isinstance(sent, memoryview) else None
        if isinstance(memory, bytearray) and len(memory) == self.limits.write:
            self._spare.append(memory)

    def receive(self) -> int:
        """Read the available bytes and pass every whole reply to its handler; return the number of bytes. Raises
        ConnectionLost."""
        try:
            count = os.readv(self.stream.read_fd, [self._view[self._end :]])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._lost() from error
        if not count:
            raise self._lost()
        self._end += count
        self._dispatching = True
        try:
            self._dispatch()
        finally:
            self._dispatching = False
        self._make_room()
        return count

    def _lost(self) -> SyncError:
        self.stream.drain_messages()
        return self.stream.failure()

    def _dispatch(self) -> None:
        buffer, view, pending = self._buffer, self._view, self._pending
        position, end = self._start, self._end
        header, u32 = HEADER.unpack_from, U32.unpack_from
        while end - position >= 9:
            length, kind, ident = header(buffer, position)
            stop = position + 4 + length
            if stop > end:
                if length > _LARGEST_PACKET:
                    raise ProtocolViolation(f"the server sent a packet of {length} bytes")
                break
            if length < 5:
                raise ProtocolViolation(f"the server sent a packet of {length} bytes")
            body = position + 9
            position = stop
            self._start = stop
            if kind == packets.VERSION and self._version is not None:
                greeted, self._version = self._version, None
                greeted(view[body - 4 : stop])
                continue
            expected, handler, asked = pending.pop(ident, _NOTHING)
            if handler is None:
                raise ProtocolViolation(f"the server answered request {ident}, which was not sent")
            self.in_turn = self.in_turn or ident != self._due
            self._due = (ident + 1) & 0xFFFFFFFF
            if kind == STATUS:
                if stop - body < 4:
                    raise ProtocolViolation("the server sent a status without a code")
                code = u32(buffer, body)[0]
                if code:
                    self.asked = asked
                    self._read_message(body + 4, stop)
                handler(code)
            elif kind != expected:
                raise ProtocolViolation(f"the server answered with packet type {kind} instead of {expected}")
            elif kind == HANDLE:
                handler(self._handle_of(body, stop))
            else:
                handler(view[body:stop])
        self._release()

    def _handle_of(self, body: int, stop: int) -> bytes:
        size = stop - body - 4
        if size < 1 or size > 256 or U32.unpack_from(self._buffer, body)[0] != size:
            raise ProtocolViolation("the server sent a malformed handle")
        return bytes(self._view[body + 4 : stop])

    def _read_message(self, start: int, stop: int) -> None:
        size = U32.unpack_from(self._buffer, start)[0] if stop - start >= 4 else 0
        self.message = bytes(self._view[start + 4 : min(start + 4 + size, stop)])

    def _make_room(self) -> None:
        if self._start == self._end:
            self._start = self._end = 0
        elif _BUFFER_SIZE - self._end < _LARGEST_PACKET:
            rest = self._end - self._start
            self._buffer[:rest] = self._buffer[self._start : self._end]
            self._start, self._end = 0, rest

    # the end

    def close(self) -> None:
        """Close the session and drop the operations under way, with the local files that they have open."""
        self.stream.close()
        for waiting in (self._pending, self.waiting, self._held, self._out):
            waiting.clear()

    # errors

    def error(self, code: Reply, path: Optional[bytes] = None) -> SyncError:
        """Return the error that a status code means for `path`; draft-ietf-secsh-filexfer-02 section 7."""
        text = display(self.message[:200])
        if not isinstance(code, int) or code == 0:
            return ProtocolViolation("the server answered with the wrong kind of reply", path=path)
        kind, meaning = _ERRORS.get(code, (OperationFailed, f"failure, status {code}"))
        if code in _REFUSALS:
            return kind(f"the server refuses {self._refused()}: {text or meaning}", path=path)
        return kind(f"the server says: {text or meaning}", path=path)

    def _refused(self) -> str:
        """Return words for the request that was refused last, with its name."""
        if isinstance(self.asked, bytes):
            return f"its extension {display(self.asked)}"
        name, deed = _REQUESTS.get(self.asked, ("EXTENDED", "carry out the request"))
        return f"to {deed} (SSH_FXP_{name})"


def entry_in(reply: Reply) -> Optional[Entry]:
    """Return the Entry of an ATTRS body; None if the reply is a status, or has no type. Raises ProtocolViolation."""
    return None if isinstance(reply, int) else packets.parse_attributes(reply, 0)[0]


def data_of(body: Buffer) -> memoryview:
    """Return the bytes of a DATA body. Raises ProtocolViolation."""
    view = memoryview(body)
    if len(view) < 4 or U32.unpack_from(view, 0)[0] != len(view) - 4:
        raise ProtocolViolation("the server sent data whose length does not add up")
    return view[4:]
