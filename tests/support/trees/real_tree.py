# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a tree to a real directory and read it back, by other means than those that are tested: absolute paths."""

from __future__ import annotations

import os
import stat
from typing import Dict

from .tree_spec import Directory, File, Found, Link, Special, TreeSpec, normal

__all__ = ["read_tree", "write_tree"]


def write_tree(root: bytes, tree: TreeSpec) -> None:
    """Write `tree` below `root`, over existing entries; `root` is created.

    Modes and mtimes of directories come last.
    """
    os.makedirs(root, exist_ok=True)
    whole = normal(tree)
    for path, spec in whole.items():
        _write(root + b"/" + path, spec)
    for path, spec in reversed(list(whole.items())):
        if isinstance(spec, (File, Directory)):
            os.chmod(root + b"/" + path, spec.mode)
            os.utime(root + b"/" + path, ns=(spec.mtime, spec.mtime))


def _write(path: bytes, spec: Found) -> None:
    if isinstance(spec, Directory):
        os.makedirs(path, exist_ok=True)
        return
    if os.path.lexists(path):
        os.unlink(path)
    if isinstance(spec, Link):
        os.symlink(spec.target, path)
    elif isinstance(spec, Special):
        os.mkfifo(path, spec.mode)
    else:
        with open(path, "wb") as file:
            file.write(spec.content)


def read_tree(root: bytes) -> Dict[bytes, Found]:
    """All that stands below `root`; nothing where it is missing. Links are not followed, fifos not opened."""
    found: Dict[bytes, Found] = {}
    for place, directories, files in os.walk(root):
        for name in directories + files:
            path = os.path.join(place, name)
            found[path[len(root) + 1 :]] = _read(path)
    return dict(sorted(found.items()))


def _read(path: bytes) -> Found:
    status = os.lstat(path)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Link(os.readlink(path))
    if stat.S_ISDIR(status.st_mode):
        return Directory(mode, status.st_mtime_ns)
    if not stat.S_ISREG(status.st_mode):
        return Special(mode)
    with open(path, "rb") as file:
        return File(file.read(), mode, status.st_mtime_ns)
