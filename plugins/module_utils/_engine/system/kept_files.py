# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep directories and text files that belong to root, each replaced as a whole, all in one run."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator, NamedTuple, Optional, Sequence, Tuple

from ..errors import InvalidRequest
from .changes import ChangeReport, Changes
from .entries import Attributes, keep_directory, keep_file
from .root_owned_path import Walker, closing


class KeptDirectory(NamedTuple):
    """A directory; its parent exists, or comes before it in the request."""

    path: str
    mode: int


class KeptFile(NamedTuple):
    """A file with its whole text."""

    path: str
    text: str
    mode: int


class FilesRequest(NamedTuple):
    """The request. owner: the user and the group of everything, and of the directories on the way."""

    directories: Sequence[KeptDirectory]
    files: Sequence[KeptFile]
    check_mode: bool
    owner: int = 0
    start: str = "/"


def keep_files(request: FilesRequest) -> ChangeReport:
    """Make or correct all, in the order of the request. Raises UnsafePath and NotFound."""
    changes = Changes(check_mode=request.check_mode)
    for directory in request.directories:
        _keep_directory(directory, request, changes)
    for file in request.files:
        _keep_file(file, request, changes)
    return changes.report()


def _keep_directory(wanted: KeptDirectory, request: FilesRequest, changes: Changes) -> None:
    above, name = _parted(wanted.path)
    with _opened(above, request) as parent:
        made = keep_directory(name, _attributes(wanted.mode, request), changes, parent=parent, shown=wanted.path)
        if made is not None:
            os.close(made)


def _keep_file(wanted: KeptFile, request: FilesRequest, changes: Changes) -> None:
    above, name = _parted(wanted.path)
    content = wanted.text.encode("utf-8", "surrogateescape")
    with _opened(above, request) as parent:
        keep_file(name, content, _attributes(wanted.mode, request), changes, parent=parent, shown=wanted.path)


def _attributes(mode: int, request: FilesRequest) -> Attributes:
    return Attributes(request.owner, request.owner, mode)


def _parted(path: str) -> Tuple[str, str]:
    above, _slash, name = path.rpartition("/")
    if not name:
        raise InvalidRequest(f"path: {path!r} has no name", cure="Set the path of the file or directory.")
    return above or "/", name


@contextmanager
def _opened(path: str, request: FilesRequest) -> Iterator[Optional[int]]:
    """Yield a descriptor of a directory; None if check mode did not make it."""
    walker = Walker(owner=request.owner, start=request.start)
    found = walker.open_existing(path) if request.check_mode else walker.open(path)
    if found is None:
        yield None
        return
    with closing(found):
        yield found
