# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries in the place of every secret, through real plays that go well, fail, are killed: none is seen anywhere.

Looked at are the output with -vvvvv, Ansible's log, the results, the arguments and environments of all processes all
the time, and every file that is left: home, temporary directory, state, jobs, both trees.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.judges.canaries import Canaries, Sampler
from support.running.play import Play, Played
from support.running.processes import lingering, mark
from support.running.scratch import scratch
from support.scenes.module_tasks import module_that_sends
from support.servers.accounts import Account
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.tls_authority import authority
from support.servers.vsftpd import Vsftpd

LOCKED = key("canaries", passphrase="canary-phrase-of-the-key")
CERTIFICATE = authority().client(passphrase="canary-phrase-of-the-certificate")
SSH_PASSWORD, FTPS_PASSWORD = "canary-password-ssh", "canary-password-ftps"
CANARIES = Canaries(
    {
        "SSH password": [SSH_PASSWORD],
        "FTPS password": [FTPS_PASSWORD],
        "wrong password": ["canary-password-wrong"],
        "password of two lines": ["canary-line-one", "canary-line-two"],
        "key text": LOCKED.text.splitlines()[1:-1],
        "key phrase": ["canary-phrase-of-the-key"],
        "wrong key phrase": ["canary-phrase-wrong"],
        "text that is no key": ["canary-no-key"],
        "password in a dictionary": ["canary-in-dictionary"],
        "phrase in a list": ["canary-in-list"],
        "key of the client certificate": CERTIFICATE.key.read_text().splitlines()[1:-1],
        "phrase of the client certificate": ["canary-phrase-of-the-certificate"],
        "password of host_key_pin": ["canary-password-pin"],
    }
)


@dataclass
class Place:
    """The directory of the plays of a test, and their observable data."""

    area: Path
    sshd: Sshd
    vsftpd: Vsftpd

    def __post_init__(self) -> None:
        self.marked = mark()
        self.play = Play(self.area / "play")
        self.near, self.temporary = self.area / "near", self.area / "temporary"
        for directory in (self.near, self.temporary):
            directory.mkdir()
        (self.near / "file").write_bytes(b"content\n")
        self.play.environment.update(
            self.marked, ANSIBLE_DISPLAY_TRACEBACK="always", TMPDIR=str(self.temporary), ANSIBLE_NOCOLOR="true"
        )

    def sftp(self, **options: Any) -> dict[str, Any]:
        """Return a good task over SFTP but for its credentials; options win."""
        endpoint = {
            "host": self.sshd.host,
            "port": self.sshd.port,
            "username": self.sshd.user,
            "host_keys": self.sshd.host_public_keys,
            "ssh_config_file": "none",
            "ssh_agent": False,
            "dest": f"{self.sshd.remote_root}/tree",
        }
        return self._task(**{**endpoint, **options})

    def ftps(self, **options: Any) -> dict[str, Any]:
        """Return a good task over FTPS but for its credentials."""
        return self._task(
            protocol="ftps",
            host=self.vsftpd.host,
            port=self.vsftpd.port,
            username=self.vsftpd.user,
            ca_file=str(self.vsftpd.authority.file),
            dest=f"{self.vsftpd.remote_root}/tree",
            **options,
        )

    def _task(self, **options: Any) -> dict[str, Any]:
        return {"secure_sync": {"src": str(self.near), "state_dir": str(self.area / "state"), "retries": 0, **options}}

    def leaks(self, played: Played, sampler: Sampler) -> set[str]:
        """Return all places where a canary is seen."""
        log = (self.play.directory / "ansible.log").read_text()
        playbook = self.play.directory / "play.yml"
        return (
            {f"{name} in the output" for name in CANARIES.in_text(played.output)}
            | {f"{name} in the log" for name in CANARIES.in_text(log)}
            | {f"{name} in a result" for name in CANARIES.in_text(repr(played.results))}
            | CANARIES.in_files(self.area, self.sshd.root, self.vsftpd.root, apart_from=[playbook])
            | sampler.found
        )


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Sshd, Vsftpd]]:
    """Give servers whose passwords and keys are canaries."""
    with (
        Sshd(account=Account(password=SSH_PASSWORD), password=True, authorized=(LOCKED,)) as sshd,
        Vsftpd(account=Account(password=FTPS_PASSWORD), client_authority=authority()) as vsftpd,
    ):
        yield sshd, vsftpd


@pytest.fixture
def place(servers: tuple[Sshd, Vsftpd]) -> Iterator[Place]:
    """Yield a place for plays; its path is short, as Ansible makes a socket below TMPDIR."""
    area = scratch("secrets")
    yield Place(area, *servers)
    shutil.rmtree(area)


def tasks_of(place: Place) -> tuple[list[dict[str, Any]], list[bool]]:
    """Yield tasks that use every canary, and whether each must fail."""
    keyed = {"private_key": LOCKED.text, "passphrase": "canary-phrase-of-the-key"}
    client = {
        "client_cert_file": str(CERTIFICATE.chain),
        "client_key_file": str(CERTIFICATE.key),
        "client_key_passphrase": "canary-phrase-of-the-certificate",
    }
    pin = {
        "host": place.sshd.host,
        "port": place.sshd.port,
        "username": place.sshd.user,
        "path": str(place.area / "pins"),
        "ssh_config_file": "none",
        "ssh_agent": False,
    }
    pinned = {"secure.ftp_synchronize.host_key_pin": {**pin, "keys": place.sshd.host_public_keys}}
    rotation = {"from_rotation": True, "password": "canary-password-pin"}
    rotated = {"secure.ftp_synchronize.host_key_pin": {**pin, **rotation}}
    well = [
        place.sftp(password=SSH_PASSWORD),
        place.sftp(**keyed),
        place.ftps(password=FTPS_PASSWORD, **client),
        {**place.sftp(**keyed), "async": 60, "poll": 1},
        pinned,
    ]
    badly = [
        place.sftp(password="canary-password-wrong"),
        place.sftp(password="canary-line-one\ncanary-line-two"),
        place.sftp(**{**keyed, "passphrase": "canary-phrase-wrong"}),
        place.sftp(private_key="canary-no-key"),
        place.sftp(password={"nested": "canary-in-dictionary"}),
        place.sftp(private_key=LOCKED.text, passphrase=["canary-in-list"]),
        place.sftp(**keyed, port="no port"),
        place.sftp(**keyed, compare="canary-free"),
        place.ftps(password="canary-password-wrong", **client),
        place.ftps(password=FTPS_PASSWORD, **{**client, "client_key_passphrase": "canary-phrase-wrong"}),
        place.ftps(password=FTPS_PASSWORD),
    ]
    return [*well, *badly, rotated], [False] * len(well) + [True] * (len(badly) + 1)


@pytest.mark.parametrize("options", [["--diff"], ["--check", "--diff"]], ids=" ".join)
def test_no_secret_is_seen(options: list[str], place: Place) -> None:
    tasks, failing = tasks_of(place)
    with Sampler(place.marked, CANARIES.texts) as sampler:
        played = place.play.run(tasks, "-vvvvv", *options, timeout=180)
    if "--check" not in options:
        assert [result["failed"] for result in played.results] == failing, [each["msg"] for each in played.results]
    assert place.leaks(played, sampler) == set()
    print(
        f"{len(CANARIES.secrets)} canaries, {len(tasks)} tasks, {len(sampler.seen)} processes, "
        f"{len(played.output)} characters of output: 0 found"
    )


@pytest.mark.parametrize("protocol", ["sftp", "ftps"])
def test_no_secret_stays_behind_a_run_that_is_killed(protocol: str, place: Place) -> None:
    with open(place.near / "large", "wb") as file:
        file.truncate(64 << 20)
    options: dict[str, Any] = {"bandwidth_limit": "256K"}
    if protocol == "sftp":
        options |= {"private_key": LOCKED.text, "passphrase": "canary-phrase-of-the-key", "password": SSH_PASSWORD}
    else:
        options |= {"client_cert_file": str(CERTIFICATE.chain), "client_key_file": str(CERTIFICATE.key)}
        options |= {"client_key_passphrase": CERTIFICATE.passphrase, "password": FTPS_PASSWORD}
    task = place.sftp(**options) if protocol == "sftp" else place.ftps(**options)
    tree = (place.sshd if protocol == "sftp" else place.vsftpd).root
    with (
        Sampler(place.marked, CANARIES.texts) as sampler,
        place.play.running([task], "-vvvvv") as process,
    ):
        os.kill(module_that_sends(place.marked, tree), signal.SIGKILL)
        played = place.play.wait(process)
        assert lingering(place.marked) == {}
    assert played.results[0]["failed"]
    assert list(tree.rglob(".secure_sync*")) != []
    assert place.leaks(played, sampler) == set()


def test_the_detector_sees_each_place(place: Place) -> None:
    """A canary that is planted in an argument, an environment, the output, a file and its name, plain and encoded."""
    coded = base64.b64encode(b"--canary-no-key--").decode()
    planted = [
        {"ansible.builtin.shell": f"sleep 2; : {SSH_PASSWORD}"},
        {"ansible.builtin.shell": "sleep 2", "environment": {"SECRET": FTPS_PASSWORD}},
        {"ansible.builtin.debug": {"msg": "canary-phrase-wrong"}},
        {"ansible.builtin.copy": {"content": coded, "dest": str(place.area / "state"), "mode": "0600"}},
        {"ansible.builtin.file": {"path": str(place.temporary / "canary-in-list"), "state": "touch", "mode": "0600"}},
    ]
    with Sampler(place.marked, CANARIES.texts) as sampler:
        played = place.play.run(planted, "-v")
    leaks = place.leaks(played, sampler)
    assert f"cmdline: {SSH_PASSWORD.encode()!r}" in leaks
    assert f"environ: {FTPS_PASSWORD.encode()!r}" in leaks
    assert {"wrong key phrase in the output", "wrong key phrase in the log", "wrong key phrase in a result"} <= leaks
    assert f"text that is no key in {place.area / 'state'}" in leaks
    assert f"phrase in a list in {place.temporary / 'canary-in-list'}" in leaks
