# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys as files: the key in a file, a successor in a second file, and the replacement.

Both halves of a key are complete under temporary names before the first rename, so that a full disk changes nothing.
Functions of `system/durable_files` that write a file do not fit: they write and rename a single file.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import List, NamedTuple, Optional

from ...errors import OperationFailed, UnsafePath
from ...model.utc import in_a_name
from ...system import durable_files
from ...system.program import ask_program, run_program
from ...trust.fingerprint import PublicKey, parse_plain_key

KINDS = {"ed25519": "ssh-ed25519", "rsa": "ssh-rsa"}
_RECIPES = {"ed25519": ("-t", "ed25519"), "rsa": ("-t", "rsa", "-b", "4096")}
_TIMED = re.compile(r"_[0-9]{8}T[0-9]{6}Z\Z")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class HostKey(NamedTuple):
    """The key in a file. made: the time of the file, which is the time of the key."""

    path: str
    public: PublicKey
    made: float


def look(path: str) -> Optional[HostKey]:
    """Return the key of a file; None if there is none that sshd could load."""
    try:
        made = os.stat(path).st_mtime
    except FileNotFoundError:
        return None
    # From the private half: a .pub file may be of another key.
    completed = ask_program("ssh-keygen", "-y", "-P", "", "-f", path)
    fields = completed.out.split()
    if completed.status or len(fields) < 2:
        return None
    return HostKey(path, parse_plain_key(fields[0], fields[1]), made)


def check_place(path: str) -> None:
    """Raise UnsafePath where a file could not be replaced safely: a link, or a directory that others may change."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise UnsafePath(f"the host key {path} is not a regular file", cure="Set HostKey to the file itself.")
    directory = os.path.dirname(path)
    info = os.lstat(directory)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid() or info.st_mode & _OTHERS_WRITE:
        raise UnsafePath(
            f"{directory}, the directory of host keys, is a link or writable by others",
            cure=f"Find out why, then: chown root {directory}; chmod go-w {directory}",
        )


def successors(path: str) -> List[HostKey]:
    """Return the keys that were made to follow the key of `path`, the newest first."""
    directory, base = os.path.split(path)
    names = sorted(name for name in os.listdir(directory) if name.startswith(base) and _TIMED.match(name[len(base) :]))
    found = [look(os.path.join(directory, name)) for name in reversed(names)]
    return [key for key in found if key is not None]


def successor_path(path: str, made: float) -> str:
    return f"{path}_{in_a_name(made)}"


def make(kind: str, path: str, made: float) -> HostKey:
    """Make a key. It is whole when its file is there, whenever this ends, by a power cut too."""
    temporary = re.sub(_TIMED, "", path) + ".new"
    for each in (temporary, temporary + ".pub"):
        durable_files.unlink(each)
    run_program("ssh-keygen", "-q", *_RECIPES[kind], "-N", "", "-f", temporary)
    os.utime(temporary, (made, made))
    durable_files.finish(temporary + ".pub", path + ".pub")
    durable_files.finish(temporary, path)
    key = look(path)
    if key is None:
        raise OperationFailed(f"the new key {path} cannot be read", cure="Check its file system.")
    return key


def install(key: HostKey, path: str) -> None:
    """Put a key in the place of the key of `path`, which is then gone. The file of `key` stays."""
    with open(key.path, "rb") as stream:
        private = stream.read()
    _put(path + ".new", private, 0o600)
    os.utime(path + ".new", (key.made, key.made))
    _put(path + ".pub.new", b"%s\n" % key.public.text.encode(), 0o644)
    # In between there is no public half: sshd does not need it, and would complain about the half of another key.
    durable_files.unlink(path + ".pub")
    os.rename(path + ".new", path)
    os.rename(path + ".pub.new", path + ".pub")


def remove(path: str) -> None:
    """Remove a key that is no longer served, with its public half."""
    for each in (path, path + ".pub"):
        durable_files.unlink(each)


def _put(path: str, content: bytes, mode: int) -> None:
    durable_files.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
