# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both SSH streams against a real sshd: the way to the server, jump hosts, and the channel."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import os
import select
import socket
import statistics
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
import support.servers.sshd
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import EXEC
from support.running.patience import HANG_SECONDS
from support.scenes.ssh_logins import (
    OPENERS,
    endpoint_of,
    eventually,
    every_client,
    greet,
    key_of,
    meet,
    read,
    refuse,
    trust_of,
)
from support.servers import ssh_keys
from support.servers.accounts import Account
from support.servers.ports import free_port
from support.servers.proxy import Fault, Proxy
from support.servers.served import served
from support.servers.sshd import Sshd

PASSWORD = "pass \\word 'ü\" $HOME %h"
OTHER = ssh_keys.key("other")

client = every_client()
plain = served(Sshd)
three_keys = served(Sshd, host_keys=("ed25519", "ecdsa", "rsa"), name="three")
jump = served(Sshd, forwarding=True, name="hop")


# the way to the server


def test_nobody_listens(client: str, plain: Sshd) -> None:
    endpoint = Endpoint("sftp", "127.0.0.1", free_port(), "mirror", ssh_config_file="none")
    error = refuse(client, endpoint, key_of(plain.key), trust_of(plain))
    assert type(error) is errors.ConnectionFailed
    assert error.retryable


def test_an_unknown_name(client: str, plain: Sshd) -> None:
    endpoint = Endpoint("sftp", "no-such-host.invalid", 22, "mirror", ssh_config_file="none")
    assert type(refuse(client, endpoint, key_of(plain.key), trust_of(plain))) is errors.ConnectionFailed


def test_a_server_that_never_speaks(client: str, plain: Sshd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        endpoint = Endpoint("sftp", "127.0.0.1", port, "mirror", ssh_config_file="none", connect_timeout=1.0)
        started = time.monotonic()
        error = refuse(client, endpoint, key_of(plain.key), trust_of(plain))
        assert type(error) is errors.ConnectTimeout
        assert not error.answered
        assert time.monotonic() - started < HANG_SECONDS


@pytest.mark.parametrize("after", [5, 150])
def test_a_server_that_stops_answering(client: str, plain: Sshd, after: int) -> None:
    """Within the line of its version, and within its offer of algorithms."""
    with Proxy(plain.port) as proxy:
        proxy.arm(Fault("stall", "down", after=after))
        endpoint = endpoint_of(plain, connect_timeout=1.5)._replace(port=proxy.port)
        error = refuse(client, endpoint, key_of(plain.key), trust_of(plain))
        assert type(error) is errors.ConnectTimeout
        assert error.answered == (after > 5)


def test_a_login_that_is_cut_by_another_thread(client: str, plain: Sshd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = endpoint_of(plain, connect_timeout=60.0)._replace(port=silent.getsockname()[1])
        stream = OPENERS[client](endpoint, key_of(plain.key), trust_of(plain))
        cutter = threading.Timer(0.5, stream.cut)
        cutter.start()
        began = time.monotonic()
        with pytest.raises(errors.SyncError):
            stream.wait_ready()
        assert time.monotonic() - began < HANG_SECONDS
        cutter.join()
    assert stream.read_fd == -1


def test_a_server_that_hangs_up(client: str, plain: Sshd) -> None:
    with Sshd(max_startups="1", name="busy") as busy, socket.create_connection((busy.host, busy.port)) as held:
        assert held.recv(4) == b"SSH-"
        error = refuse(client, endpoint_of(busy), key_of(busy.key), trust_of(busy))
        assert type(error) is errors.TooManyConnections


def test_a_server_without_sessions(client: str) -> None:
    with Sshd(max_sessions=0, name="closed") as server:
        error = refuse(client, endpoint_of(server), key_of(server.key), trust_of(server))
        assert type(error) is errors.TooManyConnections


def test_a_server_without_the_subsystem(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    render = support.servers.sshd.render_sshd_config
    monkeypatch.setattr(
        support.servers.sshd,
        "render_sshd_config",
        lambda *words: render(*words).replace("Subsystem sftp", "Subsystem other"),
    )
    with Sshd(name="bare") as server:
        error = refuse(client, endpoint_of(server), key_of(server.key), trust_of(server))
        assert type(error) is errors.NotSupported


@pytest.mark.parametrize("user", ["", "mirror@"])
def test_a_jump_host(client: str, plain: Sshd, jump: Sshd, tmp_path: Path, user: str) -> None:
    (tmp_path / "known").write_text(plain.known_hosts_line() + jump.known_hosts_line())
    config = tmp_path / "config"
    config.write_text(f"Host *\n  User {jump.user}\n")
    endpoint = endpoint_of(
        plain, proxy_jump=(f"{user}{jump.host}:{jump.port}",), ssh_config_file="none" if user else str(config)
    )
    before = jump.log().count("Accepted publickey")
    identity = meet(client, endpoint, key_of(plain.key), SshTrust(known_hosts_file=str(tmp_path / "known")))
    assert identity.host_key_fingerprint == plain.fingerprints[0]
    assert eventually(lambda: jump.log().count("Accepted publickey") > before)


def test_two_jump_hosts(client: str, plain: Sshd, jump: Sshd, tmp_path: Path) -> None:
    with Sshd(forwarding=True, name="second") as second:
        lines = [server.known_hosts_line() for server in (plain, jump, second)]
        (tmp_path / "known").write_text("".join(lines))
        hops = tuple(f"{server.user}@{server.host}:{server.port}" for server in (jump, second))
        trust = SshTrust(known_hosts_file=str(tmp_path / "known"))
        assert meet(client, endpoint_of(plain, proxy_jump=hops), key_of(plain.key), trust).cipher
        assert second.log().count("Accepted publickey") == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_jump_host_of_the_users_configuration(
    client: str, plain: Sshd, jump: Sshd, tmp_path: Path, *, known: bool
) -> None:
    (tmp_path / "known").write_text(jump.known_hosts_line() if known else "")
    config = tmp_path / "config"
    config.write_text(
        f"Host target\n  HostName {plain.host}\n  Port {plain.port}\n  ProxyJump hop\n"
        f"Host hop\n  HostName {jump.host}\n  Port {jump.port}\nHost *\n  User {jump.user}\n"
    )
    endpoint = Endpoint("sftp", "target", ssh_config_file=str(config))
    trust = SshTrust((plain.fingerprints[0],), str(tmp_path / "known"))
    if known:
        assert meet(client, endpoint, key_of(plain.key), trust).host_key_fingerprint == plain.fingerprints[0]
    else:
        error = refuse(client, endpoint, key_of(plain.key), trust)
        assert type(error) is errors.UnknownHost
        assert "jump host" in error.message


def test_a_caller_that_comes_late(client: str, plain: Sshd) -> None:
    endpoint = endpoint_of(plain, connect_timeout=0.5)
    with closing(OPENERS[client](endpoint, key_of(plain.key), trust_of(plain))) as stream:
        time.sleep(0.8)
        stream.wait_ready()
        greet(stream)


@pytest.mark.parametrize("wrong", ["unknown", "changed", "pins of the endpoint"])
def test_a_jump_host_that_is_not_proven(client: str, plain: Sshd, jump: Sshd, tmp_path: Path, wrong: str) -> None:
    line = {
        "unknown": "",
        "changed": f"[{jump.host}]:{jump.port} {OTHER.public}\n",
        "pins of the endpoint": "",
    }[wrong]
    (tmp_path / "known").write_text(plain.known_hosts_line() + line)
    pins = (jump.host_public_keys[0], jump.fingerprints[0]) if wrong == "pins of the endpoint" else ()
    endpoint = endpoint_of(plain, proxy_jump=(f"{jump.user}@{jump.host}:{jump.port}",))
    hop_log, met = jump.log(), plain.log().count("Connection from")
    error = refuse(client, endpoint, key_of(plain.key), SshTrust(pins, str(tmp_path / "known")))
    assert type(error) is (errors.HostKeyChanged if wrong == "changed" else errors.UnknownHost)
    assert "jump host" in error.message
    assert jump.fingerprints[0] in error.message
    assert "publickey for" not in jump.log()[len(hop_log) :]
    assert plain.log().count("Connection from") == met


def test_a_jump_host_never_gets_the_password(client: str, plain: Sshd, tmp_path: Path) -> None:
    account = Account(password=PASSWORD)
    with Sshd(forwarding=True, name="greedy", account=account, password=True, authorized=()) as greedy:
        (tmp_path / "known").write_text(plain.known_hosts_line() + greedy.known_hosts_line())
        endpoint = endpoint_of(plain, proxy_jump=(f"{greedy.user}@{greedy.host}:{greedy.port}",))
        trust = SshTrust(known_hosts_file=str(tmp_path / "known"))
        error = refuse(client, endpoint, Credentials(password=PASSWORD, ssh_agent=False), trust)
        assert type(error) is errors.AuthenticationFailed
        assert "jump host" in error.message
        assert "password" not in greedy.log().replace("no password", "")


# the channel


def test_exec_runs_one_command_fed_by_its_input(client: str, plain: Sshd) -> None:
    opener = OPENERS[client]
    stream = opener(endpoint_of(plain), key_of(plain.key), trust_of(plain), request=EXEC, command="sha256sum")
    with closing(stream):
        stream.wait_ready()
        os.write(stream.write_fd, b"content")
        stream.end_input()
        expected = b"ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73  -\n"
        assert read(stream, 1000) == expected


def test_bytes_written_before_the_login_are_not_lost(client: str, three_keys: Sshd) -> None:
    """Also not by the second connection that a pinned fingerprint of another type needs."""
    trust = SshTrust((three_keys.fingerprints[2],))
    with closing(OPENERS[client](endpoint_of(three_keys), key_of(three_keys.key), trust)) as stream:
        os.write(stream.write_fd, b"\0\0\0\5\1\0\0\0\3")
        stream.wait_ready()
        assert read(stream, 9)[4:9] == b"\2\0\0\0\3"


def test_a_large_echo_with_a_slow_reader(client: str, plain: Sshd) -> None:
    """Back-pressure: unread data of the client stop the sender, and nothing is lost."""
    content = os.urandom(1 << 20) * 48
    opener = OPENERS[client]
    with closing(opener(endpoint_of(plain), key_of(plain.key), trust_of(plain), request=EXEC, command="cat")) as stream:
        stream.wait_ready()
        sent, received = 0, bytearray()
        while select.select([], [stream.write_fd], [], 0.3)[1]:
            sent += os.write(stream.write_fd, content[sent : sent + (1 << 18)])
            assert sent < len(content)
        held, started = sent, time.monotonic()
        while len(received) < len(content):
            writers = [stream.write_fd] if sent < len(content) else []
            ready = select.select([stream.read_fd], writers, [], 10)
            assert any(ready)
            if ready[1]:
                sent += os.write(stream.write_fd, content[sent : sent + (1 << 18)])
            if ready[0]:
                received += os.read(stream.read_fd, 1 << 18)
        assert received == content
        print(f"{client}: stopped at {held >> 10} KiB, the rest there and back in {time.monotonic() - started:.2f} s")


def test_half_a_gibibyte_ends_whole(client: str, plain: Sshd) -> None:
    """The size at which paramiko by itself would exchange keys again."""
    size = 1 << 29
    command = f"head -c {size} /dev/zero"
    with closing(
        OPENERS[client](endpoint_of(plain), key_of(plain.key), trust_of(plain), request=EXEC, command=command)
    ) as stream:
        stream.wait_ready()
        started, received = time.monotonic(), 0
        while select.select([stream.read_fd], [], [], 10)[0]:
            piece = os.read(stream.read_fd, 1 << 20)
            if not piece:
                break
            received += len(piece)
    assert received == size
    print(f"{client}: {size >> 20} MiB in {time.monotonic() - started:.2f} s")


def test_the_end_of_the_server_is_told(client: str) -> None:
    with Sshd(name="mortal") as server:
        stream = OPENERS[client](endpoint_of(server), key_of(server.key), trust_of(server))
        with closing(stream):
            stream.wait_ready()
            greet(stream)
            server.stop()
            while read(stream, 1):
                pass
            error = stream.failure()
            assert type(error) is errors.ConnectionLost
            assert error.cure


def test_close_may_be_called_twice_and_at_any_time(client: str, plain: Sshd) -> None:
    before = set(os.listdir("/proc/self/fd"))
    for wait in (False, True):
        stream = OPENERS[client](endpoint_of(plain), key_of(plain.key), trust_of(plain))
        if wait:
            stream.wait_ready()
        stream.close()
        stream.close()
    assert set(os.listdir("/proc/self/fd")) == before


LOGIN_SECONDS = 4.0
"""Less than a look-up of a name in vain takes (5 s). How quick a login is, the benchmark measures."""


def test_login_waits_for_nothing(client: str, plain: Sshd) -> None:
    times = []
    for _login in range(5):
        started = time.monotonic()
        with closing(OPENERS[client](endpoint_of(plain), key_of(plain.key), trust_of(plain))) as stream:
            stream.wait_ready()
            times.append(time.monotonic() - started)
    print(f"{client}: login {statistics.median(times):.3f} s (median of {len(times)})")
    assert statistics.median(times) < LOGIN_SECONDS


OLD_ALGORITHMS = {
    "key exchange": "KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
    "cipher": "Ciphers aes128-cbc,3des-cbc",
    "host key": "HostKeyAlgorithms ssh-rsa",
}


@pytest.mark.parametrize("old", OLD_ALGORITHMS)
def test_old_algorithms_are_refused_with_their_own_code(client: str, old: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "Host *\n  KexAlgorithms +diffie-hellman-group14-sha1\n  HostKeyAlgorithms +ssh-rsa\n  Ciphers +aes128-cbc\n"
    )
    with Sshd(name="old", host_keys=("rsa",), config=(OLD_ALGORITHMS[old],)) as server:
        for file in ("none", str(config)):
            endpoint = endpoint_of(server, ssh_config_file=file)
            error = refuse(client, endpoint, key_of(server.key), trust_of(server))
            assert (type(error), error.code) == (errors.AlgorithmsRefused, "algorithms_refused"), error
            assert not error.retryable
            assert "never uses SHA-1, ssh-rsa or CBC, and ssh_config cannot change that" in error.cure
            assert "curve25519-sha256" in error.cure


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("exec nc-that-is-missing %h %p", "not found"),
        ("sh -c 'echo no route from here >&2; exit 1'", "no route from here"),
        ("sh -c 'echo Ncat: Connection refused. >&2; exit 1'", "Connection refused"),
        ("false", "Proxy"),
    ],
)
def test_a_broken_proxy_command_is_named(plain: Sshd, tmp_path: Path, command: str, words: str) -> None:
    config = tmp_path / "config"
    config.write_text(f"Host *\n  ProxyCommand {command}\n")
    endpoint = endpoint_of(plain, ssh_config_file=str(config))
    error = refuse("openssh", endpoint, key_of(plain.key), trust_of(plain))
    assert type(error) is errors.ConnectionFailed
    assert words in error.message, error.message
    assert "limits" not in error.cure
    assert error.cure
