# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signed list of revoked keys on a real host: logins by key and certificate, live sessions, lists of attackers.

The tests go through the life of one host in their order.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.header import read_header
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.krl.keygen import KrlFile, Spec
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.running.examples import ROOT
from support.running.playbook_process import Outcome
from support.scenes.revocation_desk import PRINCIPAL, RevocationDesk
from support.servers.ssh_keys import SshKey, certify_user, key

FILE = "/etc/ssh/revoked_keys"
ACCOUNT = "partner"
LOST, OLD, MORE, GOOD, CA = (key(name) for name in ("lost", "old", "more", "good", "ca"))
BAD_SERIAL, CERTIFIED = (certify_user(key(name), CA, principals=ACCOUNT) for name in ("bob", "dave"))
ID = "CORP\\carol"
BAD_ID = certify_user(key("carol"), CA, principals=ACCOUNT, identity=ID)
FILES = f"cd /etc/ssh && sha256sum {FILE}*"


class Scene:
    """A host with an account that several keys and an authority open, and the desk of the responder."""

    def __init__(self, directory: Path, host: SystemdHost) -> None:
        self.directory, self.host = directory, host
        self.desk = RevocationDesk(directory / "desk")

    def provide(self) -> None:
        lines = "\n".join(each.public for each in (LOST, OLD, MORE, GOOD))
        self.inside(f"useradd -m {ACCOUNT}; mkdir -m 700 /home/{ACCOUNT}/.ssh")
        self.inside(f"cat > /home/{ACCOUNT}/.ssh/authorized_keys; chown -R {ACCOUNT} /home/{ACCOUNT}/.ssh", lines)
        self.inside("cat > /etc/ssh/authority.pub", CA.public)
        # Many logins are refused here in a short time; sshd would soon refuse the address.
        penalties = "sshd -T | grep -q ^persourcepenalties && echo PerSourcePenalties no || true"
        self.inside(
            f"(echo TrustedUserCAKeys /etc/ssh/authority.pub; {penalties}) > /etc/ssh/sshd_config.d/20-test.conf"
        )
        self.host.restart_sshd()

    def inside(self, script: str, given: str = "") -> str:
        return self.host.enter("sh", "-c", script, input=given).stdout

    def play(self, *tasks: dict[str, Any], options: tuple[str, ...] = ()) -> Outcome:
        return HostPlay(self.directory, self.host).run(tasks, *options)

    def install(self, *options: str, **changed: Any) -> Outcome:
        return self.play(self.task(**changed), options=options)

    def task(self, **changed: Any) -> dict[str, Any]:
        verify = {"principal": PRINCIPAL, "allowed_signers": [self.desk.allowed]}
        given = {"format": "krl", "list": str(self.desk.list), "verify": verify, **changed}
        return {"name": "Install the list", "secure.ftp_synchronize.key_revocation": given}

    def opens(self, *keys: SshKey) -> list[bool]:
        """Log in with each key, over SFTP."""
        return [self._sftp(each) == 0 for each in keys]

    def _sftp(self, opened: SshKey) -> int:
        ssh = self.host.ssh(ACCOUNT, opened.path)
        words = [*ssh[:-1], "-s", ssh[-1], "sftp"]
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False).returncode

    @contextmanager
    def session(self, opened: SshKey) -> Iterator[subprocess.Popen]:
        """A session that stays until it is ended."""
        words = [*self.host.ssh(ACCOUNT, opened.path), "echo on; exec sleep 600"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout.readline() == "on\n"
            try:
                yield process
            finally:
                process.terminate()


@pytest.fixture(scope="module", params=["debian13", "debian12", "ubuntu2404"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with SystemdHost(request.param) as host:
        scene = Scene(tmp_path_factory.mktemp("list"), host)
        scene.provide()
        yield scene


def test_a_host_whose_sshd_does_not_read_the_file(scene: Scene) -> None:
    scene.desk.good(fingerprints=[LOST.fingerprint])
    refused = scene.install()
    assert f"sshd does not read {FILE} for root" in refused.output
    assert scene.inside(f"ls {FILE}* 2>/dev/null || true") == ""


def test_lines_become_a_list(scene: Scene) -> None:
    """RevokedKeys comes by a confirmed change; the key of the lines stays refused; the live session ends."""
    old = {"name": "Revoke a key", "secure.ftp_synchronize.key_revocation": {"keys": [OLD.public]}}
    done = scene.play(role("client_key_rotation", "server"), old)
    assert done.status == 0, done.output
    assert scene.opens(OLD, LOST, GOOD) == [False, True, True]
    before = scene.inside(FILES)
    planned = scene.install("--check", "--diff")
    assert (planned.status, planned.count("changed")) == (0, 1), planned.output
    assert "key revocation list, version 1 of " in planned.output
    assert scene.inside(FILES) == before
    with scene.session(LOST) as session, scene.session(GOOD) as other:
        done = scene.install()
        assert done.status == 0, done.output
        assert session.wait(60) != 0
        assert other.poll() is None
    assert scene.opens(OLD, LOST, GOOD) == [False, False, True]
    again = scene.install("--diff")
    assert (again.status, again.count("changed")) == (0, 0), again.output


def test_certificates(scene: Scene) -> None:
    assert scene.opens(BAD_SERIAL, BAD_ID, CERTIFIED) == [True, True, True]
    serial = BAD_SERIAL.path.name.rpartition("-cert")[2]
    ids = {"ca": CA.public, "serials": [serial], "ids": [ID]}
    scene.desk.good(certificates=[ids])
    with scene.session(BAD_ID) as session, scene.session(CERTIFIED) as other:
        done = scene.install(keys=[LOST.public])
        assert done.status == 0, done.output
        assert session.wait(60) != 0
        assert other.poll() is None
    assert scene.opens(BAD_SERIAL, BAD_ID, CERTIFIED, GOOD, LOST, OLD) == [False, False, True, True, False, False]


def test_a_key_of_this_host_alone(scene: Scene) -> None:
    """A rotation revokes keys by lines; the next list leaves them in force."""
    task = {"name": "Revoke a key", "secure.ftp_synchronize.key_revocation": {"keys": [MORE.public]}}
    assert scene.opens(MORE) == [True]
    done = scene.play(role("client_key_rotation", "server"), task)
    assert (done.status, done.count("changed")) == (0, 1), done.output
    assert scene.opens(MORE, GOOD) == [False, True]
    scene.desk.good(min_version=10)
    scene.inside(f"mv {FILE}.local /root/kept")
    refused = scene.install()
    assert (refused.status, "krl_incomplete" in refused.output) == (2, True), refused.output
    assert scene.opens(MORE, GOOD) == [False, True], "its file was lost"
    scene.inside(f"mv /root/kept {FILE}.local")
    assert scene.install().status == 0
    assert scene.opens(MORE, LOST, OLD, BAD_ID, GOOD, CERTIFIED) == [False, False, False, False, True, True]


def bad_lists(scene: Scene, directory: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """Options of a task for each bad list, and the code of its error."""
    good, made = scene.desk.list.read_bytes(), {}

    def bad(name: str, content: bytes, code: str, *, namespace: str = "krl@secure.ftp_synchronize") -> None:
        desk = RevocationDesk(directory / name)
        desk.put(content, namespace=namespace)
        made[name] = ({"list": str(desk.list)}, code)

    replayed = RevocationDesk(directory / "replayed")
    replayed.good(fingerprints=[LOST.fingerprint])
    made["replayed"] = ({"list": str(replayed.list)}, "krl_rollback")
    bad("namespace", good, "signature_invalid", namespace="manifest@ftp-synchronize")
    bad("cut", good[:-9], "krl_damaged")
    bad("no bytes", b"", "krl_damaged")
    bad("no entries", KrlFile(str(directory)).make(Spec("", ()), 99), "krl_empty")
    other = RevocationDesk(directory / "another directory")
    other.good(fingerprints=[GOOD.fingerprint], min_version=50)
    made["another directory"] = ({"list": str(other.list)}, "krl_incomplete")
    owner = scene.desk.copied(directory / "owner")
    owner.good(fingerprints=[scene.host.key.fingerprint], min_version=50)
    made["owner"] = ({"list": str(owner.list)}, "owner_locked_out")
    made["lacks a key"] = ({"keys": [GOOD.public]}, "krl_incomplete")
    made["not there"] = ({"list": str(directory / "none.krl")}, "not_found")
    return made


def test_bad_lists(scene: Scene, tmp_path: Path) -> None:
    before = scene.inside(FILES)
    cases = bad_lists(scene, tmp_path)
    tasks = [{**scene.task(**options), "name": name, "ignore_errors": True} for name, (options, _code) in cases.items()]
    results = [{**task, "register": f"result_{number}"} for number, task in enumerate(tasks)]
    codes = "{{ [%s] | to_json }}" % ", ".join(f"result_{number}.error.code" for number in range(len(tasks)))
    target = tmp_path / "codes.json"
    kept = {"name": "Keep the codes", "ansible.builtin.copy": {"content": codes, "dest": str(target), "mode": "0600"}}
    done = scene.play(*results, {**kept, "delegate_to": "localhost", "become": False})
    assert target.exists(), done.output
    assert dict(zip(cases, json.loads(target.read_text()), strict=True)) == {
        name: code for name, (_options, code) in cases.items()
    }
    assert scene.inside(FILES) == before
    assert scene.opens(LOST, GOOD) == [False, True]


def test_the_plays_of_the_page(scene: Scene, tmp_path: Path) -> None:
    """docs/incidents.md, as written: RevokedKeys, an entry, the list on the server, its age, and the entry removed."""
    plays = re.findall(r"^```yaml\n(- .*?)^```$", (ROOT / "docs/incidents.md").read_text(), re.M | re.S)
    assert len(plays) == 5
    text = "".join(plays).replace("/srv/revocation", str(scene.desk.directory))
    text = text.replace("/etc/ssh/incident_ed25519", str(scene.desk.signer.path))
    signers = json.dumps({"incident_signers": [scene.desk.allowed]})
    play = HostPlay(tmp_path, scene.host, groups={"sftp_servers": {"host": scene.host}})
    before = scene.desk.good()["version"]
    done = play.run_text(text, "-e", signers)
    assert done.status == 0, done.output
    installed = read_header(scene.host.enter("cat", f"{FILE}.signed", text=False).stdout, "list")
    assert installed.version == before + 1
    assert scene.desk.good()["version"] == before + 2, "the entry was removed"


def test_refused_at_once(scene: Scene) -> None:
    """The first login after the play is refused, and the last after its undoing is not."""
    scene.desk.good(fingerprints=[GOOD.fingerprint])
    began = time.monotonic()
    assert scene.install().status == 0
    assert scene.opens(GOOD, CERTIFIED) == [False, True]
    print(f"from the start of the play to the first refused login: {time.monotonic() - began:.1f} s; limit 60 s")
    scene.desk.good(state="absent", keys=[GOOD.public])
    assert scene.install().status == 0
    assert scene.opens(GOOD) == [True]
