# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords of jailed accounts: none before sshd locks the account in, none in a temporary file of the host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.hosts.ftps_host import HASH
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.running.playbook_process import Outcome

ACCOUNT = {"name": "partner", "password_hash": HASH}
SHADOW = "getent shadow partner | cut -d: -f2"

# Prints the names of temporary files that contain the canary, whenever there are any.
LOOK = """
import glob, time
canary = open("/run/canary", "rb").read()
while True:
    for path in glob.glob("/home/*/.ansible/tmp/*/*") + glob.glob("/root/.ansible/tmp/*/*"):
        try:
            found = canary in open(path, "rb").read()
        except OSError:
            continue
        print("secret" if found else "file", path, flush=True)
    time.sleep(0.002)
"""


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    with SystemdHost("debian13") as host:
        yield host


def converge(directory: Path, host: SystemdHost, **environment: str) -> Outcome:
    play = HostPlay(directory, host, environment=environment)
    return play.run([role("chroot_jail", chroot_jail_accounts=[ACCOUNT])])


def inside(host: SystemdHost, script: str) -> str:
    return host.enter("sh", "-c", script).stdout


def test_there_is_none_while_sshd_does_not_lock_the_account_in(tmp_path: Path, host: SystemdHost) -> None:
    contrary = "/etc/ssh/sshd_config.d/00-contrary.conf"
    inside(host, f"printf 'Match User partner\\n    ChrootDirectory none\\nMatch all\\n' > {contrary}")
    done = converge(tmp_path, host)
    assert done.status != 0
    assert "chrootdirectory" in done.output.lower()
    assert inside(host, SHADOW) == "*\n"
    inside(host, f"rm {contrary}")
    done = converge(tmp_path, host)
    assert done.status == 0, done.output
    assert inside(host, SHADOW) == f"{HASH}\n"
    assert inside(host, "ls -A /srv/jail/partner") == "data\ndev\n"
    again = converge(tmp_path, host)
    assert (again.status, again.count("changed")) == (0, 0), again.output


@contextmanager
def temporary_files(host: SystemdHost, canary: str, found: set[str]) -> Iterator[None]:
    """Let the host look for temporary files inside the context; afterwards, `found` has its observations: "secret",
    "file"."""
    host.enter("sh", "-c", "cat > /run/look.py", input=LOOK)
    unit = "systemd-run --quiet --unit=look --property=StandardOutput=file:/run/looked /usr/bin/python3 /run/look.py"
    host.enter("sh", "-c", "cat > /run/canary", input=canary)
    inside(host, f"rm -f /run/looked; {unit}")
    try:
        yield
    finally:
        found |= {line.partition(" ")[0] for line in inside(host, "systemctl stop look; cat /run/looked").splitlines()}


@pytest.mark.parametrize("pipelining", ["false", "true"])
def test_none_is_in_a_temporary_file_of_the_host(tmp_path: Path, host: SystemdHost, pipelining: str) -> None:
    inside(host, "usermod -p '*' partner 2>/dev/null || :")
    found: set[str] = set()
    with temporary_files(host, HASH, found):
        done = converge(tmp_path, host, ANSIBLE_PIPELINING=pipelining)
    assert done.status == 0, done.output
    assert inside(host, SHADOW) == f"{HASH}\n"
    assert "secret" not in found


def test_the_look_finds_a_secret(tmp_path: Path, host: SystemdHost) -> None:
    found: set[str] = set()
    task = {"name": "Wait with a secret", "ansible.builtin.command": {"argv": ["sleep", "1"], "stdin": HASH}}
    with temporary_files(host, HASH, found):
        done = HostPlay(tmp_path, host, environment={"ANSIBLE_PIPELINING": "false"}).run([task])
    assert done.status == 0, done.output
    assert "secret" in found
