# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events and the metrics of transfers by stock sftp, by lftp over FTPS and by secure_sync, against the bytes that
they moved."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from testinfra.host import Host

UNIT = "secure-ftp-events"
OUTPUT = "/var/log/secure_ftp_synchronize/events.jsonl"
METRICS = "/var/lib/prometheus/node-exporter/secure_ftp_synchronize_events.prom"
SIZES = {"first": 1, "with blank": 70_000, "third.csv": 5_000}
TOTAL = sum(SIZES.values())
LOCK = 200
"""The most bytes of the lock of a destination."""
ACCOUNTS = ("by-sftp", "by-lftp", "by-sync")
PATIENCE = 60.0

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def events(host: Host) -> Events:
    """Run passes until no session is open: servers log the end of a session late."""
    deadline = time.monotonic() + PATIENCE
    while True:
        assert host.run(f"systemctl reset-failed {UNIT}.service; systemctl start {UNIT}.service").rc == 0
        found = [json.loads(line) for line in host.file(OUTPUT).content_string.splitlines()]
        if all(is_over(found, account) for account in ACCOUNTS):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def is_over(events: Events, account: str) -> bool:
    ids = [
        {each["ftp_synchronize"]["session"] for each in of(events, account, action)}
        for action in ("login", "session_summary")
    ]
    return bool(ids[0]) and ids[0] <= ids[1]


def of(events: Events, account: str, action: str) -> Events:
    """Return the events of an account and an action, without alerts."""
    wanted = ("event", action)
    own = [each for each in events if each.get("user", {}).get("name") == account]
    return [each for each in own if (each["event"]["kind"], each["event"]["action"]) == wanted]


def paths(events: Events, account: str, action: str) -> set[str]:
    """Return the names of files; a client may name them from the directory of the login."""
    return {"/" + each["file"]["path"].removeprefix("/") for each in of(events, account, action)}


def moved(events: Events, account: str) -> tuple[int, int, int]:
    """Return the bytes of an account's sessions: uploaded, downloaded, read back."""
    sessions = of(events, account, "session_summary")
    return (
        sum(each["source"]["bytes"] for each in sessions),
        sum(each["destination"]["bytes"] for each in sessions),
        sum(each["ftp_synchronize"]["read_back"] for each in sessions),
    )


def test_the_timer_waits(host: Host) -> None:
    assert host.service(f"{UNIT}.timer").is_running
    assert host.service(f"{UNIT}.timer").is_enabled
    log = host.file(OUTPUT)
    assert (log.user, log.group, log.mode) == ("root", "adm", 0o640)


def test_stock_sftp(events: Events) -> None:
    assert paths(events, "by-sftp", "upload") == {f"/incoming/{name}" for name in SIZES}
    assert paths(events, "by-sftp", "rename") == {"/incoming/second"}
    assert paths(events, "by-sftp", "delete") == {"/incoming/third.csv"}
    assert moved(events, "by-sftp") == (TOTAL, 0, SIZES["with blank"])
    assert len(of(events, "by-sftp", "login")) == 1


def test_lftp_over_ftps(events: Events) -> None:
    assert paths(events, "by-lftp", "upload") == {f"/incoming/tree/{name}" for name in SIZES}
    uploaded, downloaded, read_back = moved(events, "by-lftp")
    assert (uploaded, downloaded + read_back) == (TOTAL, TOTAL)
    assert {each["network"]["protocol"] for each in of(events, "by-lftp", "upload")} == {"ftp"}


def test_a_sync(events: Events) -> None:
    assert paths(events, "by-sync", "upload") >= {f"/incoming/tree/{name}" for name in SIZES}
    uploaded, downloaded, read_back = moved(events, "by-sync")
    assert 0 <= uploaded - TOTAL <= LOCK
    assert 0 <= downloaded + read_back - TOTAL <= 2 * LOCK


def test_a_failed_login(events: Events) -> None:
    failed = of(events, "stranger", "login_failed") + of(events, "stranger", "refused")
    assert failed
    assert {each["event"]["outcome"] for each in failed} == {"failure"}


def test_the_metrics_are_the_sums_of_the_events(host: Host, events: Events) -> None:
    metrics = host.file(METRICS).content_string
    found = dict(
        re.findall(
            r'^ftp_synchronize_account_bytes_total\{account="([^"]+)",direction="upload"\} (\d+)$', metrics, re.M
        )
    )
    assert found == {account: str(moved(events, account)[0]) for account in ACCOUNTS}
    assert "ftp_synchronize_unparsed_lines_total 0\n" in metrics
