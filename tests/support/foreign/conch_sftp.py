# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SFTP server of Twisted Conch (Python) on a free loopback port."""

from __future__ import annotations

__all__ = ["Conch"]

from pathlib import Path

from .program import SshProgram, of_environment


class Conch(SshProgram):
    """One Conch with Twisted's own SFTP server; the tree is below the root of the file system."""

    name = "conch"

    @property
    def remote_root(self) -> str:
        return str(self.root)

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        words = (self.host, port, self.root, host_key, authorized, self.account.uid)
        serving = Path(__file__).with_name("conch_serving.py")
        return of_environment(self._private / "programs", "python", str(serving), *map(str, words))
