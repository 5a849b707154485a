# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe of the log of sshd on a real host. Root only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.hosts.event_host import EventHost

UNIT = "secure-ftp-probe"
QUIET = "/etc/ssh/sshd_config.d/00-quiet.conf"
LIMITED = "/etc/systemd/system/ssh.service.d/limited.conf"
# journald multiplies the limit by a number that grows with the free space of its disk. It learns the service of a line
# from the process that sent it, so that process stays until a line is in the journal of the service.
MANY_LINES = """echo $$ > /sys/fs/cgroup/system.slice/ssh.service/cgroup.procs
{
    seq --format 'line %g' 200
    for second in $(seq 30); do
        sleep 1
        if journalctl --quiet --unit ssh --grep '^line' --lines 1 | grep --quiet .; then break; fi
    done
} | logger -p auth.info -t sshd"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventHost]:
    with EventHost(tmp_path_factory.mktemp("probe")) as host:
        done = host.monitor(probe=True)
        assert done.status == 0, done.output
        # The runs of this test are started by hand.
        host.inside(f"systemctl stop {UNIT}.timer {UNIT}.service")
        yield host


def probe(host: EventHost) -> list[dict[str, Any]]:
    """Probe, collect, and return all alerts about a silence so far."""
    host.inside(f"systemctl reset-failed {UNIT}.service; systemctl start {UNIT}.service", timeout=300)
    host.collect()
    return [each for each in host.alerts() if each["rule"]["id"] == "log_silent"]


def is_silent(host: EventHost) -> bool:
    return "ftp_synchronize_log_silent 1.0\n" in host.metrics()


def test_a_log_without_the_line_of_the_probe_is_an_alert(host: EventHost) -> None:
    assert probe(host) == []
    assert not is_silent(host)
    assert [each["event"]["action"] for each in host.events() if "127.0.0.1" in str(each)] == [], "a probe is no event"
    assert "ftp_synchronize_unparsed_lines_total 0\n" in host.metrics()
    host.put(QUIET, b"LogLevel QUIET\n")
    host.host.restart_sshd()
    assert len(probe(host)) == 1
    assert is_silent(host)
    host.inside(f"rm {QUIET}")
    host.host.restart_sshd()
    assert len(probe(host)) == 1
    assert not is_silent(host)


def test_a_journal_that_drops_lines_is_an_alert(host: EventHost) -> None:
    before = len(probe(host))
    host.inside(f"mkdir -p {LIMITED.rpartition('/')[0]}")
    host.put(LIMITED, b"[Service]\nLogRateLimitIntervalSec=1h\nLogRateLimitBurst=1\n")
    host.inside("systemctl daemon-reload")
    host.host.restart_sshd()
    host.inside(MANY_LINES)
    # A process that has ended when journald takes its line is in no service, so its line is not limited.
    assert any(len(probe(host)) == before + 1 for _attempt in range(5))
    host.inside(f"rm {LIMITED}; systemctl daemon-reload")
    host.host.restart_sshd()
    assert len(probe(host)) == before + 1


def test_a_server_that_does_not_answer_is_a_failed_unit(host: EventHost) -> None:
    host.inside("systemctl stop ssh.socket ssh.service")
    started = host.host.enter("systemctl", "start", f"{UNIT}.service", check=False)
    host.inside("systemctl start ssh.service")
    assert started.returncode != 0
    assert "127.0.0.1 port 22: Connection refused" in host.inside(f"journalctl -q -o cat -u {UNIT}.service")


def test_the_unit_of_the_probe(host: EventHost) -> None:
    unit = f"/etc/systemd/system/{UNIT}.service"
    host.inside(f"systemd-analyze verify {unit}")
    host.inside(f"systemd-analyze security --offline=true --threshold=30 {unit}")
    refused = host.monitor(probe=True, probe_address="localhost")
    assert refused.status != 0
    assert "localhost port 22 is not an IP address with a port" in refused.output
    removed = host.monitor()
    assert removed.status == 0, removed.output
    assert host.inside(f"ls /etc/systemd/system/{UNIT}.* /usr/local/lib/*/probe.pyz 2>/dev/null; true") == ""
