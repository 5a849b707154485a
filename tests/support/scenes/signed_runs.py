# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pushes with `sign` to a real server, and the set as a receiver finds it.

scene = SignedScene(server, tmp_path)
scene.write({"a": "one"})
ran = scene.push()
assert scene.judge.complaints() == []
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import Signing

from ..judges.set_judges import SetJudge
from ..servers.ftps_server import FtpsServer
from ..servers.ssh_keys import SshKey, key
from .ftps_runs import FtpsRuns
from .sync_runs import Ran, SyncRuns

__all__ = ["SignedScene"]


class SignedScene:
    """key: that signs. Options of Signing are set with `sign`, options of the request with `options`."""

    def __init__(
        self, server: Any, place: Path, *, name: str = "set", sign: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        self.key: SshKey = key("signer")
        self.sign: dict[str, Any] = {"private_key_file": str(self.key.path), **(sign or {})}
        runs = FtpsRuns if isinstance(server, FtpsServer) else SyncRuns
        near, far, self.state = place / "near", server.root / name, place / "state"
        for old in (near, far, self.state):
            shutil.rmtree(old, ignore_errors=True)
        near.mkdir(parents=True)
        self.runs = runs(server, near, far, push=True, state_dir=self.state, **options)
        self._mtime = 1_600_000_000
        self.judge = SetJudge(far, self.key.public, path=self.sign.get("path", b"MANIFEST").decode())

    @property
    def near(self) -> Path:
        return self.runs.near

    @property
    def far(self) -> Path:
        return self.runs.far

    @property
    def published(self) -> list[str]:
        """The names in the directory of manifests."""
        directory = (
            self.far / self.sign.get("path", b"MANIFEST").decode() if "path" in self.sign else self.far / "MANIFEST"
        )
        return sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []

    def write(self, files: Mapping[str, str]) -> None:
        """Write files of the source, each with a time of its own, long ago: a record counts for them at once."""
        for name, text in files.items():
            path = self.near / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            self._mtime += 60
            os.utime(path, (self._mtime, self._mtime))

    def push(self, *, sign: Mapping[str, Any] | None = None, **options: Any) -> Ran:
        return self.runs.run(sign=Signing(**{**self.sign, **(sign or {})}), **options)

    def good(self, *, sign: Mapping[str, Any] | None = None, **options: Any) -> Ran:
        ran = self.push(sign=sign, **options)
        assert not ran.failed, ran
        return ran

    def own_state(self) -> dict[str, Any]:
        """The state of this host about the set."""
        (path,) = (self.state / "published").iterdir()
        state: dict[str, Any] = json.loads(path.read_text())
        return state
