# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BoxScene: a directory on this host, a directory of a test's own at a real server, and tasks that move files between
them.

scene = BoxScene(server, own_directory(server, "name"), tmp_path)
scene.fill(scene.near, {"a": b"1"})
assert scene.run(deliver_once=True)["changed"]
assert files(scene.far) == {"a": b"1"}
"""

from __future__ import annotations

__all__ = ["OLD", "BoxScene", "files"]

import os
import time
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync

from ..running.tasks import run_task
from ..servers.ftps_server import FtpsServer
from ..servers.sshd import Sshd
from .module_tasks import remote

OLD = time.time() - 3600


class BoxScene:
    """A directory `near` on this host, a directory `far` at the server, and tasks between them."""

    def __init__(self, running: Sshd | FtpsServer, far: Path, directory: Path) -> None:
        self.near, self.far, self._server = directory / "near", far, running
        self.state = directory / "state"
        self.near.mkdir()
        self._options = {
            "host": running.host,
            "port": running.port,
            "username": running.user,
            "state_dir": str(self.state),
            **_login(running),
        }

    def run(self, *, push: bool = True, **options: Any) -> dict[str, Any]:
        near, far = self.ends()
        ends = {"src": near, "dest": far} if push else {"direction": "pull", "src": far, "dest": near}
        return run_task(secure_sync, **{**self._options, **ends, **options})

    def ends(self) -> tuple[str, str]:
        """Return the names of both directories in a task."""
        return str(self.near), remote(self._server, self.far)

    def fill(self, directory: Path, content: dict[str, bytes]) -> None:
        for name, data in content.items():
            path = directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (OLD, OLD))
            for each in (path.parent, path) if directory == self.far else ():
                self._server.give(each)


def _login(running: Sshd | FtpsServer) -> dict[str, Any]:
    if isinstance(running, FtpsServer):
        return {"protocol": "ftps", "password": running.password, "ca_file": str(running.authority.file)}
    login = {"private_key_file": str(running.key.path), "known_hosts_file": str(running.known_hosts)}
    return {**login, "ssh_config_file": "none", "ssh_agent": False}


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
