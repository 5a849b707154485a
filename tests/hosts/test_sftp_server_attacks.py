# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on an SSH server that sftp_server has hardened, each judged by its effect and by the line of sshd's log.

Attacks inside a jail are in other tests. Root only.
"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from support.hosts.host_network import GATEWAY, another_address, is_open
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_host import SystemdHost
from support.hosts.systemd_image import OWNER
from support.servers import ssh_keys

PARTNER = "partner"
GROUP = "sftp_accounts"
GRACE_SECONDS, STARTUPS, SHARE = 20, 6, 3
"""STARTUPS connections may wait for their login, SHARE of one address."""
PATIENCE = 120.0
ALLOWED = {
    "kex": {"mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com"},
    "cipher": {
        "chacha20-poly1305@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-gcm@openssh.com",
        "aes256-ctr",
        "aes192-ctr",
        "aes128-ctr",
    },
    "mac": {"hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "umac-128-etm@openssh.com"},
    "HostKeyAlgorithms": {"ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"},
}
OPTION = {"kex": "KexAlgorithms", "cipher": "Ciphers", "mac": "MACs", "HostKeyAlgorithms": "HostKeyAlgorithms"}
PREPARE = f"""set -eu
groupadd {GROUP}
useradd --create-home --shell /bin/bash --groups {GROUP} {PARTNER}
install -d -m 0700 -o {PARTNER} -g {PARTNER} /home/{PARTNER}/.ssh
install -m 0600 -o {PARTNER} -g {PARTNER} /root/.ssh/authorized_keys /home/{PARTNER}/.ssh/authorized_keys
echo '{PARTNER}:right horse' | chpasswd
useradd --create-home --shell /bin/bash empty
passwd --quiet --delete empty
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdHost]:
    with SystemdHost("debian13") as host:
        host.enter("/bin/sh", "-c", PREPARE)
        harden(tmp_path_factory.mktemp("play"), host, exempt=[GATEWAY])
        yield host


def harden(directory: Path, host: SystemdHost, *, exempt: list[str]) -> None:
    """Run the role. The tests' own address is exempt while they fail on purpose."""
    task = role(
        "sftp_server",
        sftp_server_profile="pq_only-2026",
        sftp_server_login_grace_time=GRACE_SECONDS,
        sftp_server_max_startups=f"{STARTUPS}:100:{STARTUPS}",
        sftp_server_penalty_exempt=exempt,
    )
    done = HostPlay(directory, host).run([task])
    assert done.status == 0, done.output


def attempt(host: SystemdHost, *options: str, user: str = PARTNER, key: Path | None = None, command: str = "id") -> str:
    """Try a login with further options of ssh; return its output."""
    base = host.ssh(user, key)
    done = subprocess.run(
        [*base[:-1], *options, base[-1], *([command] if command else [])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.stdout + done.stderr


def logged(host: SystemdHost, words: str) -> str:
    """Wait for the line of sshd's log that has `words`; print and give it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        lines = host.enter("journalctl", "--no-pager", "-o", "cat", "-t", "sshd", "-t", "sshd-session").stdout
        found = [line for line in lines.splitlines() if words in line]
        if found:
            print(f"refused: {found[-1]}")
            return found[-1]
        assert time.monotonic() < deadline, f"not in the log: {words}"
        time.sleep(0.5)


@pytest.mark.parametrize("kind", ALLOWED)
def test_every_other_algorithm_is_refused_one_by_one(host: SystemdHost, kind: str) -> None:
    names = subprocess.run(["ssh", "-Q", kind], capture_output=True, text=True, check=True).stdout.split()
    # Ciphers with a built-in MAC are offered with a valid MAC; certificates are not offered without a MAC.
    others = [name for name in names if name not in ALLOWED[kind] and "cert" not in name and not name.startswith("sk-")]
    extra = ["-o", "Ciphers=aes256-ctr"] if kind == "mac" else []
    for name in others:
        said = attempt(host, "-o", f"{OPTION[kind]}={name}", *extra)
        assert "no matching" in said or "Unable to negotiate" in said, (name, said)
    for name in ALLOWED[kind]:
        assert "uid=" in attempt(host, "-o", f"{OPTION[kind]}={name}", *extra, user=OWNER), name
    print(f"{len(others)} of {kind} refused, {len(ALLOWED[kind])} accepted")
    assert len(others) > 3
    logged(host, "Unable to negotiate with")


def test_root_gets_in_neither_with_its_key_nor_otherwise(host: SystemdHost) -> None:
    assert "uid=" not in attempt(host, user="root")
    logged(host, "root")


@pytest.mark.parametrize("user", [PARTNER, "empty", "root"])
@pytest.mark.parametrize("method", ["password", "keyboard-interactive", "none"])
def test_no_method_but_keys_is_offered(host: SystemdHost, user: str, method: str) -> None:
    said = attempt(host, "-o", "PubkeyAuthentication=no", "-o", f"PreferredAuthentications={method}", user=user)
    assert "Permission denied (publickey)" in said, said


@pytest.mark.parametrize(("kind", "bits"), [("rsa", "2048"), ("rsa", "3071"), ("ecdsa", "256")])
def test_a_weak_or_unwanted_user_key_is_refused(tmp_path: Path, host: SystemdHost, kind: str, bits: str) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", str(path)], check=True)
    line = Path(f"{path}.pub").read_text()
    host.enter("/bin/sh", "-c", f"cat >> /home/{OWNER}/.ssh/authorized_keys", input=line)
    assert "Permission denied" in attempt(host, user=OWNER, key=path)
    logged(host, {"rsa": "Invalid key length", "ecdsa": "ecdsa-sha2-nistp256 not in PubkeyAcceptedAlgorithms"}[kind])


def test_a_long_rsa_user_key_gets_in(tmp_path: Path, host: SystemdHost) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "3072", "-N", "", "-f", str(path)], check=True)
    host.enter("/bin/sh", "-c", f"cat >> /home/{OWNER}/.ssh/authorized_keys", input=Path(f"{path}.pub").read_text())
    assert f"({OWNER})" in attempt(host, user=OWNER, key=path)


@pytest.mark.parametrize("options", [[], ["-s"], ["-tt"]], ids=["exec", "subsystem", "terminal"])
def test_an_account_for_sftp_gets_nothing_else(host: SystemdHost, options: list[str]) -> None:
    assert "uid=" not in attempt(host, *options)
    assert "uid=" in attempt(host, user=OWNER), "the same command of the owner shows that it would be seen"


def test_a_failed_request_is_logged_with_the_name_of_the_file(host: SystemdHost) -> None:
    """sftp asks for the file's attributes first. At INFO, only the failure of such a request would be logged."""
    *ssh, address = host.ssh(PARTNER)
    command = ["sftp", *(f"-o{word}" if "=" in word else word for word in ssh[1:] if word not in ("-o", "-l", PARTNER))]
    done = subprocess.run(
        [*command, "-b", "-", f"{PARTNER}@{address}"],
        input="get /root/secret\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1, done
    lines = host.enter("journalctl", "--no-pager", "-o", "cat", "-t", "internal-sftp").stdout
    assert re.search(r'stat name "/root/secret"\nsent status (Permission denied|No such file)', lines), lines


FORWARDING = {
    "to a port": ["-W", "127.0.0.1:22"],
    "from a port": ["-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:7777:127.0.0.1:22"],
    "from a socket": ["-o", "ExitOnForwardFailure=yes", "-R", "/var/tmp/harm:127.0.0.1:22"],  # noqa: S108 - on the host
    "a tunnel": ["-o", "ExitOnForwardFailure=yes", "-w", "any:any"],
}


@pytest.mark.parametrize("user", [PARTNER, OWNER])
@pytest.mark.parametrize("kind", FORWARDING)
def test_nothing_is_forwarded(host: SystemdHost, kind: str, user: str) -> None:
    said = attempt(host, *FORWARDING[kind], user=user, command="")
    assert "SSH-2.0" not in said
    assert ":7777 " not in host.enter("ss", "-Hltn").stdout
    assert host.enter("ls", "/var/tmp/harm", check=False).returncode != 0  # noqa: S108 - on the host
    assert any(word in said for word in ("prohibited", "forwarding failed", "forwarding failure", "disabled")), said
    print(f"refused: {said.strip().splitlines()[-1]}")


def test_the_agent_stays_at_home(host: SystemdHost) -> None:
    agent = subprocess.Popen(["ssh-agent", "-D"], stdout=subprocess.PIPE, text=True)
    try:
        place = agent.stdout.readline().split("=", 1)[1].split(";")[0]
        said = attempt(host, "-o", f"ForwardAgent={place}", user=OWNER, command="echo agent=$SSH_AUTH_SOCK.")
        assert "agent=." in said, said
    finally:
        agent.kill()
        agent.communicate()


def test_a_login_that_takes_too_long_is_ended(host: SystemdHost) -> None:
    with socket.create_connection((host.address, 22), timeout=PATIENCE) as slow:
        _ask_whether_it_is_there(slow)
        assert slow.recv(100).startswith(b"SSH-2.0")
        logged(host, "Timeout before authentication")
        with suppress(ConnectionResetError):
            while slow.recv(100):
                pass


def _ask_whether_it_is_there(connection: socket.socket) -> None:
    """Let the kernel notice that the other end is gone: the packet that reports it can be lost on a busy machine, and a
    server that has ended repeats it only for a while."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL):
        connection.setsockopt(socket.IPPROTO_TCP, option, 5)


def test_few_keys_may_be_tried(tmp_path: Path, host: SystemdHost) -> None:
    wrong = [ssh_keys.key(f"wrong{number}").path for number in range(4)]
    options = [word for path in wrong for word in ("-i", str(path))]
    assert "Too many authentication failures" in attempt(host, *options, user=OWNER, key=wrong[0])
    logged(host, "maximum authentication attempts exceeded")


def test_the_owner_logs_in_while_one_address_floods(host: SystemdHost) -> None:
    """Again if the server ended the flood before the owner was in."""
    assert any(_beside_a_flood(host) for _attempt in range(3)), "the flood was always over by then"
    logged(host, "drop connection")


def _beside_a_flood(host: SystemdHost) -> bool:
    began = time.monotonic()
    with another_address() as flooder, ExitStack() as stack:
        flood = (stack.enter_context(_connected(host, flooder)) for _number in range(STARTUPS * 3))
        served = [each for each in flood if _greeted(each)]
        assert len(served) == SHARE
        assert "uid=" in attempt(host, user=OWNER), "the owner stays out"
        took = time.monotonic() - began
        print(f"{SHARE} of {STARTUPS * 3} connections were served; the owner was in after {took:.1f} s")
        return all(map(is_open, served))


def _connected(host: SystemdHost, source: str) -> socket.socket:
    return socket.create_connection((host.address, 22), timeout=PATIENCE, source_address=(source, 0))


def _greeted(connection: socket.socket) -> bool:
    try:
        return connection.recv(100).startswith(b"SSH-2.0")
    except ConnectionResetError:
        return False


def test_a_source_that_fails_again_and_again_is_turned_away_for_a_while(tmp_path: Path, host: SystemdHost) -> None:
    harden(tmp_path, host, exempt=[])
    deadline = time.monotonic() + PATIENCE
    while "Not allowed at this time" not in _first_words(host):
        assert time.monotonic() < deadline, "nobody was turned away"
        attempt(host, "-o", "PubkeyAuthentication=no", user="root")
    host.restart_sshd()
    assert "uid=" in attempt(host, user=OWNER), "a restart forgets"
    logged(host, "drop connection")


def _first_words(host: SystemdHost) -> str:
    with socket.create_connection((host.address, 22), timeout=PATIENCE) as probe:
        try:
            return probe.recv(200).decode(errors="replace")
        except ConnectionResetError:
            return ""
