# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill of a revocation on a real host: measured by real logins, judged by ssh and ssh-keygen.

The tests go through the life of one host in their order.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import receipt_verify
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.running.examples import ROOT
from support.running.playbook_process import Outcome, finished
from support.running.tasks import run_task
from support.scenes.revocation_desk import RevocationDesk
from support.servers.ssh_keys import key

PLAYBOOK = (ROOT / "playbooks/incident_drill.yml").read_text()
GOOD = key("good")
CANARY, AUTHORIZED, LIST = "canary", "/etc/ssh/authorized_keys.d/canary", "/etc/ssh/revoked_keys"
STATE = f"cat {AUTHORIZED} /home/partner/.ssh/authorized_keys; getent passwd; getent shadow"
NAMESPACE = "receipt@ftp-synchronize"
# Drills in a row are refused more often than sshd's penalties allow.
PREPARE = f"""
useradd -m -p '*' partner; useradd -M -p '*' {CANARY}; install -d -m 700 -o partner /home/partner/.ssh
install -d /etc/ssh/authorized_keys.d; : > {LIST}; install -m 640 -g {CANARY} /dev/null {AUTHORIZED}
cat > /home/partner/.ssh/authorized_keys
cat > /etc/ssh/sshd_config.d/20-test.conf <<END
PerSourcePenalties no
RevokedKeys {LIST}
Match User {CANARY}
  AuthorizedKeysFile {AUTHORIZED}
  ForceCommand internal-sftp
END
"""


class Scene:
    """A host with an account for drills, another account, and the desk of the responder."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.desk = RevocationDesk(directory / "desk")
        self.records, self.keys = directory / "records", directory / "drill"
        self.signer = key("drills")

    def inside(self, script: str, given: str = "") -> str:
        return self.host.enter("sh", "-c", script, input=given).stdout

    def options(self, drill: dict[str, Any] | None = None, **given: Any) -> str:
        variables = {
            "directory": str(self.desk.directory),
            "sign": self.desk.signing,
            "drill": {
                "account": CANARY,
                "directory": str(self.keys),
                "receipts": {"path": str(self.records), "private_key_file": str(self.signer.path)},
                "proof": {"host": self.host.address, "known_hosts_file": str(self.host.known_hosts)},
                **(drill or {}),
            },
            **given,
        }
        return json.dumps({f"key_revocation_{name}": value for name, value in variables.items()})

    @property
    def play(self) -> HostPlay:
        return HostPlay(self.directory, self.host, groups={"sftp_servers": {"files1": self.host}})

    def drill(self, **given: Any) -> Outcome:
        return self.play.run_text(PLAYBOOK, "-e", self.options(**given))

    def drill_on(self, servers: dict[str, SystemdHost], **more: str) -> Outcome:
        """Drill on several servers. more: variables of the last of them."""
        hosts = {}
        for name, host in servers.items():
            proof = {"host": host.address, "known_hosts_file": str(host.known_hosts)}
            hosts[name] = {**self.play.variables(host), "proof": proof}
        hosts[list(servers)[-1]].update(more)
        play = HostPlay(self.directory, self.host, groups={"sftp_servers": hosts})
        return play.run_text(PLAYBOOK, "-e", self.options(drill={"proof": "{{ proof }}"}))

    def drill_and_copy(self, **given: Any) -> tuple[Outcome, Path]:
        """Drill, and copy the private key while the account is open, as a thief would."""
        stolen, source = self.directory / "stolen", self.keys / "compromised"
        killed = source.read_bytes() if source.exists() else b""
        with self.play.running_text(PLAYBOOK, "-e", self.options(**given)) as process:
            while process.poll() is None and not self._has_new_keys(killed):
                time.sleep(0.02)
            shutil.copy(source, stolen)
            return finished(process, 400), stolen

    def _has_new_keys(self, killed: bytes) -> bool:
        with suppress(FileNotFoundError):
            return (self.keys / "restored.pub").exists() and (self.keys / "compromised").read_bytes() != killed
        return False

    def opens(self, account: str, file: Path) -> bool:
        words = self.host.ssh(account, file)
        done = subprocess.run([*words[:-1], "-s", words[-1], "sftp"], stdin=subprocess.DEVNULL, timeout=60, check=False)
        return done.returncode == 0

    def receipts(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted(self.records.glob("*.json"))]

    def require_closed(self) -> None:
        """No key opens the account, and no key of the drill is left on the controller."""
        assert self.inside(f"cat {AUTHORIZED}") == ""
        assert [*self.keys.iterdir()] == []


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with SystemdHost("debian13") as host:
        scene = Scene(tmp_path_factory.mktemp("drill"), host)
        scene.inside(PREPARE, GOOD.public + "\n")
        host.restart_sshd()
        yield scene


def test_a_plan_changes_nothing(scene: Scene) -> None:
    before = scene.inside(STATE)
    plan = scene.drill(mode="propose")
    assert plan.status == 0, plan.output
    assert f"files1: put a new key into {AUTHORIZED} for the account canary" in plan.output
    assert "changed=0" in plan.output
    assert scene.inside(STATE) == before
    assert not scene.records.exists()
    assert not scene.keys.exists()


def test_a_drill_that_was_killed_is_recorded_by_the_next(scene: Scene) -> None:
    scene.play.killed(PLAYBOOK, "Keep the signed list", "-e", scene.options())
    shutil.copy(scene.keys / "compromised.pub", scene.directory / "killed.pub")
    assert "incident_drill" in scene.inside(f"cat {AUTHORIZED}")
    assert scene.receipts() == []


def test_the_key_is_revoked_and_the_access_comes_back(scene: Scene) -> None:
    before = scene.inside(STATE.replace(f"{AUTHORIZED} ", ""))
    words = [*scene.host.ssh("partner", GOOD.path), "sleep 600"]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as session:
        done, stolen = scene.drill_and_copy()
        goes_on = session.poll() is None
        session.terminate()
    assert done.status == 0, done.output
    assert goes_on, "the session of another account"
    aborted, passed = scene.receipts()
    assert (aborted["type"], aborted["verdict"]) == ("drill", "aborted")
    assert (passed["type"], passed["verdict"], passed["causes"]) == ("drill", "passed", [])
    phases = passed["phases"]
    assert phases["detected"] is None
    assert 0 < phases["refused"] == phases["all_hosts"] < phases["access_back"]
    assert phases["sessions_ended"] > 0
    print(f"milliseconds: {phases}")
    scene.require_closed()
    assert scene.inside(STATE.replace(f"{AUTHORIZED} ", "")) == before
    assert scene.opens("partner", GOOD.path)
    # The key is refused for ever, also if a line for it comes back. ssh-keygen is another judge.
    public = subprocess.run(["ssh-keygen", "-y", "-f", stolen], capture_output=True, text=True, check=True).stdout
    scene.inside(f"cat > {AUTHORIZED}", public)
    assert not scene.opens(CANARY, stolen)
    scene.inside(f"cat > {AUTHORIZED}", GOOD.public + "\n")
    assert scene.opens(CANARY, GOOD.path)
    scene.inside(f": > {AUTHORIZED}")
    (scene.directory / "stolen.pub").write_text(public)
    for name in ("stolen.pub", "killed.pub"):
        asked = ["ssh-keygen", "-Q", "-f", str(scene.desk.list), str(scene.directory / name)]
        assert subprocess.run(asked, capture_output=True, check=False).returncode == 1, name


def test_a_revocation_that_fails_leaves_the_account_closed(scene: Scene) -> None:
    """The server refuses the list: the key is never revoked."""
    limits = {"refused": "1s", "all_hosts": "2s"}
    done, stolen = scene.drill_and_copy(sign={**scene.desk.signing, "principal": "other@example.com"}, limits=limits)
    assert done.status != 0
    assert "the key was not refused on files1" in " ".join(done.output.split())
    record = scene.receipts()[-1]
    assert record["verdict"] == "failed"
    assert record["causes"] == ["key_not_refused", "session_not_ended", "access_not_back"]
    assert record["servers"] == [{"name": "files1", "refused": None, "sessions_ended": None, "closed": True}]
    scene.require_closed()
    # In this order: sshd punishes an address for logins that it refused.
    assert scene.opens("partner", GOOD.path)
    assert not scene.opens(CANARY, stolen)


def test_the_records_are_signed_and_chained(scene: Scene) -> None:
    allowed = f'drills@example.com namespaces="{NAMESPACE}" {scene.signer.public}'
    (scene.directory / "allowed").write_text(allowed + "\n")
    words = ["ssh-keygen", "-Y", "verify", "-f", str(scene.directory / "allowed"), "-I", "drills@example.com"]
    for record in scene.records.glob("*.json"):
        judge = [*words, "-n", NAMESPACE, "-s", f"{record}.sig"]
        subprocess.run(judge, input=record.read_bytes(), capture_output=True, check=True)
    verify = {"principal": "drills@example.com", "allowed_signers": [allowed]}
    result = run_task(receipt_verify, path=str(scene.records), verify=verify, drill={"max_age": "1d"})
    assert not result.get("failed"), result
    assert result["drill"]["seq"] == 2


def test_a_drill_on_several_servers(scene: Scene) -> None:
    """The last is lost in the next drill, after the list was installed: the record names it all the same."""
    with SystemdHost("debian13") as second:
        second.enter("sh", "-c", PREPARE, input=GOOD.public + "\n")
        second.restart_sshd()
        servers = {"files1": scene.host, "files2": second}
        done = scene.drill_on(servers)
        assert done.status == 0, done.output
        record = scene.receipts()[-1]
        assert (record["verdict"], [each["name"] for each in record["servers"]]) == ("passed", ["files1", "files2"])
        assert all(0 < each["refused"] <= record["phases"]["all_hosts"] for each in record["servers"])
        assert [each["closed"] for each in record["servers"]] == [True, True]
        assert second.enter("cat", AUTHORIZED).stdout == ""
        scene.require_closed()
        spread = scene.desk.directory / "spread.json"
        port = "{{ 1 if 'not finished' in lookup('ansible.builtin.file', '%s') else 22 }}" % spread
        lost = scene.drill_on({"files2": second}, ansible_port=port)
        assert lost.status != 0
        record = scene.receipts()[-1]
        assert (record["verdict"], record["causes"]) == ("failed", ["access_not_back"])
        named = json.loads(spread.read_text())["files2"]
        assert (named["reason"], named["version"] > 0) == ("not finished", True)
        assert [*scene.keys.iterdir()] == []


@pytest.mark.long
def test_the_detection_is_measured(scene: Scene) -> None:
    """The collector of transfer_monitoring finds the refused login of the key in the journal."""
    watched = scene.play.run([role("transfer_monitoring", transfer_monitoring_history=0)])
    assert watched.status == 0, watched.output
    done = scene.drill(drill={"events": "/var/log/secure_ftp_synchronize/events.jsonl"}, retired_hosts=["files2"])
    assert done.status == 0, done.output
    phases = scene.receipts()[-1]["phases"]
    assert phases["access_back"] < phases["detected"]
    print(f"milliseconds: {phases}")
