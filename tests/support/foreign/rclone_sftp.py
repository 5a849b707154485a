# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`rclone serve sftp` (Go) on a free loopback port."""

from __future__ import annotations

__all__ = ["RcloneSftp"]

from pathlib import Path

from ..running.python_environment import python_environment
from ..servers.server import copy_file
from .program import SshProgram, as_account


class RcloneSftp(SshProgram):
    """One rclone; it shows the tree as the whole file system.

    newest: the version of requirements/judges.txt, which keeps times of directories only in its cache; else
    Debian's, without a cache.
    """

    name = "rclone"

    def __init__(self, root: Path | None = None, *, newest: bool = False) -> None:
        super().__init__(root)
        self._newest = newest

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        options = {
            "--addr": f"{self.host}:{port}",
            "--key": str(host_key),
            "--authorized-keys": str(authorized),
            "--config": "/dev/null",
            **({} if self._newest else {"--dir-cache-time": "1ms"}),
            "--vfs-cache-mode": "off",
        }
        words = [word for option in options.items() for word in option]
        if self._newest:
            copy_file(python_environment("judges") / "bin" / "rclone", self._private / "rclone", 0o755)
        program = str(self._private / "rclone") if self._newest else "rclone"
        return [*as_account(self.account), program, "serve", "sftp", str(self.root), *words]
