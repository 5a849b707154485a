# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ftp-srv (Node.js) with explicit TLS on a free loopback port: LIST alone, which shows no "."; no way to set mtimes."""

from __future__ import annotations

__all__ = ["FtpSrv"]

import os
from pathlib import Path

from .node_packages import node_packages
from .program import FtpsProgram, as_account

_HERE = Path(__file__).with_name("ftp_srv")


class FtpSrv(FtpsProgram):
    """One ftp-srv; `umask` and the account's password come from the options."""

    def __init__(self, root: Path | None = None, **options: object) -> None:
        super().__init__(root, **{"reuse": False, **options})

    def _program(self, port: int, certificate: Path) -> list[str]:
        words = (self.host, port, self.root, certificate, self.user, self.options.umask, self._private / "password")
        (self._private / "password").write_text(self.password)
        os.chown(self._private / "password", self.account.uid, self.account.uid)
        # Debian's Node.js does not change its groups itself (CVE-2024-22017).
        node = [*as_account(self.account), "node", str(_HERE / "serve.js")]
        return [*node, str(node_packages(_HERE)), *map(str, words)]
