# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys that change on a running sshd, and the pins that host_key_pin learns from it, with and without proof."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import support
import yaml
from support.running.patience import HANG_SECONDS
from support.running.pin_task import pin_task
from support.running.play import Play
from support.running.playbook_process import controller
from support.servers import ssh_keys
from support.servers.ports import LOOPBACK
from support.servers.proftpd import Proftpd
from support.servers.server import copy_file
from support.servers.ssh_keys import SshKey
from support.servers.sshd import Sshd

OLD = ssh_keys.key("rotation-old")
NEW = ssh_keys.key("rotation-new")
OTHER = ssh_keys.key("rotation-other", "ecdsa")


class RotatingSshd(Sshd):
    """An sshd whose host keys are replaced while it runs: rewritten, and SIGHUP."""

    def use(self, *keys: SshKey) -> None:
        """Have these host keys from now on, the first for preference."""
        config = self._private / "sshd_config"
        lines = [line for line in config.read_text().splitlines() if not line.startswith("HostKey ")]
        for number, key in enumerate(keys):
            target = self._private / f"rotated-{number}"
            copy_file(key.path, target, 0o600)
            lines.append(f"HostKey {target}")
        config.write_text("".join(f"{line}\n" for line in lines))
        before = self.log().count("Server listening on")
        os.kill(self.listener, signal.SIGHUP)
        deadline = time.monotonic() + HANG_SECONDS
        while self.log().count("Server listening on") == before:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    @property
    def listener(self) -> int:
        """The process that listens: the oldest sshd below the started process."""
        pattern = ["pgrep", "-f", f"sshd.*{self._private}/sshd_config"]
        found = subprocess.run(pattern, capture_output=True, text=True, check=True).stdout.split()
        return max(map(int, found))


@pytest.fixture
def server() -> Iterator[RotatingSshd]:
    """A server with the old key alone."""
    with RotatingSshd() as running:
        running.use(OLD)
        yield running


def task(server: Sshd, known: Path, **options: object) -> dict[str, object]:
    """Run a task that learns, with the credentials of the account."""
    given = {
        "host": server.host,
        "port": server.port,
        "path": str(known),
        "username": server.user,
        "private_key_file": str(server.key.path),
        "from_rotation": True,
        **options,
    }
    return pin_task(**given)


def pin(server: Sshd, known: Path, *keys: SshKey, **options: object) -> dict[str, object]:
    """Pin keys in full."""
    given = {"host": server.host, "port": server.port, "path": str(known), "keys": [key.public for key in keys]}
    return pin_task(**{**given, **options})


def ssh_accepts(server: Sshd, known: Path) -> bool:
    """Return whether ssh itself logs in with this file and no other."""
    command = ["ssh", "-F", str(server.client_config), "-o", f"UserKnownHostsFile={known}", "server", "true"]
    return (
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False).returncode == 0
    )


def fingerprints(result: dict[str, object], action: str) -> list[str]:
    """Return the keys that were added, updated or removed."""
    return sorted(each["fingerprint"] for each in result["changes"] if each["action"] == action)


def test_a_whole_rotation(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD)
    server.use(OLD, NEW, OTHER)
    assert fingerprints(task(server, known), "add") == sorted([NEW.fingerprint, OTHER.fingerprint])
    assert not task(server, known)["changed"], "there is nothing more to learn"
    server.use(NEW, OTHER)
    told = task(server, known)
    assert not told["changed"]
    assert told["notes"] == [f"the server no longer announces ssh-ed25519 {OLD.fingerprint}"]
    assert OLD.public in known.read_text(), "removed only when asked"
    removed = task(server, known, remove_unannounced=True)
    assert (fingerprints(removed, "remove"), fingerprints(removed, "add")) == ([OLD.fingerprint], [])
    assert OLD.public not in known.read_text()
    assert not task(server, known, remove_unannounced=True)["changed"]
    assert ssh_accepts(server, known)


def test_check_mode_learns_and_writes_nothing(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD, hash_host=True)
    before = known.read_bytes()
    server.use(OLD, NEW)
    assert fingerprints(task(server, known, check=True), "add") == [NEW.fingerprint]
    assert known.read_bytes() == before
    assert fingerprints(task(server, known, valid_from="2099-01-01"), "add") == [NEW.fingerprint]
    assert f"{NEW.public} secure_sync:valid_from=2099-01-01T00:00:00Z" in known.read_text()


def test_a_key_that_is_not_proven_by_a_pin_is_not_learned(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD)
    before = known.read_bytes()
    server.use(NEW)
    logins = server.log().count("Accepted ")
    refused = task(server, known)
    assert refused["error"]["code"] == "host_key_changed"
    assert OLD.fingerprint in refused["msg"], "the old one"
    assert NEW.fingerprint in refused["msg"], "the new one"
    assert known.read_bytes() == before
    assert server.log().count("Accepted ") == logins
    assert "Failed publickey" not in server.log(), "no credential was sent"


def test_without_a_pin_there_is_no_login(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    refused = task(server, known)
    assert refused["error"]["code"] == "unknown_host"
    assert not known.exists()
    assert "Accepted " not in server.log()


@pytest.mark.parametrize("validity", [{"valid_from": "2099-01-01"}, {"valid_until": "2099-01-01"}])
def test_a_pin_proves_only_while_it_is_valid(server: RotatingSshd, tmp_path: Path, validity: dict[str, str]) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD, **validity)
    server.use(OLD, NEW)
    result = task(server, known)
    if "valid_from" in validity:
        assert result["error"]["code"] == "unknown_host"
    else:
        assert fingerprints(result, "add") == [NEW.fingerprint]


def test_a_revoked_key_proves_nothing_and_is_not_learned(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD)
    pin_task(host=server.host, port=server.port, path=str(known), revoked=[NEW.public])
    server.use(OLD, NEW)
    assert not task(server, known)["changed"]
    with open(known, "a") as file:
        file.write(f"@revoked * {OLD.public}\n")
    assert task(server, known)["error"]["code"] == "unknown_host"


def test_a_server_of_another_make(tmp_path: Path) -> None:
    """ProFTPD announces and proves its keys too, RSA by SHA-1, which is no proof."""
    known = tmp_path / "known"
    with Proftpd(host_keys=("ed25519", "ecdsa", "rsa")) as server:
        pin(server, known, server.host_keys[0])
        assert fingerprints(task(server, known), "add") == [server.fingerprints[1]]
        assert not task(server, known, remove_unannounced=True)["changed"]


def test_a_server_that_announces_nothing(tmp_path: Path) -> None:
    """Nothing is learned, and no pin counts as removed."""
    embedded = [sys.executable, str(Path(support.__file__).parent / "servers/embedded_sftp.py"), str(tmp_path)]
    with subprocess.Popen(embedded, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        port = int(process.stdout.readline())
        options = {"host": LOOPBACK, "port": port, "path": str(tmp_path / "known_hosts")}
        assert pin_task(**options, keys=[OTHER.public])["changed"]
        options |= {"username": "demo", "private_key_file": str(tmp_path / "key"), "from_rotation": True}
        result = pin_task(**options, remove_unannounced=True)
        process.stdin.close()
    assert result["changed"] is False, result
    assert result["notes"] == ["the server announces no keys: no key can be learned from it"]


def test_a_wrong_account_learns_nothing(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD)
    server.use(OLD, NEW)
    stranger = ssh_keys.key("rotation-stranger")
    refused = task(server, known, private_key_file=str(stranger.path))
    assert refused["error"]["code"] == "authentication_failed"
    assert NEW.public not in known.read_text()


def test_paramiko_says_that_it_cannot(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD)
    assert task(server, known, ssh_client="paramiko")["error"]["code"] == "invalid_request"


def test_a_play_rotates_and_keeps_secrets(server: RotatingSshd, tmp_path: Path) -> None:
    known = tmp_path / "known"
    pin(server, known, OLD)
    server.use(OLD, NEW)
    options = {
        "host": server.host,
        "port": server.port,
        "path": str(known),
        "username": server.user,
        "private_key": server.key.text,
        "from_rotation": True,
    }
    played = Play(tmp_path / "play").run([{"secure.ftp_synchronize.host_key_pin": options}] * 2, "-vvv")
    assert [result["changed"] for result in played.results] == [True, False], played.output
    assert server.key.text.splitlines()[2] not in played.output


def page() -> list[dict[str, object]]:
    """Return the tasks of the page about pins, in order. The FTPS task runs in the tests of FTPS pins."""
    text = (Path(support.__file__).parents[2] / "docs" / "pins.md").read_text()
    return [task for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S) for task in yaml.safe_load(block)]


def test_the_page_about_pins_is_true(server: RotatingSshd, tmp_path: Path) -> None:
    """All its examples in their order, as the life of one server; only the reader's values are filled in."""
    known = tmp_path / "partners"
    mine = {"host": server.host, "port": server.port, "path": str(known), "username": server.user}
    mine["private_key_file"] = str(server.key.path)
    tasks = [task for task in page() if "ftps" not in str(task)]
    for task in tasks:
        (name,) = set(task) - {"name", "register"}
        task[name] = {key: mine.get(key, value) for key, value in task[name].items()}
        if name.endswith("host_key_pin"):
            task[name]["port"] = server.port
    play = Play(tmp_path / "play")
    play.keywords["vars"] = {
        "ansible_python_interpreter": sys.executable,
        "old_host_fingerprint": OLD.fingerprint,
        "old_host_key": OLD.public,
        "new_host_key": NEW.public,
    }
    server.use(OLD, NEW)
    first = play.run(tasks[:3])
    assert [result["changed"] for result in first.results] == [True, False, True], first.output
    assert ssh_accepts(server, known)
    tasks[4].pop("register")
    tasks[5] = {**tasks[5], "vars": {"partners": "{{ result1 }}"}}
    rest = play.run(tasks[3:])
    planned, _listed, named, refused = rest.results
    assert planned["changed"], rest.output
    assert [len(planned["rotation_report"][phase]) for phase in ("active", "next", "retiring")] == [1, 0, 1]
    assert named["msg"] == [OLD.fingerprint]
    assert sorted(each["action"] for each in refused["changes"]) == ["add", "remove"]
    assert not ssh_accepts(server, known)
    server.use(NEW)
    assert ssh_accepts(server, known)


def test_the_command_of_the_page(server: RotatingSshd, tmp_path: Path) -> None:
    text = (Path(support.__file__).parents[2] / "docs" / "pins.md").read_text()
    (command,) = re.findall(r"^ {4}ansible localhost .*\n.*$", text, re.M)
    server.use(OLD)
    for old, new in {
        "files.example.com": f"{server.host} port={server.port}",
        "~/.ssh/known_hosts": str(tmp_path / "known"),
        "SHA256:...": OLD.fingerprint,
    }.items():
        assert old in command
        command = command.replace(old, new)
    environment = controller(tmp_path / "home")
    ran = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ssh_accepts(server, tmp_path / "known")


def test_a_server_that_shows_a_certificate_is_proven_by_its_key(tmp_path: Path) -> None:
    known = tmp_path / "known"
    with Sshd(host_ca=ssh_keys.key("rotation-ca"), host_keys=("ed25519", "ecdsa")) as server:
        pin(server, known, server.host_keys[0])
        assert fingerprints(task(server, known), "add") == [server.fingerprints[1]]
