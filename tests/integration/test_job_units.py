# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a job, judged by systemd itself, without a start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.side_units import (
    NOTIFY,
    notify_unit_text,
    ping_unit_texts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import (
    JobUnit,
    service_text,
    timer_text,
)

PLAIN = JobUnit("nightly", program="/usr/bin/true", job_file="/etc/jobs/nightly.json", schedule="*-*-* 02:15:00")
FULL = PLAIN._replace(
    credentials=("private_key", "sign.private_key"),
    random_delay=600,
    read=("/srv/outbox",),
    write=("/var/spool/inbox",),
    egress=("192.0.2.7", "2001:db8::/32"),
)
MOST = 20
"""Exposure times ten."""


@pytest.fixture(params=[PLAIN, FULL], ids=["plain", "full"])
def units(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Return the files of both units."""
    service, timer = tmp_path / "secure-sync-nightly.service", tmp_path / "secure-sync-nightly.timer"
    service.write_text(service_text(request.param))
    timer.write_text(timer_text(request.param))
    return [str(service), str(timer)]


def test_systemd_finds_no_fault(units: list[str]) -> None:
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_exposure_is_low(units: list[str]) -> None:
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST}", units[0]]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-400:]


def test_the_gate_sees_a_service_without_a_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "open.service"
    path.write_text("[Service]\nExecStart=/usr/bin/true\n")
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST}", str(path)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1


def test_the_units_around_a_job(tmp_path: Path) -> None:
    """The words of a command are as strange as they can be."""
    pings = ping_unit_texts("/usr/bin/true")
    notify = notify_unit_text("/usr/bin/true", ["/usr/bin/true", 'a$b %h "x" \\', ";"], "mail")
    paths = [tmp_path / name.replace("@", "@a") for name in (*pings, NOTIFY % "")]
    for path, text in zip(paths, (*pings.values(), notify), strict=True):
        path.write_text(text)
    ran = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    for path in paths[:3]:
        words = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST}", str(path)]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0, path
