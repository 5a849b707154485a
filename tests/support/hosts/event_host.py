# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with jails over SFTP and FTPS, and the collector of events on it.

with EventHost(directory) as host:
    host.converge()
    host.deploy()
    host.collect()
    for event in host.events(): ...
"""

from __future__ import annotations

__all__ = ["EventHost"]

import json
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.program_archive import program_archive
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.program_sources import program_sources

from ..servers import ssh_keys
from ..servers.ssh_keys import SshKey
from .ftps_host import HASH, FtpsHost

_LIBRARY = Path(__file__).resolve().parents[3] / "plugins/module_utils"
_PROGRAM, _SETTINGS = "/usr/local/lib/events.pyz", "/etc/events.json"
_OUTPUT = "/var/log/secure_ftp_synchronize/events.jsonl"


class EventHost(FtpsHost):
    """One host. The accounts `partner` and `other` log in with `key` or with the password."""

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        self.key: SshKey = ssh_keys.key("events")
        both = {"password_hash": HASH, "authorized_keys": [self.key.public], "directories": [{"name": "incoming"}]}
        accounts = [{"name": name, **both} for name in ("partner", "other")]
        super().__init__(directory, system, [*accounts, {"name": "monitor", "password_hash": HASH}])

    def deploy(self, **settings: Any) -> None:
        """Put the program and its settings on the host; it reads from now on."""
        sources = program_sources(str(_LIBRARY), "_engine/events/main.py")
        self.put(_PROGRAM, program_archive(sources, "_engine/events/main.py"))
        self.configure(**settings)
        self.inside("install -d -m 2750 -g adm /var/log/secure_ftp_synchronize")
        self.collect()

    def configure(self, **settings: Any) -> None:
        """Write the settings."""
        given = {"vsftpd": ["/var/log/vsftpd.log"], "idle": 1, "metrics": "/var/log/events.prom", **settings}
        self.put(_SETTINGS, json.dumps(given).encode())

    def put(self, path: str, content: bytes) -> None:
        """Write a file of the host."""
        self.host.enter("sh", "-c", f"cat > {path}", input=content, text=False)

    def collect(self, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one pass."""
        return self.host.enter("python3", "-I", _PROGRAM, _SETTINGS, check=check, timeout=300)

    def events(self) -> list[dict[str, Any]]:
        """Return all events so far."""
        return [json.loads(line) for line in self.inside(f"cat {_OUTPUT}").splitlines()]
