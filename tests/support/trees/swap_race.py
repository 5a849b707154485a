# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A race: one process swaps a directory for a link as fast as it can, while a LocalTransport works in that directory.

Everything that the transport must never reach stands behind the link, under the same names as in the directory.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ItemError, UnsafeName
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Rename
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)

from .real_tree import write_tree
from .tree_spec import MTIME, Directory, File, TreeSpec

__all__ = ["run_race"]

SECRET = b"secret, and not to be read"
OUTSIDE: TreeSpec = {
    b"f": File(SECRET, 0o640),
    b"g": File(SECRET, 0o600),
    b"hollow": Directory(0o700),
    b"only_outside": File(SECRET, 0o600),
}
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


def run_race(base: bytes, rounds: int) -> Tuple[Counter, List[str]]:
    """A number of rounds of every operation: successes, rounds that met the link, and changes outside."""
    outside, root = base + b"/outside", base + b"/root"
    write_tree(outside, OUTSIDE)
    write_tree(root, {b"d": Directory()})
    os.symlink(outside, root + b"/link")
    before = _state(outside)
    counts: Counter = Counter()
    leaks: List[str] = []
    with _swapping(root + b"/d", root + b"/link"):
        for _number in range(rounds):
            _round(LocalTransport(root), counts, leaks)
    after = _state(outside)
    return counts, leaks + ["changed outside: %r" % (path,) for path in before if after.get(path) != before[path]] + [
        "new outside: %r" % (path,) for path in after if path not in before
    ]


def _state(outside: bytes) -> Dict[bytes, Tuple[object, ...]]:
    """All that a write would change, the change time among it; reading a file does not."""
    found = {}
    for place, directories, files in os.walk(outside):
        for path in [place, *(place + b"/" + name for name in directories + files)]:
            status = os.lstat(path)
            content = Path(os.fsdecode(path)).read_bytes() if stat.S_ISREG(status.st_mode) else b""
            found[path] = (status.st_mode, status.st_mtime_ns, status.st_ctime_ns, status.st_nlink, content)
    return found


@contextmanager
def _swapping(directory: bytes, link: bytes) -> Iterator[None]:
    libc = ctypes.CDLL(None, use_errno=True)
    parent, child = os.getpid(), os.fork()
    if child == 0:
        while os.getppid() == parent:
            libc.renameat2(_AT_FDCWD, directory, _AT_FDCWD, link, _RENAME_EXCHANGE)
        os._exit(0)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


_Work = Callable[[], Any]

_D = RelPath(b"d")
_TRASH = RelPath(b"trash")
_WIDE = Attributes(0o777, MTIME - 1)


def _round(side: LocalTransport, counts: Counter, leaks: List[str]) -> None:
    for work in (*_writes(side), *_reads(side, leaks), *_removals(side)):
        try:
            results = work() or []
            failed = [done.error if hasattr(done, "error") else done[2] for done in results]
        except ItemError as error:
            failed = [error]
        for error in failed or [None]:
            refused = isinstance(error, UnsafeName)
            counts["refused" if refused else "done" if error is None else "other"] += 1
        side._directories.forget(b"")  # every operation walks the path again: that is where the race is
    _expect_nothing_kept(side, leaks)


def _writes(side: LocalTransport) -> List[_Work]:
    def stored() -> None:
        stage = side.create_stage(_D.child(b"stage"))
        stage.write_at(b"ours", 0)
        stage.finish(_WIDE)

    return [
        stored,
        lambda: side.create_file(_D.child(b"g"), b"ours"),
        lambda: list(side.rename([Rename(_D.child(b"stage"), _D.child(b"f"))])),
        lambda: list(side.make_directories([_D.child(b"new"), _D.child(b"hollow")])),
        lambda: list(side.make_links([(_D.child(b"link"), b"f")])),
        lambda: list(side.set_attributes([(_D, _WIDE), (_D.child(b"f"), _WIDE), (_D.child(b"hollow"), _WIDE)])),
    ]


def _reads(side: LocalTransport, leaks: List[str]) -> List[_Work]:
    def read_source() -> None:
        source = side.open_source(_D.child(b"f"))
        if SECRET in source.read(1000):
            leaks.append("read by open_source")
        source.close()

    def read_whole() -> None:
        if side.read_file(_D.child(b"g")) == SECRET:
            leaks.append("read by read_file")

    def listed() -> None:
        for page in side.scan(read_links=True):
            if any(path.name == b"only_outside" for path, _entry in page.entries):
                leaks.append("listed outside")

    return [read_source, read_whole, listed, lambda: list(side.look([_D.child(b"f")]))]


def _removals(side: LocalTransport) -> List[_Work]:
    return [
        lambda: list(side.keep_in(_TRASH, [_D.child(b"f"), _D.child(b"only_outside")], remove=False)),
        lambda: list(side.keep_in(_D, [RelPath(b"trash/d/f")], remove=True)),
        lambda: list(side.keep_in(_TRASH, [_D.child(b"g")], remove=True)),
        lambda: side.rename_new(_D.child(b"f"), _D.child(b"moved")),
        lambda: list(side.remove_files([_D.child(name) for name in (b"f", b"g", b"link", b"moved", b"stage")])),
        lambda: list(side.remove_directories([_D.child(name) for name in (b"hollow", b"new")])),
        lambda: list(side.sync_directories([_D])),
    ]


def _expect_nothing_kept(side: LocalTransport, leaks: List[str]) -> None:
    """Check that the trash has only expected entries, then empty it."""
    for page in side.scan(enter=lambda path: path.startswith(b"trash")):
        for path, entry in page.entries:
            if path.startswith(b"trash/") and entry.kind == "file":
                if SECRET in side.read_file(path):
                    leaks.append("kept %r" % (path,))
                list(side.remove_files([path]))
