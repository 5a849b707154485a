# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after a drill from another host: the record with measured times, the report, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from testinfra.host import Host

MIB = 1 << 20


def record(host: Host) -> dict[str, Any]:
    names = sorted(name for name in host.file("/var/lib/receipts/drills").listdir() if name.endswith(".json"))
    return json.loads(host.file(f"/var/lib/receipts/drills/{names[-1]}").content_string)


def test_the_record_has_measured_times(host: Host) -> None:
    drill = record(host)
    assert (drill["type"], drill["verdict"], drill["cold"], drill["content"]) == ("drill", "passed", True, "whole")
    assert 1 <= drill["rto_seconds"] <= 3600
    assert 0 <= drill["rpo_seconds"] <= 86400
    assert {"prepare", "connect", "manifest", "transfer", "checks"} == set(drill["phases"])
    assert all(milliseconds > 0 for name, milliseconds in drill["phases"].items() if name != "prepare")
    measured = sum(drill["phases"].values()) - drill["phases"]["prepare"]
    assert drill["rto_seconds"] == -(-measured // 1000)
    assert (drill["coverage"]["files"], drill["coverage"]["bytes"]) == (2, 32 * MIB + 4)
    assert drill["rate"] > 0
    assert drill["checks"] == [{"name": "the release has its version", "passed": True}]


def test_the_signature_of_the_record_is_good(host: Host) -> None:
    signers = 'drills@example.com namespaces="receipt@ftp-synchronize" $(cut -d" " -f1,2 /tmp/records.pub)'
    command = (
        "ssh-keygen -y -f /etc/ssh/drill_signing_ed25519 > /tmp/records.pub && "
        f'echo "{signers}" > /tmp/signers && cd /var/lib/receipts/drills && '
        "ssh-keygen -Y verify -f /tmp/signers -I drills@example.com -n receipt@ftp-synchronize "
        "-s 00000001.json.sig < 00000001.json"
    ).replace('namespaces="receipt@ftp-synchronize"', 'namespaces=\\"receipt@ftp-synchronize\\"')
    assert host.run(command).rc == 0


def test_nothing_is_left_and_live_data_is_as_before(host: Host) -> None:
    assert not host.file("/srv/drill/scratch").exists
    assert sorted(host.file("/srv/drill").listdir()) == ["report.md"]
    assert host.file("/srv/release/version").content_string == "1.4\n"


def test_the_report_is_for_people(host: Host) -> None:
    report = host.file("/srv/drill/report.md").content_string
    assert "**passed**: passed: restored 2 of 2 files (32.0 MiB) in " in report
    assert "| the release has its version | passed |" in report
    assert f"| recovery time | {record(host)['rto_seconds']} s | 3600 s |" in report


def test_a_timer_that_was_removed_is_gone(host: Host) -> None:
    assert not host.file("/etc/systemd/system/former-drill.timer").exists
    assert not host.file("/etc/systemd/system/former-drill.service").exists
    assert host.run("systemctl is-active former-drill.timer").stdout.strip() == "inactive"


def test_the_timer_waits(host: Host) -> None:
    timer = host.service("restore-drill.timer")
    assert timer.is_running
    assert timer.is_enabled
    unit = host.file("/etc/systemd/system/restore-drill.service").content_string
    assert 'ExecStart="/usr/bin/ansible-playbook" "secure.ftp_synchronize.restore_drill" "-i"' in unit
    assert host.run("systemd-analyze verify restore-drill.timer").rc == 0
