# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AIDE on a real host, configured by the role transfer_monitoring: a changed file of the configuration is an alert, and
only the controller accepts it. The tests follow each other. Root only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.hosts.event_host import EventHost
from support.hosts.host_play import role

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/event.schema.json").read_text())
SSHD = "/etc/ssh/sshd_config"
UNIT = "secure-ftp-aide"
SETTINGS = "/etc/secure_ftp_synchronize/aide.conf"
DATABASE = "/var/lib/secure_ftp_synchronize/aide/aide.db"
CHECK = role("transfer_monitoring", "aide_check")


@pytest.fixture(scope="module", params=["debian13"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventHost]:
    with EventHost(tmp_path_factory.mktemp(request.param), request.param) as host:
        done = host.monitor(aide=True, aide_accept=True)
        assert done.status == 0, done.output
        yield host


def states(host: EventHost) -> list[str]:
    """Return the accepted state of each check."""
    checks = [each for each in host.events() if each["event"]["action"] == "configuration_checked"]
    for each in checks:
        Draft202012Validator(SCHEMA).validate(each)
    return [each["ftp_synchronize"]["accepted_state"] for each in checks]


def checked(host: EventHost) -> list[dict[str, Any]]:
    """Run the daily check and a pass; return all alerts about the configuration."""
    host.inside(f"systemctl reset-failed {UNIT}; systemctl start {UNIT}.service")
    host.collect()
    return [each for each in host.alerts() if each["rule"]["id"].startswith("configuration_")]


def test_a_run_that_accepts_nothing_changes_nothing(host: EventHost) -> None:
    done = host.monitor(aide=True)
    assert (done.status, done.count("changed")) == (0, 0), done.output
    assert checked(host) == []
    assert "ftp_synchronize_configuration_differences 0.0\n" in host.metrics()
    assert host.inside(f"systemctl is-enabled {UNIT}.timer").strip() == "enabled"
    host.inside(f"systemd-analyze verify {UNIT}.service {UNIT}.timer")
    host.inside(f"systemd-analyze security --offline=true --threshold=30 /etc/systemd/system/{UNIT}.service")
    assert host.inside("stat -c '%a %U' /var/lib/secure_ftp_synchronize/aide") == "700 root\n"
    assert host.inside("dpkg -l aide-common exim4-base postfix 2>/dev/null | grep ^ii || true") == ""


def test_what_is_no_change_of_the_configuration_is_no_alert(host: EventHost) -> None:
    host.inside(f"cp -p {SSHD} /root/same; cat /root/same > {SSHD}; touch {SSHD}")
    host.inside("mkdir -p /srv/jail/partner; date > /srv/jail/partner/file; date > /etc/sshfile")
    host.inside("for number in $(seq 300); do mktemp -p /etc/ssh; done >/dev/null; rm /etc/ssh/tmp.*")
    assert checked(host) == []


def test_a_changed_byte_is_an_alert_that_names_the_file_once(host: EventHost) -> None:
    host.inside(f"sed -i '0,/sshd/s/sshd/sshD/' {SSHD}")
    (alert,) = checked(host)
    assert (alert["rule"]["id"], alert["file"]["path"]) == ("configuration_changed", SSHD)
    assert (alert["event"]["category"], alert["event"]["action"]) == (["configuration"], "configuration_changed")
    assert alert["ftp_synchronize"]["observed"] == "another sha512"
    Draft202012Validator(SCHEMA).validate(alert)
    assert checked(host) == [alert]
    assert len(set(states(host))) == 1
    metrics = host.metrics()
    assert "ftp_synchronize_configuration_differences 1.0\n" in metrics
    assert 'ftp_synchronize_alerts_total{rule="configuration_changed"} 1\n' in metrics


def test_only_a_run_that_accepts_changes_the_accepted_state(host: EventHost) -> None:
    host.inside(f"echo '#' >> {SSHD}")
    alerts = checked(host)
    # A check of the controller does not believe the settings of the host.
    host.inside(f"sed -i 's/^Wanted = .*/Wanted = ftype/' {SETTINGS}")
    refused, checking = host.run([CHECK]), host.monitor("--check", aide=True, aide_accept=True)
    assert refused.status != 0
    assert SSHD in refused.output
    assert checking.status == 0, checking.output
    assert SSHD in checking.output
    assert states(host)[-1] in checking.output
    first, second = (host.monitor(aide=True, aide_accept=True) for _time in range(2))
    assert first.status == 0, first.output
    assert SSHD in first.output
    assert (second.status, second.count("changed")) == (0, 0), second.output
    assert host.run([CHECK]).status == 0
    assert checked(host) == alerts
    assert "ftp_synchronize_configuration_differences 0.0\n" in host.metrics()
    assert [each["event"]["action"] for each in host.events()].count("configuration_accepted") == 1
    assert states(host)[-1] in first.output


def test_settings_that_compare_less_are_an_alert(host: EventHost) -> None:
    host.inside(f"cp -p {SETTINGS} /root/aide.conf; sed -i 's/^Wanted = .*/Wanted = ftype/' {SETTINGS}")
    (alert,) = [each for each in checked(host) if each["rule"]["id"] == "configuration_unchecked"]
    host.inside(f"cp -p /root/aide.conf {SETTINGS}")
    assert "not all is compared" in alert["ftp_synchronize"]["observed"]


def test_a_run_that_accepts_nothing_makes_no_accepted_state(host: EventHost) -> None:
    """Otherwise, root of the host had only to remove it."""
    host.inside(f"mv {DATABASE} /root/aide.db")
    plain, checking = host.monitor(aide=True), host.run([CHECK])
    there = host.inside(f"ls {DATABASE} 2>/dev/null || true")
    host.inside(f"mv /root/aide.db {DATABASE}")
    assert (plain.status != 0, checking.status != 0, there) == (True, True, "")
    for done in (plain, checking):
        assert "transfer_monitoring_aide_accept" in done.output


def test_a_deployed_unit_and_a_removed_program_are_alerts(host: EventHost) -> None:
    host.inside(
        "echo '[Unit]' > /etc/systemd/system/evil.service; mv /usr/local/lib/secure_ftp_synchronize/events.pyz /"
    )
    host.inside(f"systemctl reset-failed {UNIT}; systemctl start {UNIT}.service")
    host.inside("mv /events.pyz /usr/local/lib/secure_ftp_synchronize/")
    host.collect()
    found = {each["file"]["path"]: each["event"]["action"] for each in host.alerts() if "file" in each}
    assert found["/etc/systemd/system/evil.service"] == "configuration_added"
    assert found["/usr/local/lib/secure_ftp_synchronize/events.pyz"] == "configuration_removed"


def test_without_the_option_nothing_is_left(host: EventHost) -> None:
    done = host.monitor()
    assert done.status == 0, done.output
    assert host.inside("find /etc /var/lib/secure_ftp_synchronize -name '*aide*' -path '*secure*'") == ""
