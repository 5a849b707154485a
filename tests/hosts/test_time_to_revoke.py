# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time to revoke a key on one host and on ten: times of the role, and a login and a live session on each host.

The times are printed. They are not limited here, because they depend on the machine.
"""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.running.examples import ROOT
from support.scenes.revocation_desk import RevocationDesk
from support.servers.ssh_keys import SshKey, key

pytestmark = pytest.mark.long

PLAYBOOK = (ROOT / "playbooks/revoke_keys.yml").read_text()


def provide(host: SystemdHost, lost: SshKey) -> None:
    script = (
        "useradd -m partner; install -d -m 700 -o partner /home/partner/.ssh; cat > /home/partner/.ssh/authorized_keys"
    )
    host.enter("sh", "-c", script, input=lost.public + "\n")


def session(host: SystemdHost, lost: SshKey, stack: ExitStack) -> subprocess.Popen[str]:
    words = [*host.ssh("partner", lost.path), "echo on; exec sleep 3600"]
    process = stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
    stack.callback(process.kill)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    return process


def ended_at(process: subprocess.Popen[str]) -> float:
    """Return when a session has ended."""
    assert process.wait(3600) != 0
    return time.monotonic()


def opens(host: SystemdHost, lost: SshKey) -> bool:
    words = [*host.ssh("partner", lost.path), "true"]
    return subprocess.run(words, capture_output=True, timeout=120, check=False).returncode == 0


@pytest.mark.parametrize("count", [1, 10])
def test_the_time_to_revoke(count: int, tmp_path: Path) -> None:
    lost, desk = key("lost"), RevocationDesk(tmp_path / "desk")
    with ExitStack() as stack:
        hosts = [stack.enter_context(SystemdHost("debian13")) for _each in range(count)]
        for host in hosts:
            provide(host, lost)
        servers = {f"files{number}": host for number, host in enumerate(hosts)}
        record = tmp_path / "times.json"
        common = {
            "key_revocation_directory": str(desk.directory),
            "key_revocation_sign": desk.signing,
            "key_revocation_limits": {"refused": "1h", "all_hosts": "1h"},
        }
        written = (
            "    - ansible.builtin.copy: {content: '{{ key_revocation_result.times | to_json }}', dest: '%s'}\n"
            "      delegate_to: localhost\n      become: false\n      run_once: true\n" % record
        )
        play = HostPlay(tmp_path, hosts[0], groups={"sftp_servers": servers})
        prepared = play.run_text(PLAYBOOK, "-e", json.dumps(common), "-f", "10", timeout=3000)
        assert prepared.status == 0, prepared.output
        sessions = [session(host, lost, stack) for host in hosts]
        more = {"key_revocation_fingerprints": [lost.fingerprint], "key_revocation_reason": "stolen"}
        pool = stack.enter_context(ThreadPoolExecutor(count))
        ends = [pool.submit(ended_at, each) for each in sessions]
        began = time.monotonic()
        done = play.run_text(
            f"{PLAYBOOK}  tasks:\n{written}", "-e", json.dumps({**common, **more}), "-f", "10", timeout=3000
        )
        whole = time.monotonic() - began
        assert done.status == 0, done.output
        assert [opens(host, lost) for host in hosts] == [False] * count
        dead = max(each.result(60) for each in ends) - began
        times = json.loads(record.read_text())
        assert len(times["hosts"]) == count
        print(f"{count} hosts: playbook {whole:.1f} s, last session dead {dead:.1f} s, {json.dumps(times)}")
