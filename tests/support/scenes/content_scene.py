# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree of this host whose files are checked on their way, with a scripted scanner or a program.

with scripted_check(directory, "hangs") as (scene, clamd): scene.send(b"1")
"""

from __future__ import annotations

__all__ = ["BIG", "FINAL", "QUICK", "STAGE", "ContentScene", "inspecting_program", "scripted_check"]

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.content.check import ContentCheck
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.content.local import CheckedLocal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    PULL,
    PUSH,
    ContentChecks,
    SyncRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Attributes, Rename

from ..scripted.scripted_clamd import ScriptedClamd

BIG = b"b" * (1 << 18)
STAGE, FINAL = RelPath(b".stage"), RelPath(b"final")
QUICK = 0.5
"""Seconds for a file, where the scanner gives no answer."""


class ContentScene:
    """A tree with a check. The scanner, if any, is scripted."""

    def __init__(self, directory: Path, *, push: bool = True, **checks: Any) -> None:
        self.tree, self.quarantine = directory / "tree", directory / "quarantine"
        self.tree.mkdir(exist_ok=True)
        self.check = ContentCheck(
            SyncRequest(
                direction=PUSH if push else PULL,
                local_root=os.fsencode(self.tree),
                remote_root=b"outgoing",
                endpoint=Endpoint("sftp", "files.example.com"),
                credentials=Credentials(),
                trust=SshTrust(),
                state_dir=b"/nonexistent",
                run_id="0" * 16,
                content_check=ContentChecks(
                    **{"timeout": 5.0, "quarantine": b"" if push else os.fsencode(self.quarantine), **checks}
                ),
            )
        )
        self.local = CheckedLocal(os.fsencode(self.tree), self.check, durable=False, sends=push)

    def send(self, content: bytes, name: str = "a") -> bytes:
        """Open a file with this content for sending; return its bytes as they leave."""
        (self.tree / name).write_bytes(content)
        file = self.local.open_source(RelPath(os.fsencode(name)))
        try:
            sent = file.read(file.size + 1)
            assert not file.changed(sha256(sent).digest)
            return sent
        finally:
            file.close()

    def receive(self, content: bytes) -> SyncError | None:
        """Receive a file with this content; return the error of its rename."""
        stage = self.local.create_stage(STAGE)
        stage.write_at(content, 0)
        stage.finish(Attributes(0o644, None))
        (done,) = self.local.rename([Rename(STAGE, FINAL)])
        list(self.local.remove_files([STAGE]))
        return done.error


@contextmanager
def scripted_check(directory: Path, behaviour: str = "honest", *, push: bool = True, **more: Any) -> Iterator[Any]:
    version = more.pop("version", None)
    with ScriptedClamd(directory / "clamd.ctl", behaviour, version=version) as clamd:
        scene = ContentScene(directory, push=push, socket=os.fsencode(clamd.socket), **more)
        try:
            yield scene, clamd
        finally:
            scene.check.close()


def inspecting_program(directory: Path, body: str) -> tuple[str, ...]:
    """Write a program of Python; `path` is the name of its file."""
    path = directory / "inspect"
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\npath = sys.argv[-1]\n{body}\n")
    path.chmod(0o700)
    return (str(path), "--strict")
