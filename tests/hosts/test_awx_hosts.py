# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of the kit for AWX that log in to hosts, as jobs on a real host: the jobs of partners, the audit, the
rotation of host keys and a revocation. They log in with the key of a Machine credential, which only the job's agent
has; other credentials have the login at partners and the key that signs. For keys, see test_awx_rotation.py.

The tests go through the life of one host in their order.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.awx.credential import Credential
from support.awx.exchange import prepare_records
from support.awx.kit import Kit
from support.hosts.host_play import reached
from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost
from support.judges.canaries import Canaries
from support.running.awx_job import AwxJob, JobOutcome
from support.running.scratch import scratch
from support.scenes.revocation_desk import NAMESPACE, PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import key

KIT = Kit.rendered()
LOGIN, SIGNER, LOST = key("transfer-job", passphrase="canary-of-the-login"), key("incident"), key("lost")
CANARIES = Canaries(
    {
        "login": [LOGIN.passphrase],
        "login_key": LOGIN.text.splitlines()[1:-1],
        "signer": SIGNER.text.splitlines()[1:-1],
    }
)
SIGNING = KIT.credential("Signing key", private_key=SIGNER.text)


class Site:
    """A host that is an SFTP server and has jobs. directory: of the jobs of AWX; records: on a path of its node."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host, self.records = directory, host, directory / "awx-sync"
        prepare_records(self.records)
        self.jobs = JobHost(directory, host)
        self.jobs.inside("cat >>/home/peer/.ssh/authorized_keys", text=f"{LOGIN.public}\n{LOST.public}\n")

    def run(
        self, template: str, *words: str, credentials: tuple[Credential, ...] = (), answers: dict[str, str], **own: Any
    ) -> JobOutcome:
        """Run a job of a template. own: variables of all hosts."""
        partner = {
            "ansible_host": "localhost",
            "ansible_user": "peer",
            "exchange_job_host": "batch1",
            "exchange_schedule": "*-*-* 02:15:00",
            "exchange_known_hosts_file": "/etc/known_peer",
            "exchange_defaults": {"ssh_config_file": "none", "ssh_agent": False},
            "exchange_transfers": [{"name": "orders", "src": "/srv/out", "dest": "orders"}],
        }
        batch = {"batch1": {**reached(self.host), "ansible_remote_tmp": "~/.ansible/tmp"}}
        groups = dict.fromkeys(("job_hosts", "sftp_servers", "ftps_servers"), batch)
        outcome = AwxJob(
            self.directory / "jobs",
            KIT.playbook(template),
            {**KIT.answers(template, **answers), "awx_directory": str(self.records), "awx_user_name": "alice"},
            groups={**groups, "partners": {"acme": partner}},
            shared=own,
            credentials=credentials,
            machine_key=Path(self.host.key.path).read_text(),
        ).run("-vvvvv", *words)
        assert CANARIES.in_files(outcome.kept) == set()
        return outcome

    def opens(self, other: Path) -> bool:
        """Whether the account of the partner's server takes a key."""
        words = [*self.host.ssh("peer", other), "true"]
        return subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    place = scratch("jobs")  # its path is short, because the sockets of the jobs' connections are below
    with SystemdHost("debian13") as host:
        yield Site(place, host)
    shutil.rmtree(place)


def successful(outcome: JobOutcome) -> JobOutcome:
    assert outcome.status == "successful", outcome.output
    return outcome


def test_a_job_deploys_the_transfers_as_timers(site: Site) -> None:
    fields = {"username": "peer", "private_key": LOGIN.text, "passphrase": LOGIN.passphrase}
    credentials = (KIT.credential("Partner over SFTP", **fields),)
    successful(site.run("Deploy jobs", credentials=credentials, answers={}))
    assert site.jobs.start("acme-orders")
    assert site.jobs.last("acme-orders")["totals"]["store"] == 1
    assert site.jobs.inside("cat /home/peer/orders/a; systemctl is-active secure-sync-acme-orders.timer") == (
        "hello\nactive\n"
    )


def test_a_job_audits_and_signs_the_report(site: Site) -> None:
    policy = {"audit_sign": {"private_key_file": "{{ awx_signing_key_file }}"}, "audit_fail_on": "none"}
    successful(site.run("Audit", credentials=(SIGNING,), answers={}, **policy))
    latest = site.records / "audit/latest"
    rows = {row["control"]: row for row in json.loads((latest / "audit.json").read_text())["rows"]}
    assert len(rows) == 27
    assert rows["2.1"]["findings"], "the host is not hardened"
    assert list(latest.glob("SHA256SUMS*sig*"))


def test_a_job_would_rotate_the_host_keys(site: Site) -> None:
    before = site.jobs.inside("cd /etc/ssh; sha256sum ssh_host_*")
    successful(site.run("Rotate host keys", "--check", answers={}, host_key_rotation_max_age=0))
    assert site.jobs.inside("cd /etc/ssh; sha256sum ssh_host_*") == before


def test_a_job_revokes_a_key_for_the_user_who_started_it(site: Site) -> None:
    assert site.opens(LOST.path)
    allowed = [f'{PRINCIPAL} namespaces="{NAMESPACE}" {SIGNER.public}']
    sign = {"private_key_file": "{{ awx_signing_key_file }}", "principal": PRINCIPAL, "allowed_signers": allowed}
    answers = {"key_revocation_fingerprints": LOST.fingerprint, "key_revocation_reason": "laptop stolen"}
    successful(site.run("Revoke keys", credentials=(SIGNING,), answers=answers, key_revocation_sign=sign))
    assert not site.opens(LOST.path)
    assert site.jobs.start("acme-orders"), "another key still opens the account"
    desk = RevocationDesk(site.records / "revocation", SIGNER)
    assert desk.is_signed()
    assert desk.refuses(LOST, LOGIN) == [True, False]
    assert [(each["by"], each["reason"]) for each in yaml.safe_load(desk.source.read_text())] == [
        ("alice", "laptop stolen")
    ]
