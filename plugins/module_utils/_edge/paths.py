# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as the operator writes them, as the bytes that the engine takes.

Text becomes UTF-8 in every locale: a playbook is UTF-8, and under LANG=C it must name the same file.
"""

from __future__ import annotations

import os
from typing import Tuple

from .._engine.errors import InvalidRequest, UnsafeName
from .._engine.model.relpath import RelPath
from .._engine.model.request import spelled

STATE_NAME = b"secure.ftp_synchronize"


def local(option: str, text: str) -> bytes:
    """Return an absolute path on this machine: `~` expanded, relative to the working directory."""
    path = os.path.expanduser(_to_bytes(option, text))
    if path.startswith(b"~"):
        raise InvalidRequest(
            f"{option}: the home directory of {text!r} is unknown", cure="For a name that begins with ~ write ./~."
        )
    # Not abspath: with links, a/../b need not be b.
    return _without_slashes(path if path.startswith(b"/") else os.path.join(os.getcwdb(), path))


def remote(option: str, text: str) -> bytes:
    """Return a path at the server; relative means below the login directory. SFTP knows no `~`."""
    path = _to_bytes(option, text)
    if path.startswith(b"~"):
        raise InvalidRequest(
            f"{option}: {text!r} begins with ~, which a server does not expand",
            cure="Remove ~/: a relative path starts at the login directory; for a name that begins with ~ write ./~.",
        )
    return _without_slashes(path)


def from_login(option: str, text: str) -> Tuple[bytes, RelPath]:
    """Return the start of a path at the server, the login directory or "/", and the path below it."""
    path = remote(option, text)
    if b".." in path.split(b"/"):
        raise InvalidRequest(f"{option}: {text!r} has ..", cure="Write the path without it.")
    return (b"/" if path.startswith(b"/") else b"."), RelPath(spelled(path).lstrip(b"/"))


def sendable(option: str, path: bytes) -> None:
    """Refuse a path at the server that FTP cannot carry (RFC 959 section 5.3.2)."""
    if b"\r" in path or b"\n" in path:
        raise InvalidRequest(
            f"{option}: {os.fsdecode(path)!r} has a line end, which FTP cannot carry",
            cure="Rename it, or use SFTP.",
        )


def is_root(path: bytes) -> bool:
    """Return whether `path`, links aside, names the root of its file system ("/", "//", "/.", "/a/..")."""
    return os.path.normpath(path).strip(b"/") == b""


def trash(option: str, text: str) -> RelPath:
    """Return a path below the destination."""
    return _below(option, text, "destination", ".trash")


def archive(option: str, text: str) -> RelPath:
    """Return a path below the source."""
    return _below(option, text, "source", ".sent")


def _below(option: str, text: str, root: str, example: str) -> RelPath:
    path = _to_bytes(option, text).rstrip(b"/")
    try:
        return RelPath.checked(path)
    except UnsafeName:
        raise InvalidRequest(
            f"{option}: {text!r} is not a path below the {root}",
            cure=f'Write a relative path without "." or "..", for example {example}.',
        ) from None


def name(option: str, text: str) -> RelPath:
    """Return the name of one entry of the destination."""
    path = trash(option, text)
    if path.depth != 1 or path.startswith(b".secure_sync"):
        raise InvalidRequest(
            f"{option}: {text!r} is not a name that can be used", cure="Write one name, for example MANIFEST."
        )
    return path


def state(option: str, text: str = "") -> bytes:
    """Return the directory of records: the given directory, else that by the XDG Base Directory Specification 0.8."""
    if text:
        return local(option, text)
    # The specification: a relative $XDG_STATE_HOME is invalid and to be ignored.
    base = os.environb.get(b"XDG_STATE_HOME", b"")
    if not base.startswith(b"/"):
        base = os.path.expanduser(b"~/.local/state")
    if not base.startswith(b"/"):
        raise InvalidRequest(
            f"{option}: the home directory of the user that runs the module is unknown",
            cure=f"Set {option} to a directory that only this user can write to.",
        )
    return os.path.join(base, STATE_NAME)


def _to_bytes(option: str, text: str) -> bytes:
    try:
        path = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        path = b"\0"
    if not path or b"\0" in path:
        raise InvalidRequest(f"{option}: {text!r} is not a path", cure="Write the path of a directory or a file.")
    return path


def _without_slashes(path: bytes) -> bytes:
    return path.rstrip(b"/") or b"/"
