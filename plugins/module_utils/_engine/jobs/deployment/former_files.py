# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a job before a deployment, for a deployment that fails half-way, as on a full disk."""

from __future__ import annotations

import os
import stat
from typing import Dict, Iterable, List, NamedTuple, Optional

from ...system.durable_files import replace, unlink
from ...system.root_owned_path import closing

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


class _File(NamedTuple):
    user: int
    group: int
    mode: int
    content: bytes


class FormerFiles:
    """paths: regular files, or missing; root alone can write to their directories. Raises OSError."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._found: Dict[str, Optional[_File]] = {path: _read(path) for path in paths}

    def restore(self) -> List[str]:
        """Put the files back that differ, and return the paths of those that could not be put back.

        This needs no more space than the new files: each takes the place of its successor.
        """
        left = []
        for path, file in self._found.items():
            try:
                _put_back(path, file)
            except OSError:
                left.append(path)
        return left


def _read(path: str) -> Optional[_File]:
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as stream:
        info = os.fstat(descriptor)
        return _File(info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode), stream.read())


def _put_back(path: str, file: Optional[_File]) -> None:
    if file is None:
        unlink(path)
        return
    if _read(path) == file:
        return
    above, name = os.path.split(path)

    def settle(descriptor: int) -> None:
        os.fchown(descriptor, file.user, file.group)
        os.fchmod(descriptor, file.mode)

    with closing(os.open(above, _DIRECTORY)) as directory:
        replace(name, file.content, directory=directory, settle=settle)
