# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SFTP server of copyparty (Python) on a free loopback port."""

from __future__ import annotations

__all__ = ["Copyparty"]

from pathlib import Path

from .program import SshProgram, as_account, of_environment


class Copyparty(SshProgram):
    """One copyparty; it shows the tree as the whole file system.

    sets: the letters of the attributes that it sets, of "t" for times and "p" for modes. It acknowledges all others.
    """

    name = "copyparty"

    def __init__(self, root: Path | None = None, *, sets: str = "") -> None:
        super().__init__(root)
        self._sets = sets

    def _program(self, port: int, host_key: Path, authorized: Path) -> list[str]:
        keys, state = self._private / "host-keys", self._private / "state"
        for place in (keys, state):
            place.mkdir(exist_ok=True)
            self.give(place)
        host_key.rename(keys / "ssh_host_ed25519_key")
        self.give(keys)
        options = {
            "-a": f"{self.user}:{'x' * 20}",
            "-v": f"{self.root}::A,{self.user}",
            "-i": f"unix:{state}/http",
            "--sftp": str(port),
            "--sftp-i": self.host,
            "--sftp-key": f"{self.user} {self.key.public}",
            "--sftp-hostk": str(keys),
            "--sftp-chattr": f"s{self._sets}",
        }
        words = [word for option in options.items() for word in option]
        python = of_environment(self._private / "programs", "python")
        # The account is taken before the program starts, below the mount.
        at = python.index(str(self._private / "programs" / "bin" / "python"))
        env = ["env", f"HOME={state}", f"XDG_CONFIG_HOME={state}"]
        return [*python[:at], *as_account(self.account), *env, *python[at:], "-m", "copyparty", *words]
