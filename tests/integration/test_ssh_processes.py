# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs behind the OpenSSH stream: none outlives us, and no secret shows in them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_stream import open_openssh
from support.running.patience import HANG_SECONDS
from support.running.processes import descendants, lingering, mark, orphans
from support.servers import ssh_keys
from support.servers.accounts import Account
from support.servers.served import served
from support.servers.sshd import Sshd

LOCKED = ssh_keys.key("canary", passphrase="canary-phrase-7d1f")
PASSWORD = "canary-password-52ab"
ENGINE = "ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine"
PROGRAM = f"""
import sys, time
from {ENGINE}.model.endpoint import Credentials, Endpoint, SshTrust
from {ENGINE}.ssh.openssh_stream import open_openssh
host, port, user, known, key, passphrase, hops, wait = sys.argv[1:]
credentials = Credentials(**({{"private_key_file": key}} if key.startswith("/") else {{"private_key": key}}),
                          passphrase=passphrase or None)
endpoint = Endpoint("sftp", host, int(port), user, tuple(hops.split()), "none")
stream = open_openssh(endpoint, credentials, SshTrust(known_hosts_file=known))
if wait == "wait":
    stream.wait_ready()
else:
    time.sleep(0.5)
print("there", flush=True)
time.sleep(60)
"""


server = served(Sshd, authorized=(ssh_keys.key("client"), LOCKED), forwarding=True)


@pytest.fixture
def private() -> Iterator[Path]:
    """An empty TMPDIR with a short name."""
    directory = Path(tempfile.mkdtemp(prefix="sync-tmp-"))
    yield directory
    shutil.rmtree(directory)


class Case:
    """The arguments of PROGRAM for one state in which the process is killed."""

    def __init__(self, server: Sshd, name: str, silent: int) -> None:
        key = str(server.key.path)
        here = [server.host, str(server.port), server.user, str(server.known_hosts)]
        hop = f"{server.user}@{server.host}:{server.port}"
        self.arguments = {
            "logged in": [*here, key, "", "", "wait"],
            "with an agent": [*here, server.key.text, "", "", "wait"],
            "over a jump host": [*here, key, "", hop, "wait"],
            "server is silent": [server.host, str(silent), *here[2:], key, "", "", "no"],
            "behind a jump host the server is silent": [server.host, str(silent), *here[2:], key, "", hop, "no"],
            "question not yet answered": [*here, str(LOCKED.path), LOCKED.passphrase, "", "no"],
        }[name]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda value: value.name)
@pytest.mark.parametrize(
    "name",
    [
        "logged in",
        "with an agent",
        "over a jump host",
        "server is silent",
        "behind a jump host the server is silent",
        "question not yet answered",
    ],
)
def test_nothing_stays_when_we_are_killed(server: Sshd, private: Path, name: str, number: signal.Signals) -> None:
    marked = mark()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        case = Case(server, name, silent.getsockname()[1])
        environment = dict(os.environ, TMPDIR=str(private), PYTHONPATH=os.pathsep.join(sys.path), **marked)
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *case.arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"there\n"
            children = {pid: line for pid, line in orphans(marked).items() if pid != process.pid}
            assert any(" -F " in line for line in children.values())
            assert list(private.iterdir())
            process.send_signal(number)
            process.wait(HANG_SECONDS)
            assert lingering(marked) == {}
            deadline = time.monotonic() + HANG_SECONDS
            while list(private.iterdir()) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert list(private.iterdir()) == []
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.mark.parametrize("form", ["password", "key file", "key text"])
def test_no_secret_shows_in_arguments_environment_or_files(
    private: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = LOCKED.text.splitlines()[1]
    credentials = {
        "password": Credentials(password=PASSWORD),
        "key file": Credentials(private_key_file=str(LOCKED.path), passphrase=LOCKED.passphrase),
        "key text": Credentials(private_key=LOCKED.text, passphrase=LOCKED.passphrase),
    }[form]
    options = {"account": Account(password=PASSWORD), "password": True, "authorized": (LOCKED,)}
    with Sshd(name="canaries", **options) as server:
        monkeypatch.setattr(tempfile, "tempdir", str(private))
        endpoint = Endpoint("sftp", server.host, server.port, server.user, ssh_config_file="none")
        trust = SshTrust(known_hosts_file=str(server.known_hosts))
        done, seen = threading.Event(), bytearray()
        sampler = threading.Thread(target=sample, args=(done, seen, private, server.pid))
        sampler.start()
        try:
            with closing(open_openssh(endpoint, credentials, trust)) as stream:
                stream.wait_ready()
                done.wait(0.05)
                shown = repr(stream) + repr(vars(stream)) + repr(credentials)
        finally:
            done.set()
            sampler.join()
    assert b"StrictHostKeyChecking" in seen
    assert b"SSH_ASKPASS_REQUIRE=force" in seen
    for canary in (PASSWORD, LOCKED.passphrase, body):
        assert canary.encode() not in seen
        assert canary not in shown


def sample(done: threading.Event, seen: bytearray, private: Path, foreign: int) -> None:
    """Collect the arguments and environments of our children and the content of our private files, again and again."""
    rounds = 0
    while not done.wait(0.001):
        rounds += 1
        others = {foreign, *descendants(foreign)}
        for pid in set(descendants(os.getpid())) - others:
            for name in ("cmdline", "environ"):
                seen += read(Path("/proc", str(pid), name))
        for path in private.rglob("*"):
            if path.is_file():
                seen += read(path)
    print(f"{rounds} rounds of looking")


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
