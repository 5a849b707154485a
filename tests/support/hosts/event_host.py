# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with jails over SFTP and FTPS, and the collector of events on it.

with EventHost(directory) as host:
    host.converge()
    host.monitor()
    host.collect()
    for event in host.events(): ...
"""

from __future__ import annotations

__all__ = ["EventHost"]

import json
import subprocess
from pathlib import Path
from typing import Any

from ..running.playbook_process import Outcome
from ..servers import ssh_keys
from ..servers.ssh_keys import SshKey
from .ftps_host import HASH, FtpsHost
from .host_play import role

_OUTPUT = "/var/log/secure_ftp_synchronize/events.jsonl"
_METRICS = "/var/lib/prometheus/node-exporter/secure_ftp_synchronize_events.prom"


class EventHost(FtpsHost):
    """One host. The accounts `partner` and `other` log in with `key` or with the password."""

    def __init__(self, directory: Path, system: str = "debian13") -> None:
        self.key: SshKey = ssh_keys.key("events")
        both = {"password_hash": HASH, "authorized_keys": [self.key.public], "directories": [{"name": "incoming"}]}
        accounts = [{"name": name, **both} for name in ("partner", "other")]
        super().__init__(directory, system, [*accounts, {"name": "monitor", "password_hash": HASH}])

    def monitor(self, *options: str, **variables: Any) -> Outcome:
        """Run the role transfer_monitoring. A session of vsftpd ends after a second without lines."""
        given = {f"transfer_monitoring_{name}": value for name, value in {"idle": 1, "history": 0, **variables}.items()}
        return self.run([role("transfer_monitoring", **given)], *options)

    def put(self, path: str, content: bytes) -> None:
        """Write a file of the host."""
        self.host.enter("sh", "-c", f"cat > {path}", input=content, text=False)

    def collect(self, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one pass, as the timer does."""
        # systemd refuses the sixth start within ten seconds, unless its counter is reset.
        unit = "secure-ftp-events.service"
        return self.host.enter(
            "sh", "-c", f"systemctl reset-failed {unit}; systemctl start {unit}", check=check, timeout=300
        )

    def events(self) -> list[dict[str, Any]]:
        """Return all events so far, without alerts."""
        return [each for each in self._lines() if each["event"]["kind"] == "event"]

    def alerts(self) -> list[dict[str, Any]]:
        """Return all alerts so far."""
        return [each for each in self._lines() if each["event"]["kind"] == "alert"]

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.inside(f"cat {_OUTPUT}.1 {_OUTPUT} 2>/dev/null; true").splitlines()]

    def metrics(self) -> str:
        """Return the metrics of the last pass."""
        return self.inside(f"cat {_METRICS}")
