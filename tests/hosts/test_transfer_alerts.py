# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts and the report of a real server, which the role transfer_monitoring watches. Root only."""

from __future__ import annotations

import ftplib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.hosts.event_host import EventHost
from support.hosts.ftps_host import HASH, PASSWORD

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/event.schema.json").read_text())
RULES = {"failures": 3, "failures_before_login": 2, "deletes": 4, "floor": 100_000, "feeds": {"other": 86400}}
SIZE = 200_000
PATIENCE = 60.0
REPORT = "/root/transfers.html"


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventHost]:
    with EventHost(tmp_path_factory.mktemp(request.param), request.param) as host:
        host.inside("groupadd people")
        for done in (host.converge(), host.monitor(rules=RULES, mfa_accounts=["%people"])):
            assert done.status == 0, done.output
        host.collect()
        yield host


def sftp(host: EventHost, batch: str, account: str = "partner") -> None:
    words = [word for word in host.host.ssh(account, host.key.path)[1:-1] if word not in ("-l", account)]
    command = ["sftp", *words, "-b", "-", f"{account}@{host.host.address}"]
    done = subprocess.run(command, input=batch.encode(), capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


def alerts_with(host: EventHost, *rules: str) -> list[dict[str, Any]]:
    """Collect until there is an alert of each rule; return all alerts."""
    deadline = time.monotonic() + PATIENCE
    while True:
        host.collect()
        alerts = host.alerts()
        if set(rules) <= {each["rule"]["id"] for each in alerts}:
            return alerts
        assert time.monotonic() < deadline, alerts
        time.sleep(0.5)


def of_rule(alerts: list[dict[str, Any]], rule: str) -> list[dict[str, Any]]:
    return [each for each in alerts if each["rule"]["id"] == rule]


def test_guesses_a_login_and_deletions_are_alerts(host: EventHost, tmp_path: Path) -> None:
    for _guess in range(3):
        with host.connect() as client, pytest.raises(ftplib.error_perm, match="530"):
            client.login("partner", "wrong")
    alerts_with(host, "auth_failures")
    (tmp_path / "file").write_bytes(b"x" * SIZE)
    names = [f"incoming/f{number}" for number in range(4)]
    sftp(host, "".join(f"put {tmp_path}/file {name}\n" for name in names) + "".join(f"rm {name}\n" for name in names))
    alerts = alerts_with(host, "login_after_failures", "mass_delete", "no_baseline")
    assert {each["user"]["name"] for each in alerts if "user" in each} == {"partner"}
    by_source, by_account = sorted(of_rule(alerts, "auth_failures"), key=lambda each: "user" in each)
    assert "user" not in by_source
    assert "source" not in by_account
    (login,) = of_rule(alerts, "login_after_failures")
    assert login["ftp_synchronize"]["observed"] == "a login after 3 failed logins in 10 minutes"
    assert login["ftp_synchronize"]["key"] == host.key.fingerprint
    (deletion,) = of_rule(alerts, "mass_delete")
    assert deletion["ftp_synchronize"]["expected"] == "fewer than 4 in 10 minutes"
    volume = [each["ftp_synchronize"]["observed"] for each in of_rule(alerts, "no_baseline")]
    assert "781.2 KiB of uploads in an hour" in volume
    for alert in alerts:
        Draft202012Validator(SCHEMA).validate(alert)
    host.collect()
    assert host.alerts() == alerts, "each is reported once"
    assert 'ftp_synchronize_alerts_total{rule="mass_delete"} 1\n' in host.metrics()


TWO_FACTORS = """Match User alice
    LogLevel VERBOSE
    AuthenticationMethods publickey,password
    PasswordAuthentication yes
"""


def log_in(host: EventHost, name: str, directory: Path) -> None:
    """Log in with the key, and with the password if sshd asks for it."""
    answer = directory / "answer"
    answer.write_text(f"#!/bin/sh\necho '{PASSWORD}'\n")
    answer.chmod(0o700)
    command = [word.replace("BatchMode=yes", "BatchMode=no") for word in host.host.ssh(name, host.key.path)]
    environment = {**os.environ, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run([*command, "true"], env=environment, stdin=subprocess.DEVNULL, check=True, timeout=PATIENCE)


def test_a_login_without_its_second_factor_is_an_alert(host: EventHost, tmp_path: Path) -> None:
    host.inside(
        "useradd -m -s /bin/sh -G people alice && chpasswd -e && install -d -o alice ~alice/.ssh"
        f" && echo '{host.key.public}' > ~alice/.ssh/authorized_keys",
        input=f"alice:{HASH}\n",
    )
    for drop_in in (TWO_FACTORS, ""):
        host.put("/etc/ssh/sshd_config.d/00-alice.conf", drop_in.encode())
        host.host.restart_sshd()
        log_in(host, "alice", tmp_path)
    (alert,) = of_rule(alerts_with(host, "mfa_missing"), "mfa_missing")
    logins = [each for each in host.events() if each["event"]["action"] == "login" and each["user"]["name"] == "alice"]
    assert [each["ftp_synchronize"]["factors"] for each in logins] == [["publickey", "password"], ["publickey"]]
    assert (alert["user"]["name"], alert["log"]["cursor"]) == ("alice", logins[1]["log"]["cursor"])
    assert alert["ftp_synchronize"]["observed"] == "a login by publickey alone"
    Draft202012Validator(SCHEMA).validate(alert)


def test_the_report_has_the_sums_of_the_events(host: EventHost, tmp_path: Path) -> None:
    alerts_with(host, "mass_delete")
    summaries = [each for each in host.events() if each["event"]["action"] == "session_summary"]
    uploaded = sum(each["source"]["bytes"] for each in summaries)
    assert uploaded >= 4 * SIZE
    task = {"secure.ftp_synchronize.transfer_report": {"dest": REPORT, "json_dest": "/root/transfers.json", "days": 2}}
    host.inside("systemctl stop secure-ftp-events.timer secure-ftp-events.service")  # a pass adds events
    first, second = host.run([task]), host.run([task])
    assert (first.status, first.count("changed")) == (0, 1), first.output
    assert (second.status, second.count("changed")) == (0, 0), second.output
    data = json.loads(host.inside("cat /root/transfers.json"))
    assert data["totals"]["bytes_uploaded"] == uploaded
    assert data["totals"]["sessions"] == len(summaries)
    assert data["totals"]["files_deleted"] == 4
    assert data["totals"]["failed_logins"] == 3
    assert data["totals"]["alerts"] == len(host.alerts())
    assert data["log"]["lines_skipped"] == 0
    assert "login_after_failures" in host.inside(f"cat {REPORT}")


def test_a_threshold_that_does_not_exist_is_refused_on_the_controller(host: EventHost) -> None:
    done = host.monitor(rules={"failure": 3})
    assert done.status != 0
    assert "failure" in done.output


def test_the_timer_finds_a_failed_login_and_a_mass_deletion(host: EventHost, tmp_path: Path) -> None:
    """The times are printed, not limited."""
    host.inside("systemctl start secure-ftp-events.timer")
    begun = time.monotonic()
    with host.connect() as client, pytest.raises(ftplib.error_perm, match="530"):
        client.login("other", "wrong")
    (tmp_path / "file").write_bytes(b"x")
    names = [f"incoming/t{number}" for number in range(4)]
    sftp(
        host,
        "".join(f"put {tmp_path}/file {name}\n" for name in names) + "".join(f"rm {name}\n" for name in names),
        "other",
    )
    wanted = {"a failed login": ("login_failed", "other"), "a mass deletion": ("delete", "other")}
    while wanted:
        lines = [*host.events(), *of_rule(host.alerts(), "mass_delete")]
        found = {(each["event"]["action"], each.get("user", {}).get("name")) for each in lines if is_marked(each)}
        for name in [name for name, mark in wanted.items() if mark in found]:
            print(f"{name}: found after {time.monotonic() - begun:.0f} s")
            del wanted[name]
        assert time.monotonic() < begun + 5 * PATIENCE, wanted
        time.sleep(1)


def is_marked(line: dict[str, Any]) -> bool:
    return line["event"]["kind"] == "alert" or line["event"]["action"] == "login_failed"
