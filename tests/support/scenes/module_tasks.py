# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of secure_sync between a small local tree and a directory of a test's own at a server.

task = task_maker(server, own_directory(server, "name"), tmp_path, private_key_file=...)
play.run([task(), task(direction="pull", ...)])
"""

from __future__ import annotations

__all__ = ["Task", "module_that_sends", "own_directory", "remote", "slow_task", "small_tree", "task_maker"]

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..running.processes import orphans
from ..servers.server import Server

Task = Callable[..., dict[str, Any]]
_SECONDS = 120
_LOCK_BYTES = 4096
"""More than the content of a lock, which has a temporary name of the same form before the directories are made."""


def own_directory(server: Server, name: str) -> Path:
    """Make a directory below the server's tree; in its name, special characters of `name` are replaced."""
    directory = server.root / re.sub(r"[^\w-]", "-", name)
    directory.mkdir()
    server.give(directory)
    return directory


def remote(server: Server, path: Path) -> str:
    """Return the server's name of a path below its tree."""
    return f"{server.remote_root}/{path.relative_to(server.root)}"


def task_maker(server: Server, far: Path, directory: Path, **endpoint: Any) -> Task:
    """Return a function that makes a task with a good endpoint; its options win, and None leaves an option out."""
    good = {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "state_dir": str(directory / "state"),
        "src": str(directory / "near"),
        "dest": remote(server, far) + "/tree",
        **endpoint,
    }

    def make(**options: Any) -> dict[str, Any]:
        return {"secure_sync": {name: value for name, value in {**good, **options}.items() if value is not None}}

    return make


def small_tree(root: Path) -> Path:
    """Make a small tree, and return it."""
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"first\n")
    (root / "sub" / "b.bin").write_bytes(bytes(range(256)) * 4096)
    (root / "sub" / "b.bin").chmod(0o600)
    return root


def slow_task(task: Task, near: Path, **options: Any) -> dict[str, Any]:
    """Return a task that takes far longer than any test waits."""
    with open(near / "large", "wb") as file:
        file.truncate(64 << 20)
    return task(bandwidth_limit="256K", **options)


def module_that_sends(marked: dict[str, str], far: Path) -> int:
    """Wait until content arrives below `far`, and return the id of the module's process."""
    deadline = time.monotonic() + _SECONDS
    while not _arriving(far):
        assert time.monotonic() < deadline, "no data flows"
        time.sleep(0.05)
    lines = orphans(marked).items()
    return max(pid for pid, line in lines if "AnsiballZ_secure_sync" in line and "/bin/sh" not in line)


def _arriving(far: Path) -> bool:
    with suppress(FileNotFoundError):  # renamed or removed meanwhile
        return any(path.stat().st_size > _LOCK_BYTES for path in far.rglob(".secure_sync-*"))
    return False
