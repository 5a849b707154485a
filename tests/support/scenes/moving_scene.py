# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MovingScene: a task that moves files, in a child that is killed before one of its changes on this host or of its
requests to the server.

scene = MovingScene(tmp_path, monkeypatch, direction="push", after_transfer="delete")
scene.reset()
changes = scene.killed_before(LAST)[1]
"""

from __future__ import annotations

__all__ = ["CONTENT", "KEY", "LAST", "MovingScene", "files"]

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from pyrage import x25519

from ..running.tasks import run_task
from ..scripted.stand_in_ssh import stand_in_ssh
from ..servers import ssh_keys
from .sealed_pair import age_key

CHANGES = ("write", "writev", "pwrite", "ftruncate", "fsync", "link", "unlink", "rename", "replace", "mkdir", "open")
PLAIN = b"2" * 100
CONTENT = {"a": b"1", "b": PLAIN * 400, "sub/c": b"3"}
KILLED = 9
LAST = 1 << 30
KEY = age_key()
IDENTITY, RECIPIENT = x25519.Identity.from_str(KEY.identity), x25519.Recipient.from_str(KEY.recipient)


class MovingScene:
    """A source with `content`, a destination, and a task that moves the files. The server is this host, behind a
    stand-in for `ssh`. An encrypted file counts if it can be decrypted."""

    def __init__(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch, content: dict[str, bytes] = CONTENT, **options: Any
    ) -> None:
        self._content = content
        key = ssh_keys.key("unit")
        self._directory = directory
        self.source, self.destination = directory / "source", directory / "destination"
        monkeypatch.setenv("PATH", stand_in_ssh(directory / "bin", directory, key))
        self.options = {
            "host": "localhost",
            "host_keys": [key.public],
            "state_dir": str(directory / "state"),
            "src": str(self.source),
            "dest": str(self.destination),
            **options,
        }

    def reset(self) -> None:
        for path in (self.source, self.destination, self._directory / "state"):
            shutil.rmtree(path, ignore_errors=True)
        for name, data in self._content.items():
            path = self.source / (f"{name}.age" if "decrypt" in self.options else name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pyrage.encrypt(data, [RECIPIENT]) if "decrypt" in self.options else data)
            os.utime(path, (1_600_000_000, 1_600_000_000))
        self.destination.mkdir()

    def run(self) -> dict[str, Any]:
        return run_task(secure_sync, **self.options)

    def killed_before(self, number: int) -> tuple[bool, int]:
        """Run in a child that ends before its change of that number; return whether it did, and its changes."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            counted = _end_before(number)
            self.run()
            os.write(writing, b"%d" % counted())
            os._exit(0)
        os.close(writing)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with os.fdopen(reading, "rb") as stream:
            said = stream.read()
        assert status in (0, KILLED)
        return status == KILLED, int(said or 0)

    def arrived(self) -> dict[str, bytes]:
        """Return the contents at the destination."""
        there = files(self.destination)
        return opened(there) if "encrypt" in self.options else there

    def left(self) -> dict[str, bytes]:
        """Return the contents in the source."""
        here = files(self.source)
        return opened(here) if "decrypt" in self.options else here

    def in_plain_form(self) -> list[str]:
        """Return the files at the destination, temporary files too, with plain content."""
        if "encrypt" not in self.options:
            return []
        return [path.name for path in self.destination.rglob("*") if path.is_file() and PLAIN in path.read_bytes()]


def _end_before(number: int) -> Callable[[], int]:
    """End this process before the change of that number; return a function that returns their count so far."""
    count = 0

    def ending(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                os._exit(KILLED)
            return function(*values, **named)

        return call

    for name in CHANGES:
        setattr(os, name, ending(getattr(os, name)))
    return lambda: count


def opened(sealed: dict[str, bytes]) -> dict[str, bytes]:
    return {name.removesuffix(".age"): pyrage.decrypt(data, [IDENTITY]) for name, data in sealed.items()}


def files(directory: Path) -> dict[str, bytes]:
    """Return the files below a directory, without the archive and temporary files."""
    found = {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    return {
        path: data
        for path, data in found.items()
        if not path.startswith(".sent/") and not Path(path).name.startswith(".secure_sync")
    }
