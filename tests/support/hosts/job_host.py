# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with the role sync_job, whose jobs push to an account of the same host over its own sshd.

jobs = JobHost(directory, host)
status, output = jobs.deploy(jobs.job("nightly"))
jobs.start("nightly")
assert jobs.last("nightly")["result"] == "ok"
"""

from __future__ import annotations

__all__ = ["JobHost"]

import sys
from pathlib import Path
from typing import Any

from ..judges.job_records import valid_records
from ..running.playbook_process import Outcome
from ..servers import ssh_keys
from .host_play import HostPlay, role
from .systemd_host import SystemdHost

_PREPARE = """set -eu
useradd --create-home peer
install -d -o peer -g peer -m 700 /home/peer/.ssh
cat >/home/peer/.ssh/authorized_keys
mkdir -p /srv/out
echo hello >/srv/out/a
echo "localhost $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >/etc/known_peer
chmod 644 /etc/known_peer
"""
_STATE = """
cd /etc
find secure_ftp_synchronize systemd/system credstore.encrypted /usr/local/lib /run/systemd/system \\
    /run/secure_ftp_synchronize '(' -type f -o -type l ')' -printf '%p %m %u %g ' -exec sha256sum '{}' ';' 2>&1 | sort
getent passwd | grep sync-
systemctl is-active 'secure-sync-*.timer'
"""
_RECORDS = "/var/lib/secure_ftp_synchronize/jobs"


class JobHost:
    """A host that is prepared for jobs."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.host = host
        self._directory = directory
        self.key = ssh_keys.key("job")
        host.enter("sh", "-c", _PREPARE, input=f"{self.key.public}\n{ssh_keys.key('other-job').public}\n")

    def job(self, name: str, *, key: str = "job", options: dict[str, Any] | None = None, **job: Any) -> dict[str, Any]:
        """Return a job that pushes /srv/out to a directory of its name."""
        own = {
            "host": "localhost",
            "username": "peer",
            "known_hosts_file": "/etc/known_peer",
            "ssh_config_file": "none",
            "ssh_agent": False,
            "src": "/srv/out",
            "dest": name,
            **(options or {}),
        }
        secrets = {"private_key": ssh_keys.key(key).path.read_text()}
        return {"name": name, "schedule": "*-*-* 02:15:00", "options": own, "secrets": secrets, **job}

    def deploy(self, *jobs: dict[str, Any], options: tuple[str, ...] = (), **variables: Any) -> Outcome:
        """Run the role."""
        given = {"sync_job_jobs": list(jobs), "sync_job_metrics_directory": "/var/lib/metrics", **variables}
        return HostPlay(self._directory, self.host).run([role("sync_job", **given)], *options)

    def inside(self, script: str, *, check: bool = True, text: str = "") -> str:
        """Return the output of a script on the host, as root."""
        ended = self.host.enter("sh", "-c", script, check=check, input=text)
        return ended.stdout + ended.stderr

    def start(self, name: str) -> bool:
        """Run a job to its end, and return whether it succeeded.

        systemd refuses the sixth start in ten seconds (StartLimitBurst); `reset-failed` resets the count.
        """
        unit = f"secure-sync-{name}"
        self.host.enter("systemctl", "reset-failed", unit, check=False)
        started = self.host.enter("systemctl", "start", unit, check=False).returncode == 0
        if not started:
            print(self.inside(f"journalctl --no-pager --lines=15 --unit={unit}"), file=sys.stderr)
        return started

    def last(self, name: str) -> dict[str, Any]:
        """Return the newest record of a job."""
        (found,) = valid_records(self.inside(f"cat {_RECORDS}/{name}/last.json"))
        return found

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return all records of a job, oldest first."""
        return valid_records(self.inside(f"cat {_RECORDS}/{name}/runs.jsonl"))

    def state(self) -> str:
        """Return the hashes and modes of all files of jobs, and the states of their timers."""
        return self.inside(_STATE, check=False)
