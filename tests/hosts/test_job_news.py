# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units around a job on a real host: pings to a real HTTPS server, and a message to a command after a failure.

The tests go through the life of the jobs in their order.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import yaml
from support.hosts.host_network import GATEWAY
from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost
from support.running.examples import ROOT
from support.running.patience import HANG_SECONDS
from support.servers.ping_service import PingService
from support.servers.tls_authority import authority

NEWS = "/var/mail/news"
# The program that the page names, as far as the job sees it: the tests send no mail.
MSMTP = f"""#!/bin/sh
test "$*" = ops@example.com && exec tee -a {NEWS}
"""
(OPTIONS,) = re.findall(
    r"^```yaml\n(sync_job_notify_command: .*?)^```$", (ROOT / "docs/jobs.md").read_text(), re.MULTILINE | re.DOTALL
)
RECORDS = "/var/lib/secure_ftp_synchronize/jobs/nightly"


@pytest.fixture(scope="module")
def service() -> Iterator[PingService]:
    with PingService(GATEWAY) as running:
        yield running


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory, service: PingService) -> Iterator[JobHost]:
    """Yield a host with a job, a slow job, and another job for the tree of the slow job."""
    with SystemdHost("debian13") as host:
        jobs = JobHost(tmp_path_factory.mktemp("play"), host)
        jobs.inside("mkdir /srv/much; head -c 3000000 /dev/urandom >/srv/much/a")
        jobs.inside("cat >/usr/bin/msmtp; chmod 755 /usr/bin/msmtp", text=MSMTP)
        jobs.inside("cat >/usr/lib/ssl/cert.pem", text=authority().file.read_text())
        slow = {"src": "/srv/much", "dest": "slow"}
        outcome = jobs.deploy(
            jobs.job("nightly", ping_url=service.url),
            jobs.job("slow", ping_url=service.url, options={**slow, "bandwidth_limit": "64K"}),
            jobs.job("twin", ping_url=service.url, options=slow),
            **yaml.safe_load(OPTIONS),
        )
        assert outcome.status == 0, outcome.output
        yield jobs


def news(jobs: JobHost, text: str) -> str:
    """Wait for a text among the messages, and return and forget them."""
    until = time.monotonic() + HANG_SECONDS
    while text not in (found := jobs.inside(f"cat {NEWS} 2>/dev/null || true")) and time.monotonic() < until:
        time.sleep(0.1)
    jobs.inside(f"rm -f {NEWS}")
    assert text in found
    return found


def test_a_url_that_would_go_in_clear_is_refused_before_a_job_is_deployed(jobs: JobHost, service: PingService) -> None:
    status, output = jobs.deploy(jobs.job("plain", ping_url=service.url.replace("https", "http")))
    assert status != 0
    assert "plain: ping_url: is not a URL of https" in output
    assert "canary-of-the-ping" not in output
    assert "plain" not in jobs.inside("ls /etc/systemd/system /etc/secure_ftp_synchronize/jobs")


def test_checks_are_not_pinged(service: PingService) -> None:
    assert service.taken(0) == []


def test_a_good_run_is_pinged_at_its_start_and_its_end(jobs: JobHost, service: PingService) -> None:
    assert jobs.start("nightly")
    assert service.taken(2) == [("/start", ""), ("", "ok")]
    assert jobs.inside(f"ls {NEWS} 2>/dev/null || true") == ""


def test_the_account_of_the_job_cannot_read_the_url(jobs: JobHost) -> None:
    unit = jobs.inside("systemctl cat secure-sync-nightly.service")
    assert "LoadCredentialEncrypted=secure-sync-nightly.private_key:" in unit
    assert "ping_url" not in unit
    journal = "journalctl --no-pager"
    assert "canary-of-the-ping" not in jobs.inside(f"{journal}; cat {RECORDS}/*")


def test_a_failure_is_pinged_and_gives_a_message(jobs: JobHost, service: PingService) -> None:
    jobs.inside("mv /srv/out /srv/away")
    assert not jobs.start("nightly")
    jobs.inside("mv /srv/away /srv/out")
    start, end = service.taken(2)
    assert (start[0], end[0], end[1].splitlines()[:2]) == ("/start", "/fail", ["failed", "source_missing"]), end
    message = news(jobs, "cure: ")
    assert message.startswith("Subject: sync job nightly on debian13: failed (source_missing)\n")
    run = jobs.last("nightly")["run"]
    assert f"journalctl _SYSTEMD_INVOCATION_ID={run}" in message


def test_a_locked_run_is_no_failure_and_a_killed_run_has_its_last_lines(jobs: JobHost, service: PingService) -> None:
    jobs.inside("systemctl start --no-block secure-sync-slow")
    assert service.taken(1) == [("/start", "")]
    until = time.monotonic() + HANG_SECONDS
    while not jobs.inside("ls /home/peer/slow 2>/dev/null || true") and time.monotonic() < until:
        time.sleep(0.1)
    assert jobs.start("twin")
    assert [path for path, _text in service.taken(2)] == ["/start", "/log"]
    assert jobs.inside(f"ls {NEWS} 2>/dev/null || true") == ""
    jobs.inside("systemctl kill --kill-whom=main --signal=KILL secure-sync-slow")
    ((path, text),) = service.taken(1)
    assert (path, text.splitlines()[:2]) == ("/fail", ["killed", "killed"])
    assert "status=9/KILL" in text
    assert "Subject: sync job slow on debian13: killed\n" in news(jobs, "cure: ")


def test_a_full_disk_of_the_records_is_reported(jobs: JobHost, service: PingService) -> None:
    jobs.inside(f"mount -t tmpfs -o size=16k tmpfs {RECORDS}; head -c 1000000 /dev/zero >{RECORDS}/fill || true")
    assert not jobs.start("nightly")
    jobs.inside(f"umount {RECORDS}")
    assert service.taken(2)[1][1].splitlines()[:2] == ["failed", "not_recorded"]
    assert "Subject: sync job nightly on debian13: failed (not_recorded)\n" in news(jobs, "cure: ")


def test_a_monitoring_service_that_is_down_fails_no_run(jobs: JobHost, service: PingService) -> None:
    service.__exit__()
    assert jobs.start("nightly")
    assert jobs.last("nightly")["result"] == "ok"
    # journald does not always find the unit of a process that ends at once.
    assert "ping_url: Connection refused" in jobs.inside("journalctl --no-pager")
    assert jobs.inside("systemctl list-units --failed --plain --no-legend 'secure-sync-ping*'") == ""
