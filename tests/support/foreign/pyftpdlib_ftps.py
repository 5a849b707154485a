# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pyftpdlib with TLS on a free loopback port: MLSD with a time for directories, MFMT for files alone.

It comes from Debian, in a root file system of its own, since its project publishes no wheels.
"""

from __future__ import annotations

__all__ = ["Pyftpdlib"]

import shutil
from pathlib import Path

from ..servers.ftps_server import FtpsServer
from ..servers.server import RUN

_SERVING = Path(__file__).with_name("pyftpdlib_serving.py")


class Pyftpdlib(FtpsServer):
    """One pyftpdlib; `umask` and the account's password come from the options. It shows the tree as `/`."""

    packages = ("python3-pyftpdlib", "python3-openssl")

    def __init__(self, root: Path | None = None, **options: object) -> None:
        super().__init__(root, **{"reuse": False, **options})

    @property
    def remote_root(self) -> str:
        return ""

    def _write_configuration(self, port: int) -> list[str]:
        private = f"{RUN}/private"
        shutil.copyfile(_SERVING, self._private / "serving.py")
        (self._private / "password").write_text(self.password)
        words = (self.host, port, f"{RUN}/files", f"{private}/server.pem", self.user, self.account.uid)
        serving = ["/usr/bin/python3", f"{private}/serving.py", *map(str, words)]
        return [*serving, self.options.umask, f"{private}/password"]
