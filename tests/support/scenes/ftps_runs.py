# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SyncRuns over FTPS, on a real server or the scripted server."""

from __future__ import annotations

__all__ = ["FtpsRuns"]

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint, SshTrust

from ..servers.ftps_server import credentials_of, endpoint_of, trust_of
from .sync_runs import SyncRuns


class FtpsRuns(SyncRuns):
    """As SyncRuns; its server is an FtpsServer or a ScriptedFtps."""

    @property
    def hard_links(self) -> bool:
        return not self.push

    def _login(self) -> dict[str, Any]:
        return {"credentials": credentials_of(self.server), "trust": SshTrust(), "tls": trust_of(self.server)}

    def _endpoint(self, **options: Any) -> Endpoint:
        return endpoint_of(self.server, **{"host": self.through.host, "port": self.through.port, **options})
