# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty jobs of one host at the same moment, on a stock sshd."""

from __future__ import annotations

from pathlib import Path

from support.hosts.job_host import JobHost
from support.hosts.systemd_host import SystemdHost

NAMES = [f"feed-{number:02}" for number in range(20)]


def test_all_jobs_succeed_at_the_same_moment(tmp_path: Path) -> None:
    with SystemdHost("debian13") as host:
        jobs = JobHost(tmp_path, host)
        outcome = jobs.deploy(*(jobs.job(name) for name in NAMES))
        assert outcome.status == 0, outcome.output
        jobs.inside("systemctl start " + " ".join(f"secure-sync-{name}" for name in NAMES))
        records = [jobs.last(name) for name in NAMES]
        assert [(each["job"], each["result"], each["error"]) for each in records] == [
            (name, "ok", None) for name in NAMES
        ]
        assert jobs.inside(f"cd /home/peer; cat {' '.join(f'{name}/a' for name in NAMES)}") == "hello\n" * len(NAMES)
        assert [len(jobs.history(name)) for name in NAMES] == [1] * len(NAMES)
        assert jobs.inside("ls /var/lib/metrics | wc -l").strip() == str(len(NAMES))
