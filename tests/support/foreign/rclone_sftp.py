# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`rclone serve sftp` (Go) on a free loopback port."""

from __future__ import annotations

__all__ = ["RcloneSftp"]

from pathlib import Path

from .program import SshProgram, as_account


class RcloneSftp(SshProgram):
    """One rclone; it shows the tree as the whole file system, and does not cache directories."""

    name = "rclone"

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        options = {
            "--addr": f"{self.host}:{port}",
            "--key": str(host_key),
            "--authorized-keys": str(authorized),
            "--config": "/dev/null",
            "--dir-cache-time": "1ms",
            "--vfs-cache-mode": "off",
        }
        words = [word for option in options.items() for word in option]
        return [*as_account(self.account), "rclone", "serve", "sftp", str(self.root), *words]
