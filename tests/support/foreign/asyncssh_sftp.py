# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SFTP server of asyncssh (Python) on a free loopback port."""

from __future__ import annotations

__all__ = ["Asyncssh"]

import sys
from pathlib import Path

from .program import SshProgram


class Asyncssh(SshProgram):
    """One asyncssh; it shows the tree as the whole file system."""

    name = "asyncssh"

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        words = (self.host, port, self.root, host_key, authorized, self.account.uid)
        return [sys.executable, str(Path(__file__).with_name("asyncssh_serving.py")), *map(str, words)]
