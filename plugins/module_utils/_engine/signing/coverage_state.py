# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of rotating samples of one tree, kept in `state_dir`: when each part was read last.

A lost file only starts the rotation again.
"""

from __future__ import annotations

import json
from typing import List, NamedTuple, Optional, Tuple

from .private_file import PrivateFile


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
    """The file of one tree. words: of the task, which stand for it. former: the words in the name of a former
    version."""

    def __init__(self, state_dir: bytes, *words: bytes, former: Tuple[bytes, ...]) -> None:
        self._file = PrivateFile(state_dir, b"checks", b"of", *words)
        self._former = PrivateFile(state_dir, b"checks", *former)

    def load(self) -> Optional[Rotation]:
        """Return the rotation; None if there is none that can be believed."""
        for file in (self._file, self._former):
            try:
                return _parse(file.read())
            except FileNotFoundError:
                continue
            except (OSError, ValueError):
                break
        return None

    def save(self, rotation: Rotation) -> None:
        """Replace the file. Raises OSError, ValueError."""
        self._file.write(json.dumps(rotation._asdict(), sort_keys=True).encode() + b"\n")


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
