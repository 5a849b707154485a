# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system in memory with the rules of POSIX that a sync depends on, and a clock that a test moves.

Several transports may have their roots on one disk, so that roots can overlap. Links are never followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Dict, Iterator, List, Optional, Tuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    NotFound,
    OperationFailed,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Entry,
)

from .tree_spec import MTIME, SECOND, Directory, File, Found, Link, Special, TreeSpec, normal

__all__ = ["MemoryDisk", "Node"]

TICK = 1_000_000
"""Every change takes a millisecond of the disk's clock, so that no two changes look alike."""


class Node:
    """An inode: two names of one node are hard links."""

    __slots__ = ("children", "content", "forms", "kind", "mode", "mtime", "target")

    def __init__(self, kind: str, mode: int, mtime: int) -> None:
        self.kind = kind
        self.mode = mode
        self.mtime = mtime
        self.content = bytearray()
        self.target = b""
        self.children: Dict[bytes, Node] = {}
        self.forms: Dict[bytes, bytes] = {}

    def entry(self, *, read_links: bool = False) -> Entry:
        target = self.target if read_links and self.kind == LINK else None
        return Entry(self.kind, len(self.content) if self.kind == FILE else 0, self.mtime, self.mode & 0o777, target)

    def found(self) -> Found:
        if self.kind == DIRECTORY:
            return Directory(self.mode, self.mtime)
        if self.kind == LINK:
            return Link(self.target)
        return File(bytes(self.content), self.mode, self.mtime) if self.kind == FILE else Special(self.mode)


def _same(name: bytes) -> bytes:
    return name


class MemoryDisk:
    """All nodes below "/". Paths are absolute, in bytes. precision: nanoseconds that mtimes are rounded down to.

    fold: names with the same form are one name. kept: the form of a new name that the disk keeps. A rename between two
    names of one entry does nothing, as on ext4 with casefold, unless `respells`. refuses: whether the disk does not
    take a name.
    """

    def __init__(
        self,
        *,
        now: int = MTIME + 100_000_000 * SECOND,
        precision: int = 1,
        fold: Callable[[bytes], bytes] = _same,
        kept: Callable[[bytes], bytes] = _same,
        respells: bool = False,
        refuses: Callable[[bytes], object] = lambda name: False,
    ) -> None:
        self.now = now
        self.precision = precision
        self.root = Node(DIRECTORY, 0o755, now)
        self._fold, self._kept, self._respells, self._refuses = fold, kept, respells, refuses

    def _spelled(self, parent: Node, name: bytes) -> bytes:
        """The name of the entry that `name` finds in `parent`, or else the name that a new entry has."""
        if name in parent.children or self._fold is _same:
            return name
        if len(parent.forms) != len(parent.children):  # a test has changed them, or two names have one form
            parent.forms = {self._fold(each): each for each in reversed(parent.children)}
        return parent.forms.get(self._fold(name), self._kept(name))

    def _enter(self, parent: Node, name: bytes, node: Node) -> None:
        parent.children[name] = node
        parent.forms[self._fold(name)] = name

    def _leave(self, parent: Node, name: bytes) -> None:
        del parent.children[name]
        parent.forms.pop(self._fold(name), None)

    def tick(self, nanoseconds: int = TICK) -> int:
        """Let time pass; the new present, as an mtime."""
        self.now += nanoseconds
        return self.round(self.now)

    def round(self, mtime: int) -> int:
        return mtime - mtime % self.precision

    def find(self, path: bytes) -> Optional[Node]:
        """The node at `path`, or None. UnsafeName where a link stands in the middle of the path."""
        try:
            parent, name = self._parent(path)
        except (NotFound, OperationFailed):
            return None
        return parent.children.get(name) if name else parent

    def get(self, path: bytes) -> Node:
        parent, name = self._parent(path)
        if name and name not in parent.children:
            raise NotFound("No such file or directory")
        return parent.children[name] if name else parent

    def _parent(self, path: bytes) -> Tuple[Node, bytes]:
        names = path.strip(b"/").split(b"/")
        node = self.root
        for part in names[:-1]:
            name = self._spelled(node, part)
            if name not in node.children:
                raise NotFound("No such file or directory")
            node = node.children[name]
            if node.kind == LINK:
                raise UnsafeName("a symbolic link stands where a directory was")
            if node.kind != DIRECTORY:
                raise OperationFailed("Not a directory")
        return node, self._spelled(node, names[-1])

    def add(self, path: bytes, node: Node) -> Node:
        """Give `node` one more name."""
        parent, name = self._parent(path)
        if name in parent.children:
            raise AlreadyExists("File exists")
        if self._refuses(name):
            raise OperationFailed("Failure")
        self._enter(parent, name, node)
        parent.mtime = self.tick()
        return node

    def link_free(self, path: bytes, root: bytes, kept: RelPath) -> None:
        """Give the file at `path` one more name: `kept` below `root`, or the first free name with a number."""
        node = self.get(path)
        for depth in range(1, kept.depth):
            part = root + b"/" + b"/".join(kept.split(b"/")[:depth])
            if self.find(part) is None:
                self.make(part, DIRECTORY, 0o700)
        free, number = kept, 0
        while self.find(root + b"/" + free) not in (None, node):
            number += 1
            suffix = b".%d" % number
            free = kept.parent.child(kept.name[: 255 - len(suffix)] + suffix)
        if self.find(root + b"/" + free) is None:
            self.add(root + b"/" + free, node)

    def make(self, path: bytes, kind: str, mode: int) -> Node:
        return self.add(path, Node(kind, mode, self.tick()))

    def remove(self, path: bytes, *, directory: bool) -> None:
        parent, name = self._parent(path)
        node = self.get(path)
        if directory and node.kind != DIRECTORY:
            raise OperationFailed("Not a directory")
        if not directory and node.kind == DIRECTORY:
            raise OperationFailed("Is a directory")
        if node.children:
            raise OperationFailed("Directory not empty")
        self._leave(parent, name)
        parent.mtime = self.tick()

    def rename(self, old: bytes, new: bytes, *, replace: bool = True) -> None:
        """rename(2) of something that is not a directory."""
        old_parent, old_name = self._parent(old)
        if not replace:
            self.get(old)  # rename(2) walks both paths first, a rename that never replaces looks first
        parent, name = self._parent(new)
        node = self.get(old)
        present = parent.children.get(name)
        if present is not None and not replace:
            raise AlreadyExists("File exists")
        if present is not None and (present.kind == DIRECTORY) != (node.kind == DIRECTORY):
            raise OperationFailed("Is a directory" if present.kind == DIRECTORY else "Not a directory")
        if self._refuses(name):
            raise OperationFailed("Failure")
        if present is node:
            if self._respells:
                self._leave(parent, name)
                self._enter(parent, self._kept(new.rpartition(b"/")[2]), node)
            return
        self._leave(old_parent, old_name)
        self._enter(parent, name, node)
        old_parent.mtime = parent.mtime = self.tick()

    def fill(self, root: bytes, tree: TreeSpec) -> None:
        """Write `tree` below `root`, over existing entries; parents of `root` are created."""
        whole = normal(tree)
        self._make_all(root)
        for path, spec in whole.items():
            self._put(root + b"/" + path, spec)
        for path, spec in whole.items():
            if isinstance(spec, (File, Directory)):
                self.get(root + b"/" + path).mtime = self.round(spec.mtime)

    def _make_all(self, path: bytes) -> None:
        names = path.strip(b"/").split(b"/")
        for count in range(1, len(names) + 1):
            part = b"/" + b"/".join(names[:count])
            if self.find(part) is None:
                self.make(part, DIRECTORY, 0o755)

    def _put(self, path: bytes, spec: Found) -> None:
        parent, name = self._parent(path)
        present = parent.children.get(name)
        if isinstance(spec, Directory) and present is not None and present.kind == DIRECTORY:
            present.mode = spec.mode
            return
        parent.children.pop(name, None)
        kind = {File: FILE, Directory: DIRECTORY, Link: LINK, Special: SPECIAL}[type(spec)]
        node = self.make(path, kind, getattr(spec, "mode", 0o777))
        if isinstance(spec, File):
            node.content[:] = spec.content
        elif isinstance(spec, Link):
            node.target = spec.target

    def snapshot(self, root: bytes) -> Dict[bytes, Found]:
        """All that stands below `root`, which is missing or a directory."""
        top = self.find(root)
        return {} if top is None else {path: node.found() for path, node in self.walk(top)}

    @staticmethod
    def walk(top: Node) -> Iterator[Tuple[bytes, Node]]:
        """All nodes below `top` with their paths, sorted within a directory."""
        waiting: List[Tuple[bytes, Node]] = [(b"", top)]
        while waiting:
            prefix, node = waiting.pop()
            for name, child in sorted(node.children.items()):
                yield prefix + name, child
                if child.kind == DIRECTORY:
                    waiting.append((prefix + name + b"/", child))
