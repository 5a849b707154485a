# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenSSH server of the tests, seen by the stock `ssh` and `sftp`."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import support
from support.running.patience import HANG_SECONDS
from support.running.processes import alive, descendants, lingering, mark
from support.servers import ssh_keys
from support.servers.accounts import Account
from support.servers.sshd import Sshd

CONTENT = os.urandom(100_000)
PASSWORD = "correct horse"


def client(program: str, server: Sshd, *arguments: str, text: str = "", **popen) -> subprocess.CompletedProcess:
    """Run `ssh` or `sftp` with the server's own client configuration and `text` as its input."""
    command = [program, "-F", str(server.client_config), *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=30, check=False, **popen)


def exec_(server: Sshd, command: str, *options: str, **popen) -> subprocess.CompletedProcess:
    return client("ssh", server, *options, "server", command, **popen)


def batch(server: Sshd, *lines: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    return client("sftp", server, "-b", "-", *options, "server", text="\n".join(lines) + "\n")


def askpass(directory: Path, answer: str) -> dict[str, str]:
    """Return the environment in which ssh asks a program, which knows one answer."""
    program = directory / "askpass"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o700)
    return {**os.environ, "SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force", "LC_ALL": "C"}


@contextmanager
def multiplexed(server: Sshd, directory: Path) -> Iterator[list[str]]:
    """Hold one connection open; give the options that open sessions on it and nowhere else."""
    socket_path = directory / "control"
    options = ["-o", f"ControlPath={socket_path}", "-o", "ProxyCommand=false"]
    master = subprocess.Popen(
        ["ssh", "-F", str(server.client_config), "-M", "-N", "-o", f"ControlPath={socket_path}", "server"]
    )
    try:
        wait_for(socket_path.exists)
        yield options
    finally:
        master.terminate()
        master.wait(HANG_SECONDS)


def wait_for(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def shell() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture(scope="module")
def jail() -> Iterator[Sshd]:
    with Sshd(jail=True) as server:
        yield server


@pytest.mark.parametrize("kind", ["shell", "jail"])
def test_files_go_there_and_come_back(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = request.getfixturevalue(kind)
    (tmp_path / "there").write_bytes(CONTENT)
    target = f"{server.remote_root}/file"
    done = batch(server, f"put {tmp_path}/there {target}", f"get {target} {tmp_path}/back")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "back").read_bytes() == (server.root / "file").read_bytes() == CONTENT
    assert (server.root / "file").stat().st_uid == server.account.uid


def test_an_account_with_a_shell_hashes(shell: Sshd) -> None:
    (shell.root / "hashed").write_bytes(CONTENT)
    done = exec_(shell, f"sha256sum {shell.remote_root}/hashed")
    assert done.stdout.split()[0] == hashlib.sha256(CONTENT).hexdigest()


def test_a_jailed_account_has_no_shell_and_sees_its_tree_alone(jail: Sshd) -> None:
    assert exec_(jail, "id").returncode != 0
    assert "uid=" not in exec_(jail, "id").stdout
    listed = batch(jail, "ls -1 /").stdout.splitlines()
    assert [line for line in listed if not line.startswith("sftp>")] == ["/files"]


def test_an_account_without_a_shell_has_no_exec() -> None:
    with Sshd(shell=False) as server:
        assert "uid=" not in exec_(server, "id").stdout
        assert batch(server, f"ls {server.remote_root}").returncode == 0


def test_the_account_is_not_one_of_the_machine(shell: Sshd) -> None:
    assert f"uid={shell.account.uid}({shell.user})" in exec_(shell, "id").stdout
    assert shell.user not in Path("/etc/passwd").read_text()


def test_one_session_a_connection(tmp_path: Path) -> None:
    with Sshd(max_sessions=1) as server, multiplexed(server, tmp_path) as options:
        first = subprocess.Popen(
            ["ssh", *options, "-F", str(server.client_config), "server", "echo here; cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert first.stdout.readline() == b"here\n"
        second = exec_(server, "echo here", *options)
        first.communicate(timeout=HANG_SECONDS)
        assert "here" not in second.stdout
        assert "refused" in second.stderr
        assert exec_(server, "echo here", *options).stdout == "here\n"


def test_one_login_at_a_time() -> None:
    with Sshd(max_startups="1") as server:
        with socket.create_connection((server.host, server.port)):
            wait_for(server.session_pids)
            refused = exec_(server, "true")
            assert refused.returncode == 255
            # ssh's message depends on its progress when the server closed: only the drop itself is certain.
            assert re.search("Connection (closed|reset) by", refused.stderr), refused.stderr
        wait_for(lambda: not server.session_pids())
        assert exec_(server, "true").returncode == 0


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_a_password_logs_in(method: str, tmp_path: Path) -> None:
    allowed = {method.replace("-", "_"): True}
    options = ["-o", "BatchMode=no", "-o", f"PreferredAuthentications={method}", "-o", "NumberOfPasswordPrompts=1"]
    with Sshd(account=Account(password=PASSWORD), authorized=(), **allowed) as server:
        assert exec_(server, "echo in", *options, env=askpass(tmp_path, PASSWORD)).stdout == "in\n"
        refused = exec_(server, "echo in", *options, env=askpass(tmp_path, "wrong"))
        assert refused.returncode == 255
        assert f"Permission denied (publickey,{method})" in refused.stderr


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_key_is_a_host_key_and_a_client_key(kind: str) -> None:
    own = ssh_keys.key("client", kind)
    with Sshd(host_keys=(kind,), authorized=(own,)) as server:
        done = exec_(server, "echo in", "-v")
        assert done.stdout == "in\n"
        assert f"Server host key: {own.algorithm} {server.fingerprints[0]}" in done.stderr


def test_a_locked_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    own = ssh_keys.key("client", passphrase=PASSWORD)
    with Sshd(authorized=(own,)) as server:
        assert exec_(server, "echo in").returncode == 255
        done = exec_(server, "echo in", "-o", "BatchMode=no", env=askpass(tmp_path, PASSWORD))
        assert done.stdout == "in\n"


def test_another_host_key_is_refused(shell: Sshd, tmp_path: Path) -> None:
    with Sshd(name="other") as other:
        (tmp_path / "known").write_text(shell.known_hosts_line().replace(str(shell.port), str(other.port)))
        done = exec_(other, "echo in", "-o", f"UserKnownHostsFile={tmp_path}/known")
        assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in done.stderr
        assert done.stdout == ""


def test_user_certificates_log_in() -> None:
    authority = ssh_keys.key("user-ca")
    with Sshd(user_ca=authority, authorized=()) as server:
        for principals, validity, expected in (
            (server.user, "-5m:+1h", "in\n"),
            ("somebody", "-5m:+1h", ""),
            (server.user, "-2h:-1h", ""),
        ):
            held = ssh_keys.certify_user(server.key, authority, principals=principals, validity=validity)
            options = ["-i", str(held.path), "-o", f"CertificateFile={held.certificate}"]
            assert exec_(server, "echo in", *options).stdout == expected, (principals, validity)


def test_host_certificates_prove_the_host(tmp_path: Path) -> None:
    with Sshd(host_ca=ssh_keys.key("host-ca")) as server:
        (tmp_path / "known").write_text(server.authority_line())
        options = ("-o", f"UserKnownHostsFile={tmp_path}/known")
        assert exec_(server, "echo in", *options).stdout == "in\n"
    with Sshd(host_ca=ssh_keys.key("host-ca"), host_principals="elsewhere") as server:
        (tmp_path / "known").write_text(server.authority_line())
        assert exec_(server, "echo in", *options).returncode == 255


def test_a_revoked_key_is_refused() -> None:
    own = ssh_keys.key("client")
    with Sshd(revoked_keys=ssh_keys.revocation_list(own)) as server:
        assert exec_(server, "true").returncode == 255


def test_only_a_jump_host_forwards(shell: Sshd, tmp_path: Path) -> None:
    for forwarding, expected in ((True, "in\n"), (False, "")):
        with Sshd(forwarding=forwarding, name="jump") as hop:
            both = tmp_path / "both"
            both.write_text(
                hop.client_config.read_text().replace("Host server", "Host hop") + shell.client_config.read_text()
            )
            command = ["ssh", "-F", str(both), "-J", "hop", "server", "echo in"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            assert done.stdout == expected, done.stderr


@pytest.mark.parametrize("penalties", [False, True])
def test_failed_logins_ban_only_when_asked_to(penalties: bool) -> None:
    wrong = ["-o", "IdentityFile=none", "-i", str(ssh_keys.key("stranger").path)]
    # On a busy machine the usual seconds are over before the next attempt.
    long = ("PerSourcePenalties authfail:600 max:600",) if penalties else ()
    with Sshd(penalties=penalties, config=("PerSourcePenaltyExemptList none", *long)) as server:
        other = [*wrong, "-o", f"HostName={server.host}", "-p", str(server.port), "-l", server.user]
        plain = ["-F", "none", "-o", f"UserKnownHostsFile={server.known_hosts}", "-o", "BatchMode=yes"]
        for _attempt in range(4):
            command = ["ssh", *plain, *other, "server", "true"]
            assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 255
        assert (exec_(server, "true").returncode == 255) is penalties


def test_a_stopped_server_comes_back_on_its_port() -> None:
    with Sshd() as server:
        port = server.port
        server.stop()
        assert exec_(server, "true").returncode == 255
        server.start()
        assert server.port == port
        assert exec_(server, "true").returncode == 0


def test_the_end_of_a_server_is_the_end_of_its_sessions() -> None:
    with Sshd() as server:
        child = subprocess.Popen(
            ["ssh", "-F", str(server.client_config), "server", "echo here; exec sleep 1000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout.readline() == b"here\n"
        sessions = server.session_pids()
        server.stop()
        assert not [pid for pid in sessions if alive(pid)]
    assert child.wait(HANG_SECONDS) == 255
    child.stdout.close()


def test_a_killed_test_run_leaves_no_server() -> None:
    marked = mark()
    program = (
        "import time; from support.servers.sshd import Sshd\nwith Sshd(): print('up', flush=True); time.sleep(1000)"
    )
    environment = {**os.environ, **marked, "PYTHONPATH": str(Path(support.__file__).parents[1])}
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    assert run.stdout.readline() == b"up\n"
    started = descendants(run.pid)
    assert len(started) >= 2
    run.send_signal(signal.SIGKILL)
    run.wait(HANG_SECONDS)
    run.stdout.close()
    assert not lingering(marked)
    # One that is ending has lost its environment, and with it the mark, a moment before it is gone.
    wait_for(lambda: not [pid for pid in started if alive(pid)])
    # Its files are swept up by a later run; this one need not wait for that.
    for left in Path(tempfile.gettempdir()).glob(f"sync-test-*-{run.pid}-*"):
        shutil.rmtree(left)


def test_an_unprivileged_user_runs_one_too() -> None:
    program = (
        "import subprocess; from support.servers.sshd import Sshd\n"
        "with Sshd(shell=False) as server:\n"
        "    command = ['sftp', '-b', '-', '-F', str(server.client_config), 'server']\n"
        "    done = subprocess.run(command, input=f'put /etc/hostname {server.remote_root}/it', text=True)\n"
        "    print(done.returncode, (server.root / 'it').exists(), server.log())\n"
    )
    # The clone may lie where only its owner may look, so the package is copied.
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    shutil.copytree(Path(support.__file__).parent, place / "support")
    try:
        command = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "/usr/bin/python3",
            "-B",
            "-c",
            program,
        ]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(place), "HOME": "/nonexistent"}
        options = {"env": environment, "cwd": "/", "capture_output": True, "text": True, "timeout": 30}
        done = subprocess.run(command, check=False, **options)
    finally:
        shutil.rmtree(place)
    assert "0 True" in done.stdout, done.stdout + done.stderr


def test_a_server_is_up_quickly() -> None:
    taken = []
    for _round in range(5):
        begin = time.monotonic()
        with Sshd():
            taken.append(time.monotonic() - begin)
    print(f"sshd is up after {sorted(taken)[2] * 1000:.0f} ms (median of {len(taken)})")
    assert sorted(taken)[2] < HANG_SECONDS
