# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights of an account: storing, reading, requests that it must not make, and files of authorized keys in the
jail: an account that writes there lets others in.
"""

from __future__ import annotations

import posixpath
from typing import Iterable, Iterator, Sequence, Tuple

from ...model.display import display
from ...model.findings import Finding
from ...model.tree import DIRECTORY, FILE
from ...sftp.packets import FX_OK, FX_OP_UNSUPPORTED, FX_PERMISSION_DENIED, FX_WRITE_PROTECT
from .catalogue import DOWNLOAD, UPLOAD, Expected, finding
from .sftp_session import CREATE, WRITE, SftpSession, joined, mark_of, marked_name, temporary_name

_CONTENT = b"jail_probe"
_SPECIAL = 0o6755
_REFUSED = (FX_PERMISSION_DENIED, FX_OP_UNSUPPORTED, FX_WRITE_PROTECT)
_NAMES = (b".ssh/authorized_keys", b".ssh/authorized_keys2", b".ssh", b"authorized_keys")


def directories_seen(sftp: SftpSession, expected: Expected) -> Sequence[bytes]:
    """Return the root, the expected directories, the directories above them, and those that the root lists."""
    above = (parent for each in expected.directories for parent in _parents(each))
    listed = (
        joined(b"/", name) for name, entry in sftp.names(b"/") or () if entry is not None and entry.kind is DIRECTORY
    )
    return tuple(dict.fromkeys((b"/", *expected.directories, *above, *listed)))


def _parents(path: bytes) -> Iterator[bytes]:
    while path not in (b"/", b""):
        path = posixpath.dirname(path)
        yield path or b"/"


def root_and_neighbours(sftp: SftpSession, expected: Expected, directories: Iterable[bytes]) -> Iterator[Finding]:
    """Try to store in directories in which the account must not store, and to change their permissions."""
    for directory in directories:
        if directory not in expected.stores_in:
            done = [text for text, is_done in _changed(sftp, directory) if is_done]
            if done:
                yield finding(_code(expected, directory), f"in {display(directory)} the account {done[0]}")


def _code(expected: Expected, directory: bytes) -> str:
    if directory == b"/":
        return "root_writable"
    return "download_writes" if expected.access == DOWNLOAD else "outside_writable"


def _changed(sftp: SftpSession, directory: bytes) -> Iterator[Tuple[str, bool]]:
    path = joined(directory, temporary_name())
    made = sftp.make_directory(path) == FX_OK
    if made:
        sftp.remove_directory(path)
    yield "makes a directory", made
    stored = sftp.opens(path, CREATE)
    if stored:
        sftp.remove(path)
    yield "stores a file", stored
    # The mode that it has: the answer shows who may change it, and nothing changes.
    mode = sftp.mode(directory)
    yield "may change the permissions", mode is not None and sftp.set_mode(directory, mode) == FX_OK


def stored_and_read(sftp: SftpSession, expected: Expected) -> Iterator[Finding]:
    """Store a file where the account may, and read where it may and where it must not."""
    for directory in expected.stores_in:
        yield from _stored(sftp, expected, directory)
    for directory in expected.readable:
        if sftp.names(directory) is None:
            yield finding("not_readable", f"{display(directory)} cannot be listed")
        elif expected.access == UPLOAD:
            yield from _present_files(sftp, directory)


def _stored(sftp: SftpSession, expected: Expected, directory: bytes) -> Iterator[Finding]:
    path = joined(directory, temporary_name())
    handle = sftp.open(path, CREATE)
    if isinstance(handle, int):
        yield finding("not_writable", f"{display(directory)}: a new file is refused with status {handle}")
        return
    try:
        sftp.write(handle, _CONTENT)
        sftp.close(handle)
        if expected.access == UPLOAD and sftp.content(path) is not None:
            yield finding("upload_reads", f"a file in {display(directory)} was read back")
        if sftp.set_mode(path, _SPECIAL) == FX_OK and (sftp.mode(path) or 0) & 0o6000:
            yield finding("set_user_id", f"a file in {display(directory)} keeps its set-user-ID bit")
    finally:
        sftp.remove(path)
    if expected.access == UPLOAD:
        yield from _present_files(sftp, directory)


def marked_file(sftp: SftpSession, expected: Expected) -> str:
    """Store a file whose name imitates lines of logs, and remove it. Return its mark; "" if no directory takes it."""
    name = marked_name()
    for directory in expected.stores_in:
        path = joined(directory, name)
        handle = sftp.open(path, CREATE)
        if isinstance(handle, int):
            continue
        try:
            sftp.write(handle, _CONTENT)
            sftp.close(handle)
        finally:
            sftp.remove(path)
        return mark_of(name)
    return ""


def _present_files(sftp: SftpSession, directory: bytes) -> Iterator[Finding]:
    """Try to read one file of others."""
    for name, entry in sftp.names(directory) or ():
        if entry is not None and entry.kind is FILE:
            path = joined(directory, name)
            if sftp.content(path) is not None:
                yield finding("upload_reads", f"{display(path)} was read")
            return


def writing_requests(sftp: SftpSession, expected: Expected) -> Iterator[Finding]:
    """Make each request that writes, for names that do not exist: the answer shows whether the request is allowed."""
    if expected.access != DOWNLOAD:
        return
    for directory in expected.directories[:1]:
        missing = joined(joined(directory, temporary_name()), temporary_name())
        codes = {
            "open": sftp.open(missing, WRITE),
            "mkdir": sftp.make_directory(missing),
            "remove": sftp.remove(missing),
            "rmdir": sftp.remove_directory(missing),
            "rename": sftp.rename(missing, missing + b"2"),
            "setstat": sftp.set_mode(missing, 0o600),
            "symlink": sftp.symbolic_link(missing, missing),
        }
        made = [name for name, code in codes.items() if code not in _REFUSED]
        if made:
            yield finding("download_requests", f"requests that are not refused as such: {', '.join(made)}")


def key_files(sftp: SftpSession, directories: Iterable[bytes]) -> Iterator[Finding]:
    """Look for files of keys by their usual names."""
    for directory in directories:
        found = next((path for path in (joined(directory, name) for name in _NAMES) if sftp.entry(path)), None)
        if found is not None:
            yield finding("keys_inside", f"the jail has {display(found)}")
