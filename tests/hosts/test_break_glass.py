# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emergency account of the role break_glass on a real host: certificates that open it, all that does not, and the
alert of its use. The tests go through the life of one host in their order."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import SshKey, certify_user, key

ACCOUNT, KRL = "breakglass", "/etc/ssh/revoked_keys"
CA, OTHER_CA, PERSON = key("offline"), key("other"), key("person")


def good() -> SshKey:
    """Sign a certificate that opens the account for the next ten minutes."""
    return certify_user(PERSON, CA, principals=ACCOUNT, validity="-1m:+10m")


class Scene:
    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.desk = RevocationDesk(directory / "desk")

    def play(self, *tasks: dict[str, Any], options: tuple[str, ...] = ()) -> Outcome:
        return HostPlay(self.directory, self.host).run(tasks, *options)

    def converge(self, *options: str, **changed: Any) -> Outcome:
        given = {"break_glass_authorities": [CA.public], **changed}
        return self.play(role("break_glass", **given), options=options)

    def inside(self, script: str, given: str = "") -> str:
        return self.host.enter("sh", "-c", script, input=given).stdout

    def says(self, opened: SshKey, account: str = ACCOUNT, command: str = "sudo id -un") -> str:
        """Return the output of a command over a login with this key; "" if sshd refuses it."""
        words = self.host.ssh(account, opened.path)
        done = subprocess.run([*words, command], capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip()


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with SystemdHost(request.param) as host:
        scene = Scene(tmp_path_factory.mktemp("break_glass"), host)
        # Many logins are refused here in a short time; sshd would soon refuse the address.
        penalties = "sshd -T | grep -q ^persourcepenalties && echo PerSourcePenalties no || true"
        scene.inside(f"({penalties}) > /etc/ssh/sshd_config.d/20-test.conf")
        host.restart_sshd()
        yield scene


def test_an_authority_is_required(scene: Scene) -> None:
    assert "is empty" in scene.converge(break_glass_authorities=[]).output
    private = scene.converge(break_glass_authorities=[CA.path.read_text()])
    assert "is not the line of a .pub file" in private.output


def test_an_account_that_exists_is_refused(scene: Scene) -> None:
    """The account of the connection, or of a person. Both keep their passwords."""
    scene.inside("useradd -m -p '$6$kept' person; cp -p /etc/shadow /tmp/shadow")
    for account in (OWNER, "person"):
        for state in ("present", "absent"):
            refused = scene.converge(break_glass_account=account, break_glass_state=state)
            assert f"{account} exists, and is not an emergency account" in refused.output
    assert scene.inside("cmp /etc/shadow /tmp/shadow && ls /etc/sudoers.d /etc/ssh | grep break_glass || true") == ""


def test_the_account(scene: Scene) -> None:
    """As docs/break_glass.md sets it up."""
    planned = scene.converge("--check", "--diff")
    assert planned.status == 0, planned.output
    assert scene.inside(f"getent passwd {ACCOUNT} || true") == ""
    page = (ROOT / "docs/break_glass.md").read_text()
    (play,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)
    play = re.sub(r"ssh-ed25519 \S+", " ".join(CA.public.split()[:2]), play)
    groups = {"sftp_servers": {"host": scene.host}}
    done = HostPlay(scene.directory, scene.host, groups=groups).run_text(play)
    assert done.status == 0, done.output
    again = scene.converge(break_glass_authorities=[f"{' '.join(CA.public.split()[:2])} break glass"])
    assert (again.status, again.count("changed")) == (0, 0), again.output
    assert scene.inside(f"getent shadow {ACCOUNT}").split(":")[1] == "*"


def test_only_a_certificate_of_the_authority_opens_it(scene: Scene) -> None:
    assert scene.says(good()) == "root"
    refused = {
        "no certificate": PERSON,
        "expired": certify_user(PERSON, CA, principals=ACCOUNT, validity="-10m:-1m"),
        "another principal": certify_user(PERSON, CA, principals="root"),
        "no principal": certify_user(PERSON, CA, principals=""),
        "another authority": certify_user(PERSON, OTHER_CA, principals=ACCOUNT),
        "the authority itself": CA,
    }
    assert [name for name, each in refused.items() if scene.says(each)] == []


def test_it_opens_no_other_account(scene: Scene) -> None:
    every = certify_user(PERSON, CA, principals="root,admin,breakglass")
    assert [scene.says(every, account, "echo in") for account in ("root", "admin")] == ["", ""]


def test_keys_of_its_own_are_not_read(scene: Scene) -> None:
    scene.inside(
        f"install -d -o {ACCOUNT} -m 700 ~{ACCOUNT}/.ssh; cat > ~{ACCOUNT}/.ssh/authorized_keys", PERSON.public
    )
    assert scene.says(PERSON) == ""


def test_a_block_for_other_addresses_frees_no_account(scene: Scene) -> None:
    """The settings for the address of the controller are as wanted, and the login may come from another."""
    office = "/etc/ssh/sshd_config.d/00-office.conf"
    for keyword, value in (("AuthorizedKeysFile", ".ssh/authorized_keys"), ("TrustedUserCAKeys", "/etc/ssh/office_ca")):
        scene.inside(f"printf 'Match Address 203.0.113.0/24\\n {keyword} {value}\\n' > {office}")
        try:
            refused = scene.converge()
        finally:
            scene.inside(f"rm {office}")
        assert refused.status != 0, refused.output
        assert f"{value} from 203.0.113.0" in " ".join(refused.output.split()), refused.output
        assert scene.says(good()) == "root"
    again = scene.converge()
    assert (again.status, again.count("changed")) == (0, 0), again.output


def test_with_empty_authorized_keys_and_a_stale_list(scene: Scene) -> None:
    """A list has no end of validity for sshd. A revoked certificate is refused."""
    scene.desk.good(fingerprints=[key("lost").fingerprint])
    verify = {"principal": PRINCIPAL, "allowed_signers": [scene.desk.allowed]}
    installed = {"format": "krl", "list": str(scene.desk.list), "verify": verify}
    task = {"name": "Install the list", "secure.ftp_synchronize.key_revocation": installed}
    done = scene.play(role("client_key_rotation", "server"), task)
    assert done.status == 0, done.output
    scene.inside(f"touch -d 2020-01-01 {KRL}*; cp -a /root/.ssh /home/admin/.ssh /tmp/ 2>/dev/null || true")
    scene.inside(
        "for each in /root /home/admin; do cp -a $each/.ssh/authorized_keys $each/kept; "
        ": > $each/.ssh/authorized_keys; done"
    )
    assert scene.says(scene.host.key, "root", "id -un") == ""
    assert scene.says(good()) == "root"
    restore = "for each in /root /home/admin; do cat $each/kept > $each/.ssh/authorized_keys; done; echo done"
    assert scene.says(good(), command=f"sudo sh -c '{restore}'") == "done"
    assert scene.says(scene.host.key, "root", "id -un") == "root"


def test_a_broken_list_shuts_it_out_too(scene: Scene) -> None:
    """As docs/break_glass.md warns: then only the console helps."""
    scene.inside(f"cp -a {KRL} {KRL}.kept; head -c 20 {KRL}.kept > {KRL}")
    assert scene.says(good()) == ""
    scene.inside(f"cp -a {KRL}.kept {KRL}")
    assert scene.says(good()) == "root"


def test_each_use_is_an_alert(scene: Scene) -> None:
    done = scene.play(role("transfer_monitoring", transfer_monitoring_history=0, transfer_monitoring_idle=1))
    assert done.status == 0, done.output
    collect = "journalctl --sync; systemctl reset-failed secure-ftp-events.service; systemctl start secure-ftp-events"
    scene.inside(collect)
    assert scene.says(PERSON) == ""
    assert scene.says(good()) == "root"
    scene.inside(collect)
    lines = scene.inside("cat /var/log/secure_ftp_synchronize/events.jsonl").splitlines()
    alerts = [each for each in map(json.loads, lines) if each.get("rule", {}).get("id") == "break_glass_used"]
    assert [each["user"]["name"] for each in alerts] == [ACCOUNT]


def test_the_account_loses_its_rights(scene: Scene) -> None:
    done = scene.converge(break_glass_state="absent")
    assert done.status == 0, done.output
    # The key of the certificate is in the home of the account since an earlier test.
    assert [scene.says(each, command="echo in") for each in (good(), PERSON)] == ["", ""]
    assert scene.inside("ls /etc/sudoers.d /etc/ssh | grep -c break_glass || true").strip() == "0"
