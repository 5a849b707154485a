# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploading one file over SFTP: open the stage, write, set its attributes, close; every reply seen. Refusals of the
server are explained: a taken name, a full file system (statvfs@openssh.com)."""

from __future__ import annotations

import hashlib
from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Callable, List, Optional, Tuple

from ...errors import AlreadyExists, NoSpace, SourceChanged, SyncError
from ...model.tree import FILE
from ...sftp.client import Opened, Reply, SftpClient, entry_in
from ...sftp.packets import (
    ATTRS,
    EMPTY,
    FSETSTAT,
    FSTAT,
    FX_FAILURE,
    FX_NO_SUCH_FILE,
    FXF_CREAT,
    FXF_EXCL,
    FXF_WRITE,
    REMOVE,
    STATUS,
    UNCHANGED,
    string,
)
from ...sftp.pool import Operation, SftpPool, lightest
from ...sftp.same_file import Mark, NamedFile, mark, mark_in, unmark
from ...system.os_errors import room_words
from ..base import IN_THE_WAY, Reached, SourceFile, Sources, Staged, Transfer, read_past

if TYPE_CHECKING:
    from ...model.blocks import Buffer

NEW = FXF_WRITE | FXF_CREAT | FXF_EXCL
_STATVFS = Struct(">11Q")
"""f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_fsid, f_flag, f_namemax."""
WORTH_RESUMING = 1 << 20
"""Bytes from which on a file is continued after a lost session."""
STRIPED_FROM = 16 << 20
"""Bytes from which on a file is spread over all sessions."""


class Upload(Operation):
    """One Transfer: the content of its source goes to the stage at the full path `remote`.

    A large file is striped: its chunks go, in the order of reading, to the session with the fewest bytes under way,
    because one SSH channel's window limits the throughput of one session over a long distance.

    After a lost session, `take_up` and `start` continue at the first byte that the server has not acknowledged. The
    bytes that were read already are read again, and are not hashed again. A stage that an earlier run left is continued
    in the same way, after its bytes were read and hashed here.

    A further session and a later session open the stage by its name, where another account may have put a link or a
    file of its own: they write only to the file that bears the `mark` of this upload (see sftp/same_file.py). In place,
    a file that is there already is written over only if it is the `NamedFile`; any other entry is removed first.
    """

    __slots__ = ("_absent", "_awaited", "_created", "_dated", "_digest", "_durable", "_error", "_file", "_finished",
                 "_hashed", "_lanes", "_mark", "_marking", "_offset", "_over", "_paused", "_pool", "_reached",
                 "_read_from", "_remote", "_reopening", "_source", "_transfer", "_unproven", "_unset")  # fmt: skip

    def __init__(self, transfer: Transfer, remote: bytes, source: Sources, pool: SftpPool, *, durable: bool) -> None:
        self._transfer = transfer
        self._remote = remote
        self._source = source
        self._durable = durable
        self._read_from: Optional[SourceFile] = None
        self._begin(pool)

    def _begin(self, pool: SftpPool) -> None:
        """Set the state before the first byte."""
        self._digest = hashlib.sha256()
        self._offset = self._hashed = 0
        self._reached = Reached()
        self._absent = self._created = self._dated = self._over = self._reopening = False
        self._mark: Optional[Mark] = None
        self._unset: Optional[SyncError] = None
        self.take_up(pool)

    def take_up(self, pool: SftpPool) -> None:
        """Prepare to `start` in a new session, where the lost session stopped."""
        self._pool = pool
        self._lanes: List[Tuple[SftpClient, bytes]] = []
        self._unproven: List[Tuple[SftpClient, bytes]] = []
        self._marking = False
        self._file: Optional[SourceFile] = None
        self._error: Optional[SyncError] = None
        self._awaited = 0
        self._paused = False

    @property
    def reached(self) -> int:
        """Return the acknowledged bytes from which the upload can continue. A file in place may be another by then, and
        so may a stage without a mark. A server that does not open the stage again, since the lost session has it open,
        may end each session there."""
        lost = self._error is not None or self._reopening or self._mark is None
        return 0 if lost else self._reached.size

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._finished = finished
        self._open_stage(client)

    def _open_stage(self, client: SftpClient) -> None:
        self._awaited = 1
        try:
            if self._read_from is None:
                self._file = self._read_from = self._source.open_source(self._transfer.source)
                self._reached = Reached(self._read_kept(self._file))
        except SyncError as error:
            self._finished(Staged(self._transfer, error=error))
            return
        if self._file is None or self._reached.size:
            self._reopening, self._file = True, None
            client.open(self._remote, FXF_WRITE, UNCHANGED, partial(self._reopened, client))
            return
        if self._transfer.in_place:
            client.lstat(self._remote, partial(self._looked_up, client))
        else:
            self._create(client)

    def _create(self, client: SftpClient) -> None:
        attributes = self._pool.setting.opening(self._transfer.attributes.mode)
        client.open(self._remote, NEW, attributes, partial(self._opened, client))

    # in place

    def _looked_up(self, client: SftpClient, reply: Reply) -> None:
        """Some servers open a file that is there already although a new one was demanded. Only a file that was not
        there is removed if its upload fails."""
        entry = entry_in(reply)
        self._absent = reply == FX_NO_SUCH_FILE
        if entry is None:
            self._create(client)
        elif entry.kind == FILE:
            self._open_present(client)
        else:
            self._over = True
            self._replace(client)

    def _open_present(self, client: SftpClient) -> None:
        self._over, self._absent = True, False
        client.open(self._remote, FXF_WRITE, UNCHANGED, partial(self._present_opened, client))

    def _present_opened(self, client: SftpClient, reply: Opened) -> None:
        if reply == FX_NO_SUCH_FILE:  # A link leads to nothing.
            self._replace(client)
        elif isinstance(reply, int):
            tell_refusal(client, self._transfer, self._remote, reply, self._refused)
        else:
            NamedFile(client, reply, self._remote, partial(self._present_proven, client, reply), marks=True)

    def _present_proven(self, client: SftpClient, handle: bytes, size: Optional[int]) -> None:
        self._dated = size is not None
        if size is None or self._file is None:
            client.close_handle(handle, lambda _reply: self._replace(client))
        elif not size:
            self._opened(client, handle)
        else:
            least = self._file.size

            def truncated(reply: Reply) -> None:
                entry = entry_in(reply)
                if entry is not None and entry.size <= least:
                    self._opened(client, handle)
                else:
                    client.close_handle(handle, lambda _reply: self._replace(client))

            client.request(FSETSTAT, STATUS, string(handle) + EMPTY, lambda _reply: None)
            client.request(FSTAT, ATTRS, string(handle), truncated)

    def _replace(self, client: SftpClient) -> None:
        """Remove the entry that stands in the place of the file: it would be followed, or cannot be proven."""

        def removed(reply: Reply) -> None:
            if reply in (0, FX_NO_SUCH_FILE):
                self._create(client)
            else:
                self._refused(client.error(reply, self._transfer.path).at(self._transfer.path, message=IN_THE_WAY))

        client.request(REMOVE, STATUS, string(self._remote), removed)

    # again by its name

    def _read_kept(self, file: SourceFile) -> int:
        """Hash the bytes that an earlier run sent; return their number."""
        if self._transfer.begun:
            self._mark = None if self._transfer.kept.mark is None else Mark(*self._transfer.kept.mark)
            self._hashed = read_past(file, self._transfer.begun, self._hash, self._pool.beat_within)
            self._pool.pacer.spent += self._hashed
        return self._hashed

    def _reopened(self, client: SftpClient, reply: Opened) -> None:
        if isinstance(reply, int):
            self._start_over(client)
        else:
            client.request(FSTAT, ATTRS, string(reply), partial(self._found, client, reply))

    def _found(self, client: SftpClient, handle: bytes, reply: Reply) -> None:
        """Continue in the stage; its end may have been lost with a server that broke down."""
        file, entry = self._read_from, entry_in(reply)
        at = min(entry.size, self._reached.size) if entry is not None and self._is_marked(reply) else 0
        if at and file is not None and file.go_back(at):
            self._file, self._offset, self._reached, self._reopening = file, at, Reached(at), False
            self._dated = True
            self._opened(client, handle)
        else:
            client.close_handle(handle, lambda _reply: self._start_over(client))

    def _is_marked(self, reply: Reply) -> bool:
        return self._mark is not None and mark_in(reply) == self._mark

    def _start_over(self, client: SftpClient) -> None:
        """Send the file from its first byte, because its stage cannot be continued."""
        client.request(REMOVE, STATUS, string(self._remote), lambda _reply: self._start_anew(client))

    def _start_anew(self, client: SftpClient) -> None:
        self._transfer.kept.start_over()
        self.give_up()
        self._begin(self._pool)
        self._open_stage(client)

    def _opened(self, client: SftpClient, reply: Opened) -> None:
        if isinstance(reply, int) and self._transfer.in_place and not self._over:
            self._open_present(client)
            return
        if isinstance(reply, int):
            tell_refusal(client, self._transfer, self._remote, reply, self._refused)
            return
        self._awaited -= 1
        self._created = self._absent or not self._transfer.in_place
        self._lanes.append((client, reply))
        if self._file is not None and self._file.size >= WORTH_RESUMING and not self._transfer.in_place:
            self._mark_stage(client, reply)
            if self._file.size >= STRIPED_FROM:
                self._open_more_lanes(client)
        self._pump()

    def _mark_stage(self, client: SftpClient, handle: bytes) -> None:
        setting = self._pool.setting
        if self._mark is None and setting.times and setting.by_handle:
            self._awaited += 1
            self._marking = self._dated = True
            mark(client, handle, partial(self._marked, client))

    def _marked(self, client: SftpClient, found: Optional[Mark]) -> None:
        self._marking = False
        self._mark = found
        self._transfer.kept.marked(found)
        self._prove_lanes()
        self._replied(client, 0)

    def _refused(self, error: SyncError) -> None:
        self._awaited -= 1
        self._fail(error)
        self._settle()

    def _open_more_lanes(self, first: SftpClient) -> None:
        if self._mark is None and not self._marking:
            return
        self._pool.joined.append(self._open_lane)
        for client in self._pool.clients:
            if client is not first:
                self._open_lane(client)

    def _open_lane(self, client: SftpClient) -> None:
        self._awaited += 1
        client.open(self._remote, FXF_WRITE, UNCHANGED, partial(self._lane_opened, client))

    def _lane_opened(self, client: SftpClient, reply: Opened) -> None:
        if isinstance(reply, int):
            self._awaited -= 1
            self._pump()
            return
        self._unproven.append((client, reply))
        if not self._marking:
            self._prove_lanes()

    def _prove_lanes(self) -> None:
        lanes, self._unproven = self._unproven, []
        for client, handle in lanes:
            client.request(FSTAT, ATTRS, string(handle), partial(self._lane_seen, client, handle))

    def _lane_seen(self, client: SftpClient, handle: bytes, reply: Reply) -> None:
        self._awaited -= 1
        if self._is_marked(reply) and self._file is not None:
            self._lanes.append((client, handle))
        else:
            self._close_handles([(client, handle)])
        self._pump()

    def _pump(self) -> None:
        """Read and send as much as the windows take."""
        try:
            while self._file is not None and not self._paused and self._send_chunk(self._file):
                pass
        except SyncError as error:
            self._fail(error)
        if not self._awaited:
            self._settle()

    def _send_chunk(self, file: SourceFile) -> bool:
        """Return whether another chunk may be tried."""
        client, handle = lightest(self._lanes)
        if not self._pool.may_move(client, self._resume):
            return self._pause()
        # One byte more than there should be shows a file that grew.
        end = self._hashed if self._offset < self._hashed else file.size + 1
        chunk = min(client.limits.write, end - self._offset)
        data = self._read(file, client, chunk)
        size = len(data)
        if size:
            if self._offset == self._hashed:
                self._hash(data)
                self._hashed += size
            self._pool.pacer.spend(size)
            client.in_flight += size
            self._awaited += 1
            client.write(handle, self._offset, data, partial(self._written, client, self._offset, size))
            self._offset += size
        if size < chunk or self._offset > file.size:
            # A regular file gives less than was asked for only at its end. One that grows is not followed for ever.
            self._end_source(file)
        return True

    def _read(self, file: SourceFile, client: SftpClient, size: int) -> Buffer:
        """Return the next bytes, at most so many."""
        if size < client.limits.write:
            return file.read(size)
        buffer = client.chunk()
        return buffer[: file.read_into(buffer)]

    def _hash(self, data: Buffer) -> None:
        self._digest.update(data)

    def _pause(self) -> bool:
        """Send no chunk until `_resume`, which must be called once for this. Return False, as `_send_chunk`."""
        self._paused = True
        self._awaited += 1
        return False

    def _resume(self) -> None:
        self._paused = False
        self._awaited -= 1
        self._pump()

    def _end_source(self, file: SourceFile) -> None:
        changed = self._offset != file.size or file.changed(self._digest.digest)
        self._end_reading()
        if changed:
            raise SourceChanged("it changed while it was read", path=self._transfer.path)
        if len(self._lanes) == 1:
            # One session answers in order, so nothing need be waited for before the attributes.
            self._finish_stage()

    def _finish_stage(self) -> None:
        client, handle = self._lanes[0]
        replied = partial(self._replied, client)
        attributes, told = self._transfer.attributes, partial(self._attributes_set, client)
        if self._dated and attributes.mtime is None:
            if not self._marking:
                self._dated = False
                self._awaited += 1
                unmark(client, handle, lambda _reply: replied(0))
            return
        lanes, self._lanes = self._lanes, []
        self._awaited += self._pool.setting.set_open(client, handle, self._remote, attributes, told)
        if self._durable and b"fsync@openssh.com" in client.extensions:
            self._awaited += 1
            client.extended(b"fsync@openssh.com", string(handle), replied)
        self._close_handles(lanes)

    def _close_handles(self, lanes: List[Tuple[SftpClient, bytes]]) -> None:
        for client, handle in lanes:
            self._awaited += 1
            client.close_handle(handle, partial(self._replied, client))

    def _written(self, client: SftpClient, offset: int, size: int, reply: Reply) -> None:
        client.in_flight -= size
        self._awaited -= 1
        if reply:
            self._fail(client.error(reply, self._transfer.path))
        else:
            self._arrived(offset, size)
        if self._file is not None:
            self._pump()
        elif not self._awaited:
            self._settle()

    def _arrived(self, offset: int, size: int) -> None:
        self._reached.add(offset, size)
        self._transfer.kept.reached(self._reached.size)
        if self._read_from is not None:
            self._read_from.arrived(self._reached.size)

    def _attributes_set(self, client: SftpClient, reply: Reply) -> None:
        self._unset = client.error(reply, self._transfer.path) if reply else None
        self._replied(client, 0)

    def _replied(self, client: SftpClient, reply: Reply) -> None:
        self._awaited -= 1
        if reply:
            self._fail(client.error(reply, self._transfer.path))
        if not self._awaited:
            self._settle()

    def _fail(self, error: SyncError) -> None:
        self._error = self._error or error
        if self._file is not None:
            self._end_reading()
        self.give_up()

    def _end_reading(self) -> None:
        self._file = None
        if self._open_lane in self._pool.joined:
            self._pool.joined.remove(self._open_lane)

    def give_up(self) -> None:
        """Close the source: its bytes are not needed again."""
        file, self._read_from = self._read_from, None
        if file is not None:
            file.close()

    def _settle(self) -> None:
        """Continue with the next step after every request so far is answered: nothing is in `_awaited`.

        failed     `_error`, and `_created` or `_lanes`: `_undo` closes the lanes and removes the stage, once
        read       `_lanes`, and no `_file`: `_finish_stage` sets the attributes and closes the lanes
        finished   neither `_lanes` nor `_file`: `_finished` gets the result
        reading    `_file`: not called for this state. A pause is in `_awaited` until `_resume`, and `_pump` goes on.

        A pause without `_resume`, or a reply that is not counted down, is an upload that never ends.
        """
        if self._error is not None and (self._created or self._lanes):
            self._undo()
        elif self._lanes and self._file is None:
            self._finish_stage()
        elif self._file is None:
            digest = None if self._error else self._digest.digest()
            self.give_up()
            self._finished(Staged(self._transfer, self._offset, digest, self._error, unset=self._unset))

    def _undo(self) -> None:
        """Close a failed stage, and remove it if this upload made it; the server's reply to that changes nothing."""
        created, self._created = self._created, False
        lanes, self._lanes = self._lanes, []
        self._close_handles(lanes)
        if created:
            self._awaited += 1
            client = self._pool.clients[0]
            client.request(REMOVE, STATUS, string(self._remote), partial(self._replied, client))


def tell_refusal(
    client: SftpClient, transfer: Transfer, remote: bytes, reply: Reply, refuse: Callable[[SyncError], None]
) -> None:
    """Call `refuse` with the reason why the server did not make the stage `remote`, perhaps after one more look."""
    path = transfer.path
    error = client.error(reply, path)
    if reply != FX_FAILURE or transfer.in_place:
        refuse(error)
        return
    # The code for a name that is taken as well as for much else: look which it is.
    taken = AlreadyExists("its temporary name is taken", path=path)
    client.lstat(remote, lambda seen: refuse(error if isinstance(seen, int) else taken))


def no_space(statvfs: Buffer, error: SyncError, size: int) -> SyncError:
    """NoSpace where the server's file system has no inodes left for this user, or fewer blocks than a file of `size`
    bytes, whose failed stage is removed by now, takes; else `error` itself."""
    if len(statvfs) < _STATVFS.size:
        return error
    _bsize, frsize, blocks, _bfree, available, files, _ffree, inodes = _STATVFS.unpack_from(statvfs)[:8]
    if blocks and available * frsize < max(size, 65536):
        text = (
            f"the server's file system is full: {room_words(available * frsize, blocks * frsize)}; "
            f"the file has {size} bytes"
        )
        return NoSpace(text, path=error.path, cure="Free space on the server.")
    if files and not inodes:
        text = f"the server's file system has no free inodes, of {files}"
        return NoSpace(text, path=error.path, cure="Remove files on the server.")
    return error
