# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a job in its real unit, which syncs to the account `peer` of the same host. Root only.

with JobHost("debian13") as host:
    host.deploy(JobUnit("nightly", ...), {"src": "/srv/out", "dest": "inbox"})
    host.enter("systemctl", "start", "secure-sync-nightly")
    host.last("nightly")["result"]
"""

from __future__ import annotations

__all__ = ["RECORDS", "JobHost", "job_unit"]

import base64
import json
from typing import Any, Self

from ...plugins.module_utils._engine.jobs.unit_text import JobUnit, service_text, timer_text
from ..support.hosts.systemd_host import SystemdHost
from ..support.scenes.job_scene import built_program

RECORDS = "/var/lib/secure_ftp_synchronize/jobs/%s"
_PROGRAM = "/usr/local/lib/sync.pyz"
_KEY = "/root/key"
_OPTIONS = {
    "host": "localhost",
    "username": "peer",
    "known_hosts_file": "/etc/known_peer",
    "ssh_config_file": "none",
    "ssh_agent": False,
}
_PEER = f"""set -eu
useradd --create-home peer
mkdir -p /srv/out /home/peer/.ssh /etc/credstore.encrypted /var/lib/secure_ftp_synchronize/jobs
ssh-keygen -q -t ed25519 -N '' -f {_KEY}
cp {_KEY}.pub /home/peer/.ssh/authorized_keys
chown -R peer /home/peer/.ssh
echo "localhost $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >/etc/known_peer
chmod 644 /etc/known_peer
"""


def job_unit(name: str, **fields: Any) -> JobUnit:
    """Return the unit of a job that logs in with a key."""
    given: dict[str, Any] = {"schedule": "daily", "credentials": ("private_key",), "read": ("/srv/out",), **fields}
    return JobUnit(name, program=_PROGRAM, job_file=f"/etc/{name}.json", **given)


class JobHost(SystemdHost):
    """As SystemdHost."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.enter("sh", "-c", _PEER)
        self.write(_PROGRAM, built_program())
        return self

    def write(self, path: str, content: bytes) -> None:
        """Write a file of the host."""
        self.enter("sh", "-c", f"base64 -d >{path}", input=base64.b64encode(content).decode())

    def deploy(self, job: JobUnit, options: dict[str, Any], **fields: Any) -> None:
        """Put a job into service, without its timer. fields: more fields of the job file."""
        text = service_text(job)
        self.enter("useradd", "--system", "--shell", "/usr/sbin/nologin", f"sync-{job.name}")
        options = {**_OPTIONS, **options}
        whole = {"schema": 1, "job": job.name, "options": options, "records": RECORDS % job.name, **fields}
        self.write(job.job_file, json.dumps(whole).encode())
        self.write(f"/etc/systemd/system/secure-sync-{job.name}.service", text.encode())
        self.write(f"/etc/systemd/system/secure-sync-{job.name}.timer", timer_text(job).encode())
        for line in text.splitlines():
            if line.startswith("LoadCredentialEncrypted="):
                name, _colon, path = line.partition("=")[2].partition(":")
                self.enter("systemd-creds", "encrypt", f"--name={name}", _KEY, path)
        self.enter("systemctl", "daemon-reload")

    def last(self, name: str) -> dict[str, Any]:
        """Return the newest record of a job."""
        found: dict[str, Any] = json.loads(self.enter("cat", f"{RECORDS % name}/last.json").stdout)
        return found
