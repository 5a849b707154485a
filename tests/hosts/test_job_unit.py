# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job in its real unit: sandbox, encrypted credential, and a record however the job ended."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import (
    JobUnit,
    service_text,
)
from support.hosts.systemd_host import SystemdHost
from support.scenes.job_scene import built_program

JOB = JobUnit(
    "nightly",
    program="/usr/local/lib/sync.pyz",
    job_file="/etc/nightly.json",
    schedule="daily",
    credentials=("private_key",),
    read=("/srv/out",),
)
OPTIONS = {
    "host": "localhost",
    "username": "peer",
    "known_hosts_file": "/etc/known_peer",
    "ssh_config_file": "none",
    "ssh_agent": False,
    "src": "/srv/out",
    "dest": "inbox",
}
RECORDS = "/var/lib/jobs/nightly"
FIELDS = {"schema": 1, "job": "nightly", "options": OPTIONS, "records": RECORDS}
UNIT = "secure-sync-nightly"
PREPARE = f"""set -eu
useradd --system --shell /usr/sbin/nologin --home-dir /var/lib/secure_ftp_synchronize/homes/nightly sync-nightly
useradd --create-home peer
mkdir -p /srv/out /home/peer/.ssh /etc/credstore.encrypted /var/lib/jobs
echo hello >/srv/out/a
ssh-keygen -q -t ed25519 -N '' -f /root/key
cp /root/key.pub /home/peer/.ssh/authorized_keys
chown -R peer /home/peer/.ssh
systemd-creds encrypt --name=private_key /root/key /etc/credstore.encrypted/{UNIT}.private_key
echo "localhost $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >/etc/known_peer
chmod 644 /etc/known_peer
"""


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    """Yield a host with the job."""
    with SystemdHost("debian13") as running:
        running.enter("sh", "-c", PREPARE)
        write(running, JOB.program, built_program())
        write(running, JOB.job_file, json.dumps(FIELDS).encode())
        write(running, f"/etc/systemd/system/{UNIT}.service", service_text(JOB).encode())
        running.enter("systemctl", "daemon-reload")
        yield running


def write(host: SystemdHost, path: str, content: bytes) -> None:
    """Write a file of the host."""
    host.enter("sh", "-c", f"base64 -d >{path}", input=base64.b64encode(content).decode())


def last(host: SystemdHost) -> dict[str, Any]:
    """Return the newest record."""
    found: dict[str, Any] = json.loads(host.enter("cat", f"{RECORDS}/last.json").stdout)
    return found


def test_a_job_runs_in_its_sandbox(host: SystemdHost) -> None:
    host.enter("systemctl", "start", UNIT)
    record = last(host)
    assert (record["result"], record["error"], record["totals"]["store"]) == ("ok", None, 1)
    assert host.enter("cat", "/home/peer/inbox/a").stdout == "hello\n"
    secret = host.enter("sed", "-n", "2p", "/root/key").stdout.strip()
    assert secret
    assert secret not in host.enter("journalctl", "--no-pager").stdout + json.dumps(record)


def test_a_missing_source_is_recorded(host: SystemdHost) -> None:
    host.enter("mv", "/srv/out", "/srv/away")
    assert host.enter("systemctl", "start", UNIT, check=False).returncode != 0
    record = last(host)
    assert (record["result"], record["error"]["code"]) == ("failed", "source_missing")
    host.enter("mv", "/srv/away", "/srv/out")


def test_a_swapped_credential_is_refused_and_recorded(host: SystemdHost) -> None:
    store = "/etc/credstore.encrypted"
    host.enter("sh", "-c", f"systemd-creds encrypt --name=other /root/key {store}/{UNIT}.private_key")
    assert host.enter("systemctl", "start", UNIT, check=False).returncode != 0
    assert last(host)["result"] == "not_started"
    host.enter("sh", "-c", f"systemd-creds encrypt --name=private_key /root/key {store}/{UNIT}.private_key")
