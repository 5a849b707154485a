# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role key_revocation on a real host: a server that is down is named until it has the list, a timer that finds
lists that are stale, old, cut, or not signed, and accounts that are closed meanwhile.

The tests go through the life of one host in their order.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import NOWHERE, HostPlay
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scenes.revocation_desk import RevocationDesk
from support.scenes.ssh_logins import eventually
from support.servers.ssh_keys import key

FILE = "/etc/ssh/revoked_keys"
METRICS = "/var/lib/prometheus/node-exporter"
PLAYBOOK = (ROOT / "playbooks/revoke_keys.yml").read_text()
PROPOSAL = (ROOT / "playbooks/propose_revocation.yml").read_text()
ROLE = PLAYBOOK[PLAYBOOK.index("- name: Revoke keys and certificates") :]
STATE = "find /etc /usr/local /var/lib -newermt @0 -type f -not -path '*/systemd/*' -printf '%p %T@ %s\\n' | sort"
"""Files of the host that a role might change."""
SPARED = ("deputy", "keeper", "breakglass")
"""A member of sudo, an account of a rule of sudo, and the emergency account."""


class Scene:
    """A host and the desk of the responder."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.desk = RevocationDesk(directory / "desk")

    def revoke(
        self,
        *options: str,
        second: SystemdHost | dict[str, str] | None = None,
        text: str = PLAYBOOK,
        patience: str | int = 600,
        **given: Any,
    ) -> Outcome:
        """Run the playbook on files1 and, with `second`, on files2."""
        servers: Mapping[str, Any] = {"files1": self.host, **({"files2": second} if second else {})}
        variables = {
            "key_revocation_directory": str(self.desk.directory),
            "key_revocation_sign": self.desk.signing,
            "__key_revocation_patience": patience,
            **{f"key_revocation_{name}": value for name, value in given.items()},
        }
        play = HostPlay(self.directory, self.host, groups={"sftp_servers": servers})
        return play.run_text(text, "-e", json.dumps(variables), *options, timeout=1000)

    def variables(self) -> dict[str, str]:
        """Return the variables by which Ansible reaches the host."""
        return HostPlay(self.directory, self.host).variables(self.host)

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

    def accounts(self) -> None:
        """Make a partner that may do one thing as root, and administrators; all are in the group, with the owner."""
        self.inside("groupadd partners; useradd -m -G partners partner; useradd -m -G partners,sudo deputy")
        self.inside("useradd -m -G partners keeper; useradd -m -G partners breakglass")
        self.inside(f"usermod -aG partners {OWNER}")
        self.inside(
            "echo 'keeper ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/test;"
            "echo 'partner ALL=(root) NOPASSWD: /usr/bin/uptime' >> /etc/sudoers.d/test"
        )
        for name in ("partner", *SPARED):
            self.inside(f"mkdir -m 700 /home/{name}/.ssh; chown {name} /home/{name}/.ssh")
            self.inside(f"cat > /home/{name}/.ssh/authorized_keys", key("good").public.encode() + b"\n")
        # Many logins are refused here in a short time; sshd would soon refuse the address.
        penalties = "sshd -T | grep -q ^persourcepenalties && echo PerSourcePenalties no || true"
        self.inside(f"({penalties}) > /etc/ssh/sshd_config.d/20-test.conf")
        self.host.restart_sshd()

    def opens(self, account: str) -> bool:
        words = [*self.host.ssh(account, key("good").path), "true"]
        return subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0

    def comes(self, *, opened: bool) -> None:
        """Wait until the account of the partner is open or closed."""
        assert eventually(lambda: self.opens("partner") == opened), f"partner open: {not opened}"


@pytest.fixture(scope="module", params=["debian13", "debian12"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with SystemdHost(request.param) as host:
        scene = Scene(tmp_path_factory.mktemp("incident"), host)
        scene.inside(f"mkdir -p {METRICS}")
        yield scene


def spread(scene: Scene) -> dict[str, Any]:
    return json.loads((scene.desk.directory / "spread.json").read_text())


def test_a_plan_changes_nothing(scene: Scene) -> None:
    """The key of the connection is named before anything is at stake; a server that is down holds up no plan."""
    before = sorted(path.name for path in scene.desk.directory.iterdir())
    state = scene.inside(STATE)
    plan = scene.revoke(second=NOWHERE, text=PROPOSAL, fingerprints=[scene.host.key.fingerprint])
    assert f"revoke the key {scene.host.key.fingerprint}" in plan.output
    assert "files1: refused, because Ansible is connected with this key" in plan.output
    assert "files2: not reached; a run names it until it has the list" in plan.output
    assert "limits: 60s for a server, 300s for all" in plan.output
    assert plan.total("changed") == 0
    assert sorted(path.name for path in scene.desk.directory.iterdir()) == before
    assert scene.inside(STATE) == state


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


def test_a_server_that_does_not_answer_holds_up_no_other(scene: Scene) -> None:
    """It accepts the login, and then the module never ends."""
    scene.inside("printf '#!/bin/sh\\nexec sleep 3000\\n' > /usr/local/bin/hangs; chmod 755 /usr/local/bin/hangs")
    silent = {**scene.variables(), "ansible_python_interpreter": "/usr/local/bin/hangs"}
    patience = "{{ 5 if inventory_hostname == 'files2' else 600 }}"
    done = scene.revoke(second=silent, text=ROLE, patience=patience)
    assert done.status != 0
    assert "files2 (no answer in time, since 20" in " ".join(done.output.split())
    assert spread(scene)["files1"] == {"version": 1, "since": "", "reason": ""}


def test_it_is_still_named_in_a_run_without_it(scene: Scene) -> None:
    again = scene.revoke()
    assert again.status != 0
    assert "files2 (" in " ".join(again.output.split())
    assert "changed=0" in again.output, again.output


def test_until_it_has_the_list(scene: Scene) -> None:
    """The host answers under the second name as well."""
    done = scene.revoke(second=scene.host)
    assert done.status == 0, done.output
    assert spread(scene)["files2"] == {"version": 1, "since": "", "reason": ""}


def test_check_mode_on_a_server_without_the_check(scene: Scene) -> None:
    """The list is current, and installed by a task of its own: no directory and no unit is there yet."""
    scene.inside(
        "systemctl disable --now -q secure-krl-check.timer; rm -r /etc/secure_ftp_synchronize/krl"
        " /usr/local/lib/secure_ftp_synchronize /etc/systemd/system/secure-krl-*; systemctl daemon-reload"
    )
    before = scene.inside(STATE)
    for options in (ALONE, CLOSING):
        planned = scene.revoke("--check", "--diff", **options)
        assert planned.status == 0, planned.output
        assert "secure-krl-check.timer" in planned.output
    assert scene.inside(STATE) == before
    done = scene.revoke(second=scene.host)
    assert done.status == 0, done.output


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
    scene.inside(f"rm /var/lib/secure-krl-check/version; sed -i 's/^now=.*/now=1000/' {lib}/krl-check")
    assert scene.checked().startswith("krl_stale the list is from the future, or the clock of this host is wrong")
    scene.inside(f"cp -a /root/lib/. {lib}/; rm -f /var/lib/secure-krl-check/version")
    assert scene.checked().startswith("version 1, ")


def test_a_server_that_is_lost_after_the_list_was_installed(scene: Scene) -> None:
    """Its port is closed once the record has the list. It is named until a run comes to its end there."""
    record = scene.desk.directory / "spread.json"
    port = "{{ 1 if 'not finished' in lookup('ansible.builtin.file', '%s') else 22 }}" % record
    vanishing = {**scene.variables(), "ansible_port": port}
    lost = scene.revoke(second=vanishing, fingerprints=[key("other").fingerprint], reason="stolen")
    assert lost.status != 0
    assert spread(scene)["files1"] == {"version": 2, "since": "", "reason": ""}
    assert (spread(scene)["files2"]["version"], spread(scene)["files2"]["reason"]) == (2, "not finished")
    again = scene.revoke()
    assert again.status != 0
    assert "version 2 of the list is not on files2 (not finished, since 20" in " ".join(again.output.split())
    done = scene.revoke(second=scene.host)
    assert done.status == 0, done.output
    assert spread(scene)["files2"] == {"version": 2, "since": "", "reason": ""}


ALONE = {"retired_hosts": ["files2"]}
CLOSING = {"check": {"on_stale": "close_accounts", "closed_group": "partners"}, **ALONE}
DROP_IN = "/etc/ssh/sshd_config.d/02-secure_ftp_synchronize_closed.conf"


def test_a_group_of_administrators_is_not_closed(scene: Scene) -> None:
    refused = scene.revoke(check={"on_stale": "close_accounts", "closed_group": "sudo"})
    assert '"sudo" cannot be closed. Set it to a group without administrators.' in " ".join(refused.output.split())
    refused = scene.revoke(check={"on_stale": "close_accounts", "closed_group": "nogroup-of-this-host"})
    assert "the group nogroup-of-this-host does not exist" in refused.output
    scene.revoke()


def test_accounts_are_closed_until_the_list_is_fresh(scene: Scene) -> None:
    """A new list opens them, without the controller's help; the connection of Ansible works all the time."""
    scene.accounts()
    done = scene.revoke(**CLOSING)
    assert done.status == 0, done.output
    assert "changed=0" in scene.revoke(**CLOSING).output
    scene.comes(opened=True)
    scene.inside(f"echo x > {FILE}.signed.sig")
    assert scene.checked().startswith("signature_invalid ")
    scene.comes(opened=False)
    assert [name for name in SPARED if not scene.opens(name)] == []
    assert "accounts_closed" in scene.inside("journalctl --sync; journalctl -p alert -o cat")
    again = scene.revoke(fingerprints=[key("old").fingerprint], reason="stolen", **CLOSING)
    assert again.status == 0, again.output
    scene.comes(opened=True)


def test_a_damaged_list_closes_them_at_once(scene: Scene) -> None:
    """An address that sshd refuses to all accounts is not taken for the closure."""
    scene.inside("echo 'DenyUsers *@203.0.113.9' > /etc/ssh/sshd_config.d/30-address.conf; systemctl reload ssh")
    scene.inside(f"cp -a {FILE} /root/list; ssh-keygen -q -k -z 9 -f {FILE}.x /dev/null; mv {FILE}.x {FILE}")
    scene.comes(opened=False)
    scene.inside(f"mv /root/list {FILE}")
    scene.comes(opened=True)
    scene.inside("rm /etc/ssh/sshd_config.d/30-address.conf; systemctl reload ssh")


def test_a_closure_without_effect_is_an_alert(scene: Scene) -> None:
    """Someone removed the line that includes it from sshd's configuration."""
    scene.inside(f"mv {DROP_IN} /root/; echo x > {FILE}.signed.sig")
    scene.checked()
    assert eventually(
        lambda: "accounts_open sshd still accepts " in scene.inside("journalctl --sync; journalctl -o cat")
    )
    assert scene.opens("partner")
    scene.inside(f"mv /root/{DROP_IN.rpartition('/')[2]} {DROP_IN}")


def test_without_the_option_nothing_of_it_is_left(scene: Scene) -> None:
    """Also a server that refuses the list opens the accounts."""
    scene.inside(f"echo x > {FILE}.signed.sig; systemctl start secure-krl-check || true")
    scene.comes(opened=False)
    assert scene.revoke(sign={**scene.desk.signing, "principal": "other@example.com"}).status != 0
    scene.comes(opened=True)
    done = scene.revoke(**ALONE)
    assert done.status == 0, done.output
    assert "changed=0" in scene.revoke(**ALONE).output
    left = scene.inside(
        f"ls {DROP_IN} /etc/systemd/system/*krl-acc* /etc/secure_ftp_synchronize/krl 2>/dev/null || true"
    )
    assert left.split() == ["/etc/secure_ftp_synchronize/krl:", "innocent.pub", "revoked.pub", "signers"]
    assert not scene.inside("systemctl list-units --all --plain --no-legend 'secure-krl-check.path'").count("active ")
