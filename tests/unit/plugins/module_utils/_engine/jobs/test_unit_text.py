# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a job. tests/integration/test_job_units.py has systemd as the judge."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.unit_text import (
    JobUnit,
    base_name,
    service_text,
    timer_name,
    timer_text,
    trial_of,
    unit_name,
)

JOB = JobUnit("nightly", program="/usr/local/lib/sync.pyz", job_file="/etc/jobs/nightly.json", schedule="daily")
TIMER = """\
[Unit]
Description=Timer of the sync job nightly

[Timer]
OnCalendar=daily
RandomizedDelaySec=0
FixedRandomDelay=yes
AccuracySec=1s
Persistent=yes

[Install]
WantedBy=timers.target
"""


def lines(**fields: Any) -> list[str]:
    """Return the lines of a service."""
    return service_text(JOB._replace(**fields)).splitlines()


def test_a_timer() -> None:
    assert timer_text(JOB) == TIMER


def test_a_service() -> None:
    found = lines()
    program = "/usr/bin/python3 -I /usr/local/lib/sync.pyz"
    for line in (
        f"ExecStart={program} --job /etc/jobs/nightly.json",
        f"ExecStopPost=+{program} record --job /etc/jobs/nightly.json",
        "SuccessExitStatus=7",
        "User=sync-nightly",
        "Environment=SECURE_SYNC_BOOT_ID=%b",
        "StateDirectory=secure_ftp_synchronize/homes/nightly",
        "WorkingDirectory=%S/secure_ftp_synchronize/homes/nightly",
        "RuntimeDirectory=secure-sync-nightly",
        "ProtectSystem=strict",
        "ProtectHome=yes",
    ):
        assert line in found
    assert not any(
        line.startswith(("OnFailure", "OnSuccess", "LoadCredential", "Read", "IPAddress", "EnvironmentFile"))
        for line in found
    )


def test_a_service_by_ansible_differs_in_one_option() -> None:
    command = "ExecStart=/usr/bin/python3 -I /usr/local/lib/sync.pyz --job /etc/jobs/nightly.json"
    assert [line for line in lines(by_ansible=True) if line not in lines()] == [f"{command} --ansible"]
    assert f"{command} --ansible --check" in lines(by_ansible=True, trial=True)


def test_the_names_of_units() -> None:
    assert (unit_name(JOB), timer_name(JOB)) == ("secure-sync-nightly.service", "secure-sync-nightly.timer")


def test_a_trial_differs_only_in_its_places_and_in_what_follows_a_run() -> None:
    job = JOB._replace(
        credentials=("private_key",),
        read=("/srv/a",),
        egress=("192.0.2.7",),
        egress_file="/etc/jobs/nightly.nft",
        notify=True,
    )
    trial = trial_of(job, job_file="/run/x/nightly.json", credstore="/run/x", egress_file="/run/x/nightly.nft")
    assert base_name(trial) == "secure-sync-nightly.check", "no job has this name"
    here, there = (set(service_text(each).splitlines()) for each in (job, trial))
    program, bound = "/usr/bin/python3 -I /usr/local/lib/sync.pyz", "secure-sync-nightly.private_key"
    assert here - there == {
        "OnFailure=secure-sync-notify@nightly.service",
        "ExecStartPre=+/usr/sbin/nft -f /etc/jobs/nightly.nft",
        f"ExecStart={program} --job /etc/jobs/nightly.json",
        f"ExecStopPost=+{program} record --job /etc/jobs/nightly.json",
        "SuccessExitStatus=7",
        "RuntimeDirectory=secure-sync-nightly",
        f"LoadCredentialEncrypted={bound}:/etc/credstore.encrypted/{bound}",
    }
    assert there - here == {
        "ExecStartPre=+/usr/sbin/nft -f /run/x/nightly.nft",
        f"ExecStart={program} --job /run/x/nightly.json --check",
        "RuntimeDirectory=secure-sync-nightly.check",
        "RuntimeDirectoryPreserve=yes",
        f"LoadCredentialEncrypted={bound}:/run/x/{bound}",
    }
    assert trial_of(JOB, job_file="/run/x/j", credstore="/run/x", egress_file="/run/x/n").egress_file == ""


def test_all_parts() -> None:
    found = lines(
        credentials=("private_key",),
        timeout=60,
        read=("/srv/a",),
        write=("/srv/b",),
        egress=("192.0.2.7", "2001:db8::/32"),
        notify=True,
    )
    for line in (
        "OnFailure=secure-sync-notify@nightly.service",
        "LoadCredentialEncrypted=secure-sync-nightly.private_key:"
        "/etc/credstore.encrypted/secure-sync-nightly.private_key",
        "TimeoutStartSec=60",
        "ReadOnlyPaths=/srv/a",
        "ReadWritePaths=/srv/b",
        "IPAddressDeny=any",
        "IPAddressAllow=192.0.2.7/32 2001:db8::/32",
    ):
        assert line in found


def test_pings_are_units_of_their_own() -> None:
    """The job's account cannot read the URL, and its limits of addresses are none for the pings."""
    found = lines(pings=True, notify=True)
    for line in (
        "Wants=network-online.target secure-sync-ping-start@nightly.service",
        "After=network-online.target secure-sync-ping-start@nightly.service",
        "OnSuccess=secure-sync-ping-success@nightly.service",
        "OnFailure=secure-sync-notify@nightly.service secure-sync-ping-failure@nightly.service",
    ):
        assert line in found
    trial = lines(pings=True, notify=True, trial=True)
    assert [line for line in trial if "ping" in line or line.startswith("On")] == []


@pytest.mark.parametrize("path", ["/home/partner/out", "/root/out"])
def test_homes_are_visible_only_if_a_path_is_there(path: str) -> None:
    assert "ProtectHome=read-only" in lines(read=(path,))
    assert "ProtectHome=read-only" in lines(write=(path,))


def test_the_recorder_needs_no_path() -> None:
    """systemd makes bind mounts for ExecStopPost=+ too, and does not start it if a path is missing."""
    assert [line for line in lines(read=("/srv/a",), write=("/srv/b",)) if line.startswith("Bind")] == []


def test_setuid_is_allowed_after_privileged_is_refused() -> None:
    """In another order ssh cannot start (its error is about KnownHostsCommand)."""
    filters = [line for line in lines() if line.startswith("SystemCallFilter=")]
    assert filters == [
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged @resources",
        "SystemCallFilter=@setuid",
    ]


HOSTILE = ("a\nExecStart=/bin/sh", "/srv/a b", "/srv/%H", "/srv/$HOME", "/srv/../etc", 'a"', "relative", "/srv/a\\x20")


@pytest.mark.parametrize("option", ["program", "job_file"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_path(option: str, text: str) -> None:
    with pytest.raises(InvalidRequest, match=rf"^{option}: ") as caught:
        lines(**{option: text})
    assert caught.value.cure


@pytest.mark.parametrize("option", ["read", "write"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_directory(option: str, text: str) -> None:
    with pytest.raises(InvalidRequest, match=rf"^{option}: "):
        lines(**{option: ("/srv/good", text)})


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"name": "a\n"}, "is not the name of a job"),
        ({"name": "../a"}, "is not the name of a job"),
        ({"credentials": ("a:/etc/shadow",)}, "^credentials: "),
        ({"credentials": ("a\n",)}, "^credentials: "),
        ({"egress": ("files.example.com",)}, "^egress: "),
        ({"egress": ("any\n",)}, "^egress: "),
        ({"egress": ("192.0.2.700",)}, "^egress: "),
        ({"egress": ("192.0.2.0/64",)}, "^egress: "),
        ({"egress": ("fe80::1%eth0",)}, "^egress: "),
        ({"timeout": 0}, "^timeout: 0 is out of range"),
        ({"timeout": 10**9}, "^timeout: "),
    ],
)
def test_a_bad_field(fields: dict[str, Any], fact: str) -> None:
    with pytest.raises(InvalidRequest, match=fact) as caught:
        lines(**fields)
    assert caught.value.cure
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("schedule", ["", "daily\nOnBootSec=1", "daily;", "%n", "a" * 201, "é"])
def test_a_bad_schedule(schedule: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^schedule: "):
        timer_text(JOB._replace(schedule=schedule))


@pytest.mark.parametrize("number", [-1, 10**9])
def test_a_bad_delay(number: int) -> None:
    with pytest.raises(InvalidRequest, match=r"^random_delay: "):
        timer_text(JOB._replace(random_delay=number))
