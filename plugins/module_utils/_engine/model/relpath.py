# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RelPath: the one way in which a name becomes part of a path."""

from __future__ import annotations

from ..errors import UnsafeName
from .display import display

_NO_NAMES = (b"", b".", b"..")


def check_name(name: bytes) -> bytes:
    """Return `name` if it can name one entry of a directory; raise UnsafeName otherwise.

    A name from a peer is input: separators, NUL, the empty name, "." and ".." would leave the tree or name it
    (draft-ietf-secsh-filexfer-02 section 7 gives names no limits of its own).
    """
    if name in _NO_NAMES or b"/" in name or b"\0" in name:
        raise UnsafeName(f"the name '{display(name)}' must not be part of a path", path=name or None)
    return name


class RelPath(bytes):
    """A checked path below a root, in bytes: names joined by "/", never absolute, never with "..".

    The root itself is the empty path, ROOT. Equal, hashed and ordered as bytes, so that a parent sorts before its
    children. `RelPath.checked` is for input; calling the class directly is for paths made of checked parts.
    """

    __slots__ = ()

    @classmethod
    def checked(cls, path: bytes) -> RelPath:
        """Return a path given by a user or a file; raises UnsafeName where a part could leave the root."""
        for name in path.split(b"/"):
            check_name(name)
        return cls(path)

    def child(self, name: bytes) -> RelPath:
        """Return the entry `name` (checked here) of this directory."""
        return RelPath(b"%s/%s" % (self, check_name(name)) if self else check_name(name))

    @property
    def parent(self) -> RelPath:
        """Return the directory that holds this entry; ROOT for an entry of the root."""
        return RelPath(self.rpartition(b"/")[0])

    @property
    def name(self) -> bytes:
        return self.rpartition(b"/")[2]

    @property
    def depth(self) -> int:
        """Return how many names the path has; 0 for ROOT."""
        return self.count(b"/") + 1 if self else 0


ROOT = RelPath(b"")
