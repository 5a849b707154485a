# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role incident_response on a real host: a server that is down is named until it has the list, and a timer that
finds lists that are stale, old, cut, or not signed. The tests go through the life of one host in their order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import key

pytestmark = pytest.mark.sliced("debian13", "debian12")

FILE = "/etc/ssh/revoked_keys"
METRICS = "/var/lib/prometheus/node-exporter"
PLAYBOOK = (ROOT / "playbooks/revoke_keys.yml").read_text()
NOWHERE = {
    "ansible_host": "127.0.0.1",
    "ansible_port": "1",
    "ansible_user": OWNER,
    "ansible_ssh_common_args": "-F none",
}
"""A server that is down: a port without a listener."""


class Scene:
    """A host and the desk of the responder."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.desk = RevocationDesk(directory / "desk")

    def revoke(self, *options: str, second: SystemdHost | dict[str, str] | None = None, **given: Any) -> Outcome:
        """Run the playbook on files1 and, with `second`, on files2."""
        servers: Mapping[str, Any] = {"files1": self.host, **({"files2": second} if second else {})}
        variables = {
            "incident_response_list_directory": str(self.desk.directory),
            "incident_response_sign": {"private_key_file": str(self.desk.signer.path)},
            "incident_response_principal": PRINCIPAL,
            "incident_response_allowed_signers": [self.desk.allowed],
            **{f"incident_response_{name}": value for name, value in given.items()},
        }
        play = HostPlay(self.directory, self.host, groups={"sftp_servers": servers})
        return play.run_text(PLAYBOOK, "-e", json.dumps(variables), *options)

    def inside(self, script: str, given: bytes | None = None) -> str:
        if given is not None:
            self.host.enter("sh", "-c", script, input=given, text=False)
            return ""
        return self.host.enter("sh", "-c", script).stdout

    def checked(self) -> str:
        """Run the check as its timer does; return the last line of its journal."""
        self.inside("systemctl reset-failed secure-krl-check; systemctl start secure-krl-check || true")
        return self.inside(
            "journalctl --sync; journalctl -u secure-krl-check -o cat -n 20 | grep -v -e secure-krl -e systemd"
            " -e 'Check of the list' | tail -1"
        ).strip()


@pytest.fixture(scope="module", params=["debian13", "debian12"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with SystemdHost(request.param) as host:
        scene = Scene(tmp_path_factory.mktemp("incident"), host)
        scene.inside(f"mkdir -p {METRICS}")
        yield scene


def spread(scene: Scene) -> dict[str, Any]:
    return json.loads((scene.desk.directory / "spread.json").read_text())


def test_a_server_that_the_limit_leaves_out_is_named(scene: Scene) -> None:
    lost = [key("lost").fingerprint]
    limited = scene.revoke("--limit", "files1", second=NOWHERE, fingerprints=lost, reason="stolen")
    assert limited.status != 0
    assert "files2 (not in the run, since 20" in " ".join(limited.output.split())


def test_a_server_that_is_down_is_named(scene: Scene) -> None:
    done = scene.revoke(second=NOWHERE, fingerprints=[key("lost").fingerprint], reason="stolen")
    assert done.status != 0
    assert "version 1 of the list is not on files2 (unreachable, since 20" in " ".join(done.output.split())
    assert spread(scene)["files1"] == {"version": 1, "since": "", "reason": ""}
    assert spread(scene)["files2"]["version"] == 0
    assert scene.inside(f"ssh-keygen -Q -l -f {FILE} | grep -c hash:").strip() == "2"


def test_it_is_still_named_in_a_run_without_it(scene: Scene) -> None:
    again = scene.revoke()
    assert again.status != 0
    assert "files2 (unreachable" in " ".join(again.output.split())
    assert "changed=0" in again.output, again.output


def test_until_it_has_the_list(scene: Scene) -> None:
    """The host answers under the second name as well."""
    done = scene.revoke(second=scene.host)
    assert done.status == 0, done.output
    assert spread(scene)["files2"] == {"version": 1, "since": "", "reason": ""}


def test_the_timer(scene: Scene) -> None:
    assert scene.inside("systemctl is-enabled secure-krl-check.timer").strip() == "enabled"
    assert scene.inside("systemctl is-active secure-krl-check.timer").strip() == "active"
    assert scene.checked().startswith("version 1, ")
    metrics = scene.inside(f"cat {METRICS}/ftp_synchronize_krl.prom")
    assert "ftp_synchronize_krl_valid 1\n" in metrics
    assert "ftp_synchronize_krl_version 1\n" in metrics


def test_lists_that_the_timer_reports(scene: Scene, tmp_path: Path) -> None:
    scene.inside("cp -a /etc/ssh /root/ssh; cp -a /usr/local/lib/secure_ftp_synchronize /root/lib")
    lib = "/usr/local/lib/secure_ftp_synchronize"
    faults = {
        "krl_stale": f"sed -i 's/^max_age=.*/max_age=-1/' {lib}/krl-check",
        "krl_damaged": f"truncate -s 50 {FILE}.signed",
        "signature_invalid": f"echo x > {FILE}.signed.sig",
        "krl_empty": f"ssh-keygen -q -k -z 1 -f {FILE} /dev/null",
        "krl_wrong": f"ssh-keygen -q -k -u -f {FILE} /etc/secure_ftp_synchronize/krl/innocent.pub",
        "krl_rollback": "echo 9 > /var/lib/secure-krl-check/version",
    }
    seen = {}
    for code, fault in faults.items():
        scene.inside(fault)
        seen[code] = scene.checked().split()[0]
        assert "ftp_synchronize_krl_valid 0\n" in scene.inside(f"cat {METRICS}/ftp_synchronize_krl.prom")
        scene.inside(f"cp -a /root/ssh/. /etc/ssh/; cp -a /root/lib/. {lib}/")
    assert seen == {code: code for code in faults}
    scene.inside("rm /var/lib/secure-krl-check/version")
    assert scene.checked().startswith("version 1, ")
