# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host after the role: the account, the files and the timer of a job, and a run."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

UNIT = "secure-sync-nightly"
RECORDS = "/var/lib/secure_ftp_synchronize/jobs/nightly"


def test_the_account_has_one_purpose(host: Host) -> None:
    account = host.user("sync-nightly")
    assert account.home == "/var/lib/secure_ftp_synchronize/homes/nightly"
    assert account.shell == "/usr/sbin/nologin"
    assert account.groups == ["sync-nightly"]


@pytest.mark.parametrize(
    ("path", "owner", "group", "mode"),
    [
        ("/etc/secure_ftp_synchronize/jobs/nightly.json", "root", "sync-nightly", 0o640),
        (f"/etc/credstore.encrypted/{UNIT}.private_key", "root", "root", 0o600),
        (f"/etc/systemd/system/{UNIT}.service", "root", "root", 0o644),
        ("/usr/local/lib/secure_ftp_synchronize/sync.pyz", "root", "root", 0o755),
        (RECORDS, "root", "root", 0o750),
    ],
)
def test_owners_and_modes(host: Host, path: str, owner: str, group: str, mode: int) -> None:
    found = host.file(host.check_output(f"readlink -f {path}"))
    assert (found.user, found.group, found.mode) == (owner, group, mode)


def test_the_timer_waits(host: Host) -> None:
    timer = host.service(f"{UNIT}.timer")
    assert timer.is_running
    assert timer.is_enabled
    assert host.run(f"systemd-analyze verify {UNIT}.timer {UNIT}.service").rc == 0
    assert host.run(f"systemd-analyze security --threshold=20 {UNIT}.service").rc == 0


def test_a_run_is_recorded(host: Host) -> None:
    assert host.run(f"systemctl start {UNIT}.service").rc == 0
    record = json.loads(host.file(f"{RECORDS}/last.json").content_string)
    assert (record["result"], record["error"]) == ("ok", None)
    assert host.file("/home/keeper/inbox/version").content_string == "1.4\n"
    program = host.file(host.check_output("readlink -f /usr/local/lib/secure_ftp_synchronize/sync.pyz"))
    assert record["program_sha256"] == program.sha256sum
