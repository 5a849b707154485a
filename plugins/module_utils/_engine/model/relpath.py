# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RelPath: the one way in which a name becomes part of a path; and the folded form of a name, by which names are found
that may be the same for a server or a file system."""

from __future__ import annotations

from unicodedata import normalize

from ..errors import UnsafeName
from .display import display

_REFUSED = bytes((*range(1, 10), *range(11, 32), 127)) + b'\\:*?"<>|'
REPLACED = bytes.maketrans(_REFUSED, b"_" * len(_REFUSED))
"""Maps the characters that some ends replace by others. Not the end of a line."""
_IGNORED = (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010))
_IGNORED += (*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0xFFF0, 0xFFF9))
_IGNORED += (*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000))
"""Unicode's Default_Ignorable_Code_Point: ext4 with casefold and HFS+ leave them out when they compare names."""
# The pictures of control characters are the names that rclone gives them; servers in Java or JavaScript have U+FFFD for
# bytes that are not UTF-8.
_OTHERS = {**dict.fromkeys((*_REFUSED, *range(0x2400, 0x2422), 0xFFFD), "_"), **dict.fromkeys(_IGNORED, "")}

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


def folded(name: bytes) -> bytes:
    """Return a form that is equal for all names that are the same for some server or file system: without regard to
    case, also of the Turkish i, to Unicode forms, to characters without width, to blanks and dots at the end, to bytes
    that are not UTF-8, and to characters that are replaced where a file system refuses them."""
    lower = name.lower()
    if not lower.isascii():
        lower = folded_text(name.decode("utf-8", "replace")).encode()
    lower = lower.translate(REPLACED)
    return lower.rstrip(b" .") or lower


def folded_text(text: str) -> str:
    """Return the folded form of a part of a name, without regard to its end."""
    return normalize("NFKD", text).upper().casefold().translate(_OTHERS).replace("i\u0307", "i")
