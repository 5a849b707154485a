# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on names over SFTP, one Operation each: look, make, rename, link, remove, set attributes."""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterator, List, NamedTuple, Optional

from ...errors import AlreadyExists, NotFound, NotSupported, OperationFailed, SyncError
from ...model.relpath import RelPath
from ...model.tree import DIRECTORY, Attributes, Entry
from ...sftp.client import Opened, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import (
    FSETSTAT,
    FX_NO_SUCH_FILE,
    FXF_READ,
    FXF_WRITE,
    MKDIR,
    REMOVE,
    RENAME,
    RMDIR,
    STATUS,
    UNCHANGED,
    attributes_field,
    special_bits,
    string,
)
from ...sftp.pool import Operation
from ...sftp.setting import REFUSED, Setting, follows_no_link, set_by_path
from ..base import NO_RENAMES, Done

_PRIVATE = attributes_field(Attributes(mode=0o700))


class LookedAt(NamedTuple):
    """The result of lstat: an entry, or None if there is none, or the error."""

    path: RelPath
    entry: Optional[Entry]
    error: Optional[SyncError]


class OnPath(Operation):
    """An operation on the full path `remote` that is called `path` in results."""

    def __init__(self, path: RelPath, remote: bytes) -> None:
        self.path = path
        self.remote = remote

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self.client = client
        self.finished = finished
        self.begin()

    def begin(self) -> None:
        """Send the first request."""

    def done(self, error: Optional[SyncError] = None) -> None:
        self.finished(Done(self.path, error))

    def judge(self, reply: Reply) -> None:
        """Take a status as the result."""
        self.done(None if reply == 0 else self.client.error(reply, self.path))

    def judge_or_look(self, reply: Reply, handler: Callable[[SyncError, Reply], None]) -> None:
        """Take success as the result, and send LSTAT after any other status, which is vague; the handler gets that
        status's error and the answer."""
        if reply == 0:
            self.done()
            return
        error = self.client.error(reply, self.path)
        self.client.lstat(self.remote, partial(handler, error))


class Look(OnPath):
    """LSTAT; the result is a LookedAt."""

    def begin(self) -> None:
        self.client.lstat(self.remote, self._looked)

    def _looked(self, reply: Reply) -> None:
        entry = entry_in(reply)
        error = None if entry is not None else self.client.error(reply, self.path)
        self.finished(LookedAt(self.path, entry, None if isinstance(error, NotFound) else error))


class MakeDirectory(OnPath):
    """MKDIR, 0700; a directory that is there already is done."""

    def begin(self) -> None:
        self.client.request(MKDIR, STATUS, string(self.remote) + _PRIVATE, self._made)

    def _made(self, reply: Reply) -> None:
        self.judge_or_look(reply, self._looked)

    def _looked(self, error: SyncError, reply: Reply) -> None:
        entry = entry_in(reply)
        if entry is None:
            self.done(error)
        elif entry.kind is DIRECTORY:
            self.done()
        else:
            self.done(AlreadyExists(f"a {entry.kind} is in the way", path=self.path))


class RemoveFile(OnPath):
    """REMOVE; a missing file counts as removed."""

    request = REMOVE

    def begin(self) -> None:
        self.client.request(self.request, STATUS, string(self.remote), self._removed)

    def _removed(self, reply: Reply) -> None:
        # OpenSSH also answers "No such file" for an entry of another kind.
        self.judge_or_look(reply, self._looked)

    def _looked(self, error: SyncError, reply: Reply) -> None:
        gone = isinstance(reply, int) and isinstance(self.client.error(reply), NotFound)
        self.done(None if gone else error)


class RemoveDirectory(RemoveFile):
    """RMDIR; a missing directory counts as removed."""

    request = RMDIR


class SetAttributes(OnPath):
    """Set the attributes by the path. If the server refuses requests for a path, or would follow a link that another
    account puts there, use a handle for files.

    With a mode, the bits that do not travel (set-user-ID, set-group-ID, sticky) are looked up first and kept.
    """

    def __init__(self, path: RelPath, remote: bytes, attributes: Attributes, setting: Setting) -> None:
        super().__init__(path, remote)
        self.attributes = attributes
        self.setting = setting

    def begin(self) -> None:
        wanted = self.setting.possible(self.attributes)
        if wanted is None:
            self.done()
            return
        self.attributes = wanted
        if wanted.mode is None and self._sets_by_path:
            self._set(wanted)
        else:
            self.client.lstat(self.remote, self._looked)

    @property
    def _sets_by_path(self) -> bool:
        return self.setting.by_path and follows_no_link(self.client)

    def _looked(self, reply: Reply) -> None:
        entry = entry_in(reply)
        if isinstance(reply, int):
            self.judge(reply)
            return
        if self.attributes.mode is not None:
            self.attributes = self.attributes._replace(mode=self.attributes.mode | special_bits(reply))
        is_directory = entry is not None and entry.kind is DIRECTORY
        if self._sets_by_path or (self.setting.by_path and (is_directory or not self.setting.by_handle)):
            self._set(self.attributes)
        elif is_directory:
            self.done()  # The result has a note on directories.
        else:
            reads = self.setting.by_path and entry is not None and entry.mode & 0o400
            flags = FXF_READ if reads else FXF_WRITE
            self.client.open(self.remote, flags, UNCHANGED, self._opened)

    def _set(self, attributes: Attributes) -> None:
        set_by_path(self.client, self.remote, attributes, self.judge)

    def _opened(self, reply: Opened) -> None:
        from ...sftp.same_file import NamedFile  # pylint: disable=import-outside-toplevel

        if isinstance(reply, int):
            self.judge(reply)
        else:
            NamedFile(self.client, reply, self.remote, partial(self._proven, reply), marks=False)

    def _proven(self, handle: bytes, size: Optional[int]) -> None:
        if size is None:
            error = OperationFailed("another entry is in its place: its attributes are not set", path=self.path)
            self.client.close_handle(handle, lambda _reply: self.done(error))
            return
        body = string(handle) + attributes_field(self.attributes)
        self.client.request(FSETSTAT, STATUS, body, partial(self._set_open, handle))

    def _set_open(self, handle: bytes, reply: Reply) -> None:
        error = None if reply == 0 else self.client.error(reply, self.path)
        self.client.close_handle(handle, lambda _reply: self.done(error))


class RenameOver(OnPath):
    """Rename `stage` to `remote`, replacing an existing file.

    With posix-rename@openssh.com in one step. A server without it refuses to rename onto an existing name
    (draft-ietf-secsh-filexfer-02 section 6.5): then the old file is moved to `aside`, and moved again to its name if
    the new file cannot replace it.
    """

    def __init__(
        self,
        path: RelPath,
        remote: bytes,
        stage: bytes,
        stays: Callable[[bytes, SyncError], None],
        *,
        same: bool = False,
    ) -> None:
        """stays: called with the temporary name of an old file that could not be removed. same: see base.Rename."""
        super().__init__(path, remote)
        self.stage = stage
        self.stays = stays
        self.same = same

    @property
    def aside(self) -> bytes:
        return self.stage + b".old"

    def begin(self) -> None:
        if b"posix-rename@openssh.com" in self.client.extensions:
            self.client.extended(b"posix-rename@openssh.com", string(self.stage) + string(self.remote), self._judge)
        else:
            self._rename(self.stage, self.remote, self._judge if self.same else self._first_tried)

    def _judge(self, reply: Reply) -> None:
        error = None if reply == 0 else self.client.error(reply, self.path)
        self.done(error.at(self.path, cure=NO_RENAMES) if error is not None and reply in REFUSED else error)

    def _rename(self, old: bytes, new: bytes, handler: Callable[[Reply], None]) -> None:
        self.client.request(RENAME, STATUS, string(old) + string(new), handler)

    def _first_tried(self, reply: Reply) -> None:
        if reply == 0:
            self.done()
        else:
            self._error = self.client.error(reply, self.path)
            if reply in REFUSED:
                self._error = self._error.at(self.path, cure=NO_RENAMES)
            self.client.lstat(self.remote, self._looked)

    def _looked(self, reply: Reply) -> None:
        entry = entry_in(reply)
        if entry is None or entry.kind is DIRECTORY:
            self.done(self._error)
        else:
            self._rename(self.remote, self.aside, self._stepped_aside)

    def _stepped_aside(self, reply: Reply) -> None:
        if reply == 0:
            self._rename(self.stage, self.remote, self._second_tried)
        else:
            self._judge(reply)

    def _second_tried(self, reply: Reply) -> None:
        if reply == 0:
            self.client.request(REMOVE, STATUS, string(self.aside), self._removed)
        else:
            self._error = self.client.error(reply, self.path)
            self._rename(self.aside, self.remote, self._stepped_back)

    def _removed(self, reply: Reply) -> None:
        if reply != 0:
            self.stays(self.aside, self.client.error(reply, self.path))
        self.done()

    def _stepped_back(self, reply: Reply) -> None:
        if reply != 0:
            self.stays(self.aside, self.client.error(reply, self.path))
        self.done(self._error)


class HardLinks:
    """Whether a server makes hard links. There are servers that announce and acknowledge them, and make none (rclone).

    usable: as far as known; without: called once it turns out that there are none.
    """

    def __init__(self, without: Callable[[], None]) -> None:
        self.usable = True
        self._without = without

    def missing(self) -> None:
        """Take note that a link was acknowledged and is not there."""
        self.usable = False
        self._without()


class Keep(OnPath):
    """Keep the file `remote` under the first of `kept` (full paths) that is free: by a hard link, so that `remote`
    keeps its name; with `remove`, or where the server has no hard links, by moving it."""

    def __init__(
        self, path: RelPath, remote: bytes, kept: Iterator[bytes], hard_links: HardLinks, *, remove: bool
    ) -> None:
        super().__init__(path, remote)
        self.kept = kept
        self.hard_links = hard_links
        self.remove = remove

    def begin(self) -> None:
        self.client.lstat(self.remote, self._seen)

    def _seen(self, reply: Reply) -> None:
        entry = entry_in(reply)
        if entry is None:
            self.judge(reply)
        elif entry.kind is DIRECTORY:
            self.done(OperationFailed("is a directory", path=self.path))
        else:
            self._try_next()

    def _try_next(self) -> None:
        name = next(self.kept, None)
        if name is None:
            self.done(AlreadyExists("too many files of this name are kept", path=self.path))
            return
        candidate = string(name)
        self.client.lstat(name, partial(self._looked, candidate))

    def _looked(self, candidate: bytes, reply: Reply) -> None:
        names = string(self.remote) + candidate
        if not isinstance(reply, int):
            self._try_next()
        elif self.remove or not self.hard_links.usable or b"hardlink@openssh.com" not in self.client.extensions:
            self._move(names)
        else:
            self.client.extended(b"hardlink@openssh.com", names, partial(self._linked, candidate))

    def _move(self, names: bytes) -> None:
        self.client.request(RENAME, STATUS, names, self.judge)

    def _linked(self, candidate: bytes, reply: Reply) -> None:
        """Check that the replaced file cannot be lost: a link counts if it can be seen. A link may be refused because
        the file system of the server has none, such as exFAT."""
        if reply == 0:
            self.client.lstat(candidate[4:], partial(self._seen_there, candidate))
        elif reply == FX_NO_SUCH_FILE:
            self.judge(reply)
        else:
            self._move(string(self.remote) + candidate)

    def _seen_there(self, candidate: bytes, reply: Reply) -> None:
        if entry_in(reply) is not None:
            self.done()
        else:
            self.hard_links.missing()
            self._move(string(self.remote) + candidate)


class SyncDirectory(OnPath):
    """Make a directory's names durable: fsync@openssh.com on a handle of the directory, where the server allows it."""

    def begin(self) -> None:
        if b"fsync@openssh.com" not in self.client.extensions:
            self.done(NotSupported("the server cannot make names durable (no fsync@openssh.com)", path=self.path))
        else:
            self.client.open(self.remote, FXF_READ, UNCHANGED, self._opened)

    def _opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self.done(NotSupported("the server does not open directories to make them durable", path=self.path))
        else:
            self.client.extended(b"fsync@openssh.com", string(reply), partial(self._synced, reply))

    def _synced(self, handle: bytes, reply: Reply) -> None:
        error = None if reply == 0 else self.client.error(reply, self.path)
        self.client.close_handle(handle, lambda _reply: self.done(error))


class Touch(OnPath):
    """Set the mtime to the present by the server's own clock, by writing the first byte of the file once more."""

    def begin(self) -> None:
        self.client.open(self.remote, FXF_READ | FXF_WRITE, UNCHANGED, self._opened)

    def _opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self.judge(reply)
            return
        seen: List[Optional[Entry]] = []

        def looked(found: Reply) -> None:
            seen.append(entry_in(found))
            if len(seen) < 2:
                return
            if seen[0] and seen[1] and seen[0][:2] != seen[1][:2]:  # Another account has put a link in its place.
                self.client.close_handle(reply, self.judge)
            else:
                self.client.read(reply, 0, 1, partial(self._got, reply))

        self.client.look_open(reply, self.remote, looked)
        self.client.lstat(self.remote, looked)

    def _got(self, handle: bytes, reply: Reply) -> None:
        if not isinstance(reply, int):
            self.client.write(handle, 0, bytes(data_of(reply)), lambda _reply: None)
        self.client.close_handle(handle, self.judge)
