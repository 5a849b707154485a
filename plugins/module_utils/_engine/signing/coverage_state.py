# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of rotating samples of one tree, kept in `state_dir`: when each part was read last.

A lost file only starts the rotation again. A file that other users could write is not believed.
"""

from __future__ import annotations

import json
import os
import stat
from typing import List, NamedTuple, Optional

from ..integrity.digest import sha256
from ..system.durable_files import replace
from ..system.safe_path import closing

__all__ = ["CoverageFile", "Rotation"]

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_LIMIT = 1 << 20


class Rotation(NamedTuple):
    """tree: its id; run: number of the next check; read: for each part, the time when it was read last, or 0."""

    tree: str
    run: int
    read: List[int]

    @classmethod
    def of(cls, found: Optional[Rotation], tree: str, rotate: int) -> Rotation:
        """Return the rotation that continues `found`; a new rotation for another tree or number of parts."""
        if found is not None and found.tree == tree and len(found.read) == rotate:
            return found
        return cls(tree, 0, [0] * rotate)

    def after(self, now: int) -> Rotation:
        """Return the rotation after the part of this run was read."""
        slot = self.run % len(self.read)
        return Rotation(self.tree, self.run + 1, [*self.read[:slot], now, *self.read[slot + 1 :]])

    @property
    def since(self) -> Optional[int]:
        """Return the time since which every part was read; None if a part was never read."""
        return min(self.read) or None


class CoverageFile:
    """The file of one tree. parts: stand for it."""

    def __init__(self, state_dir: bytes, *parts: bytes) -> None:
        self._directory = os.path.join(state_dir, b"checks")
        self._name = sha256(b"\0".join(parts)).hexdigest() + ".json"

    def load(self) -> Optional[Rotation]:
        """Return the rotation; None if there is none that can be believed."""
        try:
            with closing(os.open(self._directory, _DIRECTORY)) as directory:
                _require_private(os.fstat(directory))
                with closing(os.open(self._name, _FILE, dir_fd=directory)) as descriptor:
                    _require_private(os.fstat(descriptor))
                    return _parse(os.read(descriptor, _LIMIT))
        except (OSError, ValueError):
            return None

    def save(self, rotation: Rotation) -> None:
        """Replace the file. Raises OSError, ValueError."""
        os.makedirs(self._directory, 0o700, exist_ok=True)
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            content = json.dumps(rotation._asdict(), sort_keys=True).encode() + b"\n"
            replace(self._name, content, directory=directory, settle=lambda descriptor: None)


def _require_private(status: os.stat_result) -> None:
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022 or stat.S_ISFIFO(status.st_mode):
        raise ValueError("others can write to it")


def _parse(content: bytes) -> Rotation:
    values = json.loads(content)
    if not isinstance(values, dict) or values.keys() != set(Rotation._fields):
        raise ValueError("it has not the expected fields")
    tree, run, read = (values[name] for name in Rotation._fields)
    if not isinstance(tree, str) or not isinstance(read, list) or not read or not all(map(_is_count, [run, *read])):
        raise ValueError("it has not the expected fields")
    return Rotation(tree, run, read)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
