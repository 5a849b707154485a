# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of pins on disk: read, and replaced as a whole, so that two writers at once lose nothing."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from typing import Callable, Iterator, NamedTuple, Optional, Tuple

from ..errors import Locked, PinStoreUnsafe, TrustStoreUnreadable
from ..model.display import display
from ..model.local_path import local_path
from ..system.durable_files import keep_status, replace
from ..system.os_errors import from_os_error

_LOCK_SECONDS = 30.0
_LOCK_PAUSE = 0.05
_ATTEMPTS = 10
_LARGEST = 1 << 27
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_NEW_FILE, _NEW_DIRECTORY = 0o600, 0o700
_NO_LOCKS = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL)


class _Read(NamedTuple):
    """The previous content; None if there was no file."""

    content: bytes
    status: Optional[os.stat_result]

    @property
    def version(self) -> Tuple[int, ...]:
        status = self.status
        return () if status is None else (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def read_store(path: str) -> bytes:
    """Return the content; empty if there is no file. Raises PinStoreUnsafe and TrustStoreUnreadable."""
    directory = _open_directory(path, make=False)
    if directory is None:
        return b""
    try:
        return _read(directory, path).content
    finally:
        os.close(directory)


def update_store(path: str, change: Callable[[bytes], bytes]) -> None:
    """Put `change(content)` in place of the content, if it differs.

    The directory is locked meanwhile, and a file that was changed without the lock is read and changed again: `change`
    may be called several times. Owner and mode are kept; a new file has 0600, a directory made for it 0700.
    Raises PinStoreUnsafe, TrustStoreUnreadable, Locked, ItemError, and the errors of `change`.
    """
    directory = _open_directory(path, make=False)
    if directory is None and change(b"") != b"":
        directory = _open_directory(path, make=True)
    if directory is None:
        return
    try:
        with _locked(directory, path):
            for _attempt in range(_ATTEMPTS):
                if _changed_once(directory, path, change):
                    return
        raise Locked(f"{_shown(path)}: another program keeps changing it", cure="Find the program that writes it.")
    except OSError as error:
        raise _in_words(error, path) from None
    finally:
        os.close(directory)


def _changed_once(directory: int, path: str, change: Callable[[bytes], bytes]) -> bool:
    """Return False if another program changed the file in between."""
    read = _read(directory, path)
    content = change(read.content)
    if content == read.content:
        return True

    def settle(descriptor: int) -> None:
        if read.status is None:
            os.fchmod(descriptor, _NEW_FILE)
        else:
            keep_status(descriptor, read.status)

    return replace(
        os.path.basename(path),
        content,
        directory=directory,
        settle=settle,
        may_replace=lambda: _read(directory, path).version == read.version,
    )


def _read(directory: int, path: str) -> _Read:
    name = os.path.basename(path)
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    except FileNotFoundError:
        return _Read(b"", None)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unsafe(path, "it is a symbolic link", "Set path to the file itself.") from None
        raise _in_words(error, path) from None
    try:
        status = os.fstat(handle)
        _check_file(path, status, os.fstat(directory))
        with os.fdopen(os.dup(handle), "rb") as file:
            return _Read(file.read(), status)
    except OSError as error:
        raise _in_words(error, path) from None
    finally:
        os.close(handle)


def _check_file(path: str, status: os.stat_result, directory: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _unsafe(path, "it is not a regular file", "Set path to a file in known_hosts form.")
    if status.st_mode & _OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        raise _unsafe(path, f"others may write it (mode {mode:04o})", "Check its pins, then chmod go-w.")
    if status.st_uid not in (0, os.geteuid(), directory.st_uid):
        raise _unsafe(path, f"it belongs to uid {status.st_uid}", "Check its pins, then chown it.")
    if status.st_size > _LARGEST:
        raise _unsafe(path, f"it has more than {_LARGEST >> 20} MiB", "Set path to a file in known_hosts form.")


def _open_directory(path: str, *, make: bool) -> Optional[int]:
    """Return the directory of the file, open; None if there is none. make: make it."""
    full = local_path(path)
    parent = os.path.dirname(full)
    if not os.path.basename(full):
        raise _unsafe(path, "it is a directory", "Set path to a file.")
    try:
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(parent, _NEW_DIRECTORY)
        handle = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        if make:
            raise _in_words(error, path) from None
        return None
    except OSError as error:
        raise _in_words(error, path) from None
    mode = os.fstat(handle).st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        os.close(handle)
        raise _unsafe(path, "everybody may replace it: its directory is world-writable", "chmod o-w the directory.")
    return handle


@contextlib.contextmanager
def _locked(directory: int, path: str) -> Iterator[None]:
    """flock(2) on the directory, which needs no further file; where a file system has no such locks, the look before
    the rename must do."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Locked(
                    f"{_shown(path)}: its directory has been locked for {_LOCK_SECONDS:.0f} s",
                    cure="Find the process that holds the lock (fuser), then run this again.",
                ) from None
            time.sleep(_LOCK_PAUSE)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            break
    yield  # the lock goes with the descriptor


def _unsafe(path: str, reason: str, cure: str) -> PinStoreUnsafe:
    return PinStoreUnsafe(f"{_shown(path)}: {reason}", cure=cure)


def _in_words(error: OSError, path: str) -> Exception:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT):
        known = from_os_error(error)
        text = f"{_shown(path)}: {known.message}"
        return known.at(None, message=text, cure="Run as the owner of the file (become_user).")
    return TrustStoreUnreadable(
        f"{_shown(path)}: {error.strerror}", cure="Set path to a file in an existing directory."
    )


def _shown(path: str) -> str:
    return f'"{display(os.fsencode(path))}"'
