# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh-audit, an outside judge, and its policies against each profile on each system.

pq_only passes the policy of Debian 13. Everything else that a policy has against a profile is written here: the other
systems have policies of their own, which ask for exchanges without a post-quantum part. Root only.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.hosts.host_network import GATEWAY
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.judges.judge_programs import judge
from support.running.playbook_process import Outcome

POLICY = {
    "debian13": "Hardened Debian 13 (version 1)",
    "debian12": "Hardened Debian 12 (version 3)",
    "ubuntu2404": "Hardened Ubuntu Server 24.04 LTS (version 2)",
}
COMPLAINTS = {
    ("debian13", "pq_only-2026"): set(),
    ("debian13", "compatible-2026"): {"Key exchanges", "Ciphers", "MACs"},
    ("debian12", "pq_only-2026"): {"Key exchanges", "MACs"},
    ("debian12", "compatible-2026"): {"Key exchanges", "Ciphers", "MACs"},
    ("ubuntu2404", "pq_only-2026"): {"Key exchanges"},
    ("ubuntu2404", "compatible-2026"): {"Key exchanges", "Ciphers", "MACs"},
}
WARNINGS = 2
"""How ssh-audit ends when no algorithm is worse than one to be warned of."""


class Audited:
    """A host whose RSA key is as its distribution made it."""

    def __init__(self, host: SystemdHost, directory: Path) -> None:
        self.host, self._directory = host, directory

    def harden(self, profile: str) -> Outcome:
        variables = {"sftp_server_profile": profile, "sftp_server_penalty_exempt": [GATEWAY]}
        done = HostPlay(self._directory, self.host).run([role("sftp_server", **variables)])
        assert done.status == 0, done.output
        return done

    def complaints(self) -> set[str]:
        """Return the fields of the system's policy that differ."""
        asked = [judge("ssh-audit"), "--json", "--policy", POLICY[self.host.system], self.host.address]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
        found = json.loads(done.stdout)
        assert found["passed"] is not bool(found["errors"])
        return {each["mismatched_field"] for each in found["errors"]}

    def worst(self) -> int:
        """Give ssh-audit's verdict without a policy."""
        asked = [judge("ssh-audit"), "--skip-rate-test", self.host.address]
        return subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False).returncode


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Audited]]:
    with ExitStack() as stack:
        yield [Audited(stack.enter_context(SystemdHost(system)), tmp_path_factory.mktemp(system)) for system in POLICY]


def test_a_key_of_the_distribution_is_named_and_left(hosts: list[Audited]) -> None:
    debian13 = hosts[0]
    before = debian13.host.enter("cat", "/etc/ssh/ssh_host_rsa_key.pub").stdout
    done = debian13.harden("pq_only-2026")
    assert "has 3072 bits, the profile requires 4096" in done.output
    assert "rotate_host_keys" in done.output
    assert debian13.host.enter("cat", "/etc/ssh/ssh_host_rsa_key.pub").stdout == before
    # ssh-audit speaks none of the profile's exchanges, and so does not learn the length itself.
    assert debian13.complaints() == set()


@pytest.mark.parametrize("profile", ["pq_only-2026", "compatible-2026"])
def test_the_policy_of_the_system(hosts: list[Audited], profile: str) -> None:
    def on(audited: Audited) -> tuple[set[str], int]:
        # As after a rotation: the role makes the key that is missing, and longer.
        audited.host.enter("/bin/sh", "-c", "rm -f /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_rsa_key.pub")
        assert "3072" not in audited.harden(profile).output
        return audited.complaints(), audited.worst()

    with ThreadPoolExecutor() as pool:
        found = dict(zip([each.host.system for each in hosts], pool.map(on, hosts), strict=True))
    for system, (complaints, worst) in found.items():
        print(f"{system}, {profile}: {sorted(complaints) or 'passed'}")
        assert complaints == COMPLAINTS[system, profile], system
        assert worst <= WARNINGS, system
