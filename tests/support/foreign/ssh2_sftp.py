# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SFTP server of ssh2 (Node.js) on a free loopback port: it carries out requests at the same time."""

from __future__ import annotations

__all__ = ["Ssh2"]

from pathlib import Path

from .node_packages import node_packages
from .program import SshProgram, as_account

_HERE = Path(__file__).with_name("ssh2")


class Ssh2(SshProgram):
    """One ssh2; it shows the tree as the whole file system. Names have to be UTF-8."""

    name = "ssh2"

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        words = (node_packages(_HERE), self.host, port, self.root, host_key, authorized)
        return [*as_account(self.account), "node", str(_HERE / "serve.js"), *map(str, words)]
