# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's configuration file: read, and replaced as a whole, with owner and mode kept. Links are refused.

The managed lines are a block between two markers, and the lines elsewhere that it replaces.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import Callable, Iterable, Iterator, List, NamedTuple, Tuple

from ..errors import ConfigUnsafe, InvalidRequest, Locked, NotFound, SyncError
from ..model.display import display
from ..system.durable_files import keep_status, replace
from ..system.os_errors import from_os_error

_LARGEST = 1 << 22
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
BEGIN = "# BEGIN secure.ftp_synchronize.tls_policy: written by Ansible, changes here are lost\n"
END = "# END secure.ftp_synchronize.tls_policy\n"
SET_ASIDE = "#tls_policy# "
"""Before a line that the block stands for now. It stays readable, and an operator can take it back."""
_MARKS = ("# BEGIN secure.ftp_synchronize.tls_policy", "# END secure.ftp_synchronize.tls_policy")


class ConfigFile(NamedTuple):
    """text: bytes that are not UTF-8 stand in it as lone surrogates, and come back as they were."""

    path: str
    text: str
    status: os.stat_result

    @property
    def version(self) -> Tuple[int, ...]:
        """Return a value that differs after every change."""
        status = self.status
        return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def read_config(path: str) -> ConfigFile:
    """Read the file. Raises ConfigUnsafe, NotFound and other ItemErrors."""
    with _parent(path) as directory:
        return _read(directory, path)


def replace_config(old: ConfigFile, text: str) -> None:
    """Replace the file that was read by `text`. Raises Locked if another program has changed it since, ConfigUnsafe,
    ItemError; the old file is then kept."""
    with _parent(old.path) as directory:
        try:
            replaced = replace(
                os.path.basename(old.path),
                text.encode("utf-8", "surrogateescape"),
                directory=directory,
                settle=lambda descriptor: keep_status(descriptor, old.status),
                may_replace=lambda: _read(directory, old.path).version == old.version,
            )
        except OSError as error:
            raise _in_words(error, old.path) from None
    if not replaced:
        raise Locked(f"{_shown(old.path)}: another program has changed it meanwhile", cure="Run this again.")


@contextlib.contextmanager
def _parent(path: str) -> Iterator[int]:
    try:
        handle = os.open(os.path.dirname(path) or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _in_words(error, path) from None
    try:
        mode = os.fstat(handle).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise _unsafe(path, "everybody may replace it: its directory is world-writable", "chmod o-w the directory.")
        yield handle
    finally:
        os.close(handle)


def _read(directory: int, path: str) -> ConfigFile:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO would block
    try:
        handle = os.open(os.path.basename(path), flags, dir_fd=directory)
    except OSError as error:
        raise _in_words(error, path) from None
    try:
        status = os.fstat(handle)
        _check(path, status)
        with os.fdopen(os.dup(handle), "rb") as file:
            return ConfigFile(path, file.read().decode("utf-8", "surrogateescape"), status)
    finally:
        os.close(handle)


def _check(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _unsafe(path, "it is not a regular file", "Set config_file to the server's configuration file.")
    if status.st_mode & _OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        raise _unsafe(path, f"others may write it (mode {mode:04o})", "Check its content, then chmod go-w.")
    if status.st_size > _LARGEST:
        raise _unsafe(path, f"it has more than {_LARGEST >> 20} MiB", "Set config_file to the configuration file.")


def _in_words(error: OSError, path: str) -> SyncError:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return _unsafe(path, "it is a symbolic link", "Set config_file to the file itself.")
    known = from_os_error(error)
    cure = "Install the server first, or set config_file." if isinstance(known, NotFound) else "Run as root (become)."
    return known.at(None, message=f"{_shown(path)}: {known.message}", cure=cure)


def _unsafe(path: str, reason: str, cure: str) -> ConfigUnsafe:
    return ConfigUnsafe(f"{_shown(path)}: {reason}", cure=cure)


def _shown(path: str) -> str:
    return f'"{display(os.fsencode(path))}"'


def block_of(lines: Iterable[str]) -> str:
    """Return the block with these lines, marks and all."""
    return "".join((BEGIN, *(line + "\n" for line in lines), END))


def without_block(text: str) -> str:
    """Return the text without our block. Raises InvalidRequest if its marks do not belong together."""
    kept: List[str] = []
    inside, seen = False, 0
    for line in text.splitlines(keepends=True):
        mark = next((number for number, words in enumerate(_MARKS) if line.startswith(words)), None)
        if mark is None:
            if not inside:
                kept.append(line)
            continue
        if inside != bool(mark) or seen > 1:
            raise _damaged()
        inside, seen = not inside, seen + 1
    if inside:
        raise _damaged()
    return "".join(kept)


def set_aside(text: str, replaced: Callable[[str], bool]) -> str:
    """Return the text with each line that `replaced` picks, and the lines that continue it, made a comment. It is asked
    for every line, in order."""
    done: List[str] = []
    going_on = False
    for line in text.splitlines(keepends=True):
        picked = replaced(line) or going_on
        done.append(SET_ASIDE + line if picked else line)
        going_on = picked and line.rstrip("\r\n").endswith("\\")
    return "".join(done)


def _damaged() -> InvalidRequest:
    return InvalidRequest(
        "config_file: the markers of the block do not match", cure="Remove them, with the lines between them."
    )
