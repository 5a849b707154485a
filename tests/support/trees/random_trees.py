# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pairs of random trees of every kind of entry, alike enough that a sync between them meets every case.

source, destination = random_pair(random.Random(7))
grow(tmp_path / "source", source)
"""

from __future__ import annotations

__all__ = ["DIRECTORY", "FILE", "LINK", "SPECIAL", "Node", "Nodes", "grow", "random_pair"]

import os
import random
import socket
import stat
from dataclasses import dataclass, replace
from pathlib import Path

DIRECTORY, FILE, LINK, SPECIAL = "directory", "file", "link", "special"
NULL_DEVICE = os.makedev(1, 3)
FIRST = 1_500_000_000
_NAMES = (b"a", b"b", b"c", b"d e", b"-f", b"g*", b"h\xff", b"\xc3\xa4", b"{{ i }}", b"'j", b"\\k", b".l")
_KINDS = (FILE, FILE, FILE, FILE, DIRECTORY, DIRECTORY, DIRECTORY, LINK, LINK, SPECIAL)
_FILE_MODES, _DIRECTORY_MODES = (0o644, 0o600, 0o444, 0o755, 0o400, 0o666), (0o755, 0o755, 0o700, 0o555, 0o500)
_TARGETS = (b"a", b"b/a", b"../a", b"../../outside", b"/etc/passwd", b"nowhere", b".")
_CONTENTS = (b"", b"one", b"two", b"three" * 1000, bytes(range(256)) * 300)
_DEEPEST = 4


@dataclass(frozen=True)
class Node:
    """content: of a file; target of a link; `fifo`, `socket` or `device`; twin: the file that it is a hard link to."""

    kind: str
    content: bytes = b""
    mode: int = 0o755
    mtime: int = FIRST
    twin: bytes = b""


Nodes = dict[bytes, Node]


def random_pair(chosen: random.Random) -> tuple[Nodes, Nodes]:
    """Return a source and a destination; the destination is the source's past in most pairs, else anything."""
    source = _random_tree(chosen)
    destination = _changed(source, chosen) if chosen.random() < 0.8 else _random_tree(chosen)
    return _with_twins(source, chosen), destination


def _random_tree(chosen: random.Random) -> Nodes:
    nodes: Nodes = {}
    _fill(nodes, b"", chosen, 0)
    return nodes


def _fill(nodes: Nodes, above: bytes, chosen: random.Random, depth: int) -> None:
    for name in chosen.sample(_NAMES, chosen.randrange(8 - depth)):
        path = above + name
        nodes[path] = _random_node(chosen)
        if nodes[path].kind == DIRECTORY and depth < _DEEPEST:
            _fill(nodes, path + b"/", chosen, depth + 1)


def _random_node(chosen: random.Random) -> Node:
    kind = chosen.choice(_KINDS)
    contents = {FILE: _CONTENTS, LINK: _TARGETS, SPECIAL: (b"fifo", b"socket", b"device"), DIRECTORY: (b"",)}
    mode = chosen.choice(_DIRECTORY_MODES if kind == DIRECTORY else _FILE_MODES)
    return Node(kind, chosen.choice(contents[kind]), mode, FIRST + chosen.randrange(100) * 1000)


def _changed(nodes: Nodes, chosen: random.Random) -> Nodes:
    """Change about a third of the entries: remove them, change kind, content, mode or time; and add some."""
    changed: Nodes = {}
    for path, node in nodes.items():
        parent = path.rpartition(b"/")[0]
        gone = chosen.random() < 0.1
        if gone or (parent and (parent not in changed or changed[parent].kind != DIRECTORY)):
            continue
        changed[path] = _changed_node(node, chosen)
    for path in [b"", *(path + b"/" for path, node in changed.items() if node.kind == DIRECTORY)]:
        if chosen.random() < 0.3:
            changed.setdefault(path + chosen.choice(_NAMES), replace(_random_node(chosen)))
    return changed


def _changed_node(node: Node, chosen: random.Random) -> Node:
    draw = chosen.random()
    if draw < 0.08:
        return _random_node(chosen)
    if draw < 0.16:
        return replace(node, mtime=node.mtime + 5)
    if draw < 0.22:
        return replace(node, mode=0o750)
    if draw < 0.3 and node.kind == FILE:
        # Of the same size and time, where there is anything.
        return replace(node, content=bytes(byte ^ 1 for byte in node.content))
    return node


def _with_twins(nodes: Nodes, chosen: random.Random) -> Nodes:
    files = [path for path, node in nodes.items() if node.kind == FILE and not node.twin]
    if len(files) < 2 or chosen.random() < 0.5:
        return nodes
    one, other = chosen.sample(files, 2)
    return {**nodes, other: replace(nodes[one], twin=one)}


def grow(root: Path, nodes: Nodes) -> None:
    """Make the tree. Root only, for the device."""
    top = os.fsencode(root) + b"/"
    os.makedirs(top, exist_ok=True)
    for path, node in nodes.items():
        if not node.twin:
            _make(top + path, node)
    for path, node in nodes.items():
        if node.twin:
            os.link(top + node.twin, top + path)
    for path, node in reversed(nodes.items()):
        if node.kind != LINK:
            os.chmod(top + path, node.mode)
        if node.kind != SPECIAL:
            os.utime(top + path, (node.mtime, node.mtime), follow_symlinks=False)
    os.utime(top, (FIRST, FIRST))


def _make(path: bytes, node: Node) -> None:
    if node.kind == DIRECTORY:
        os.mkdir(path)
    elif node.kind == LINK:
        os.symlink(node.content, path)
    elif node.kind == FILE:
        with open(path, "xb") as file:
            file.write(node.content)
    elif node.content == b"fifo":
        os.mkfifo(path)
    elif node.content == b"device":
        os.mknod(path, stat.S_IFCHR | 0o600, NULL_DEVICE)
    else:
        with socket.socket(socket.AF_UNIX) as server:
            _bind(server, path)


def _bind(server: socket.socket, path: bytes) -> None:
    """By a short name: an address has room for 107 bytes only."""
    directory = os.open(os.path.dirname(path), os.O_PATH)
    try:
        server.bind(b"/proc/self/fd/%d/" % directory + os.path.basename(path))
    finally:
        os.close(directory)
