# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that guess are banned for a while, on every system; the owner and everybody else go on.

The hosts are made, and wait, side by side. Root only.
"""

from __future__ import annotations

import ftplib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.hosts.ftps_host import HASH, PASSWORD, FtpsHost
from support.hosts.host_network import GATEWAY, another_address
from support.hosts.host_play import HostPlay, role
from support.hosts.systemd_image import OWNER, SYSTEMS
from support.running.other_collections import with_collection
from support.running.playbook_process import Outcome
from support.running.slices import slice_of

FTPS, SSH = "secure_ftp_synchronize_ftps", "sshd"
TRIES = 6
"""maxretry of both roles."""
BAN_SECONDS = 20
PATIENCE = 180.0
LOGIN_SECONDS = 30
CONNECTIONS = "ss -tnp; ip neigh; nft list ruleset; ps -eo pid,ppid,stat,wchan:20,args | grep vsftpd"
LOGS = "uptime; tail -n 20 /var/log/fail2ban.log; journalctl -n 40 --no-pager"
ACCOUNT = f"""set -eu
id partner && exit
install -d /srv/jail/partner
useradd --home-dir /srv/jail/partner --no-create-home --shell /usr/sbin/nologin --password '{HASH}' partner
install -d -o partner /srv/jail/partner/incoming
"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, long_run: bool) -> Iterator[dict[str, FtpsHost]]:
    """In a short run, one of the other two systems runs in addition to debian13."""
    others = slice_of([system for system in SYSTEMS if system != "debian13"], long_run=long_run)
    authority = tmp_path_factory.mktemp("authority")
    with ExitStack() as stack:
        hosts = {}
        for system in ("debian13", *others):
            directory = tmp_path_factory.mktemp(system)
            server = FtpsHost(directory, system, [{"name": "partner"}], authority=authority / system)
            hosts[system] = stack.enter_context(server)
        for done in beside(converge, hosts).values():
            assert done.status == 0, done.output
        yield hosts


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    with another_address() as address:
        yield address


@pytest.fixture(scope="module")
def partner() -> Iterator[str]:
    with another_address() as address:
        yield address


def beside(act: Callable[[FtpsHost], object], hosts: dict[str, FtpsHost]) -> dict[str, object]:
    """Do it on all hosts at the same time."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(hosts, pool.map(act, hosts.values()), strict=True))


def converge(server: FtpsHost) -> Outcome:
    """Both roles, with both bans."""
    server.inside(ACCOUNT)
    play = HostPlay(server.directory, server.host, collections=[with_collection("community.crypto")])
    return play.run(
        [
            role("ftps_server", **server.variables(ftps_server_ban=True, ftps_server_test_account=None)),
            # sshd's own penalties would come first.
            role("sftp_server", sftp_server_ban=True, sftp_server_settings={"PerSourcePenalties": "no"}),
        ]
    )


def guess(server: FtpsHost, source: str, password: str = "wrong") -> str:
    """Return the reply to a password, or why there was none."""
    with ExitStack() as stack:
        try:
            client = server.connect(source=source)
            # Without a QUIT: no reply to it comes through a ban.
            stack.callback(client.close)
            return client.login("partner", password)
        except (ftplib.Error, OSError) as refused:
            return str(refused)


def let_in(address: str, port: int, source: str) -> bool:
    """Whether a connection from `source` is taken at all."""
    try:
        socket.create_connection((address, port), timeout=30, source_address=(source, 0)).close()
    except ConnectionRefusedError:
        return False
    return True


def banned_for(server: FtpsHost, port: int, source: str) -> float:
    """Wait for a ban and for its end; give the seconds between them."""
    _until(server, lambda: not let_in(server.host.address, port, source), "there is no ban")
    banned = time.monotonic()
    _until(server, lambda: let_in(server.host.address, port, source), "the ban does not end")
    return time.monotonic() - banned


def _until(server: FtpsHost, what: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"{otherwise}\n{server.inside(LOGS)}")
        time.sleep(0.2)


def often(act: Callable[[], str]) -> list[str]:
    """Act as often as fail2ban allows, a few times at once, and give the answers."""
    with ThreadPoolExecutor(3) as pool:
        return [each.result() for each in [pool.submit(act) for _each in range(TRIES)]]


def counted(server: FtpsHost, jail: str, what: str) -> int:
    lines = server.inside(f"fail2ban-client status {jail}").splitlines()
    return next(int(line.rpartition("\t")[2]) for line in lines if what in line)


def test_guesses_of_passwords_are_banned_for_a_while(hosts: dict[str, FtpsHost], stranger: str, partner: str) -> None:
    def on(server: FtpsHost) -> str:
        server.inside(f"fail2ban-client set {FTPS} bantime {BAN_SECONDS}")
        with server.login("partner") as session, ThreadPoolExecutor() as pool:
            assert often(lambda: guess(server, GATEWAY)) == ["530 Login incorrect."] * TRIES
            # The ban may come before the last reply.
            ban = pool.submit(banned_for, server, 21, stranger)
            assert often(lambda: guess(server, stranger)).count("530 Login incorrect.") >= TRIES - 1
            assert guess(server, partner, PASSWORD).startswith("230")
            assert guess(server, GATEWAY, PASSWORD).startswith("230"), (
                "who fails as often as the stranger, and is spared"
            )
            length = ban.result()
            assert session.voidcmd("NOOP").startswith("200")
        assert counted(server, FTPS, "Total banned") == 1
        assert guess(server, stranger).startswith("530"), "it is answered again"
        return f"banned after {TRIES} guesses, for {length:.0f} s"

    for system, figures in beside(on, hosts).items():
        print(f"{system}: {figures}")


def test_each_guess_is_counted_once(hosts: dict[str, FtpsHost]) -> None:
    with another_address() as address, another_address() as later:

        def on(server: FtpsHost) -> int:
            for source in (address, address, later):
                assert guess(server, source).startswith("530")
            # Lines of the log are read in their order.
            _until(server, lambda: seen(server, later) > 0, "the last guess is not seen")
            return seen(server, address)

        assert beside(on, hosts) == dict.fromkeys(hosts, 2)


def seen(server: FtpsHost, source: str) -> int:
    """Give how often fail2ban counted a failure of an address."""
    found = server.inside(f"grep -c '\\[{FTPS}\\] Found {source} ' /var/log/fail2ban.log || true")
    return int(found)


def test_failing_logins_over_ssh_are_banned_for_a_while(hosts: dict[str, FtpsHost], stranger: str) -> None:
    def on(server: FtpsHost) -> str:
        server.inside(f"fail2ban-client set {SSH} bantime {BAN_SECONDS}")

        def attempt() -> str:
            base = server.host.ssh("nobody-of-that-name")
            said = subprocess.run(
                [*base[:-1], "-b", stranger, base[-1], "true"], capture_output=True, text=True, timeout=60, check=False
            )
            return said.stderr.partition(": ")[2].strip()

        with ThreadPoolExecutor() as pool:
            # sshd logs the name before it refuses: the ban stops the last login in its middle.
            ban = pool.submit(banned_for, server, 22, stranger)
            assert often(attempt).count("Permission denied (publickey).") >= TRIES - 3
            assert server.host.run("true", user=OWNER).returncode == 0
            length = ban.result()
        return f"banned after {TRIES} logins that failed, for {length:.0f} s"

    for system, figures in beside(on, hosts).items():
        print(f"{system}: {figures}")


def test_the_controller_is_spared_from_the_start_by_every_jail(hosts: dict[str, FtpsHost]) -> None:
    for server in hosts.values():
        for jail in (FTPS, SSH):
            assert GATEWAY in server.inside(f"fail2ban-client get {jail} ignoreip")
        assert server.inside("fail2ban-client status | grep -o 'Jail list:.*'").strip().endswith(f"{FTPS}, {SSH}")


def test_a_second_run_of_both_roles_changes_nothing(hosts: dict[str, FtpsHost]) -> None:
    for system, done in beside(converge, hosts).items():
        assert (done.status, done.count("changed")) == (0, 0), (system, done.output)


def test_an_own_list_for_all_jails_holds_too(hosts: dict[str, FtpsHost]) -> None:
    server = hosts["debian13"]
    server.inside(
        "printf '[DEFAULT]\\nignoreip = 203.0.113.0/24\\n' > /etc/fail2ban/jail.local; fail2ban-client reload"
    )
    try:
        spared = server.inside(f"fail2ban-client get {FTPS} ignoreip")
        assert GATEWAY in spared
        assert "203.0.113.0/24" in spared
    finally:
        server.inside("rm /etc/fail2ban/jail.local; fail2ban-client reload")


def test_a_configuration_that_fail2ban_refuses_is_not_written(hosts: dict[str, FtpsHost], tmp_path: Path) -> None:
    server = hosts["debian13"]
    before = server.inside("cat /etc/fail2ban/jail.d/*")
    task = {"name": "ftps", "settings": {"filter": "no-such-filter", "backend": "systemd"}}
    done = HostPlay(tmp_path, server.host).run([{"secure.ftp_synchronize.login_ban": task}])
    assert done.count("failed") == 1, done.output
    assert "ban_failed" in done.output
    assert server.inside("cat /etc/fail2ban/jail.d/*") == before
    assert server.inside(f"fail2ban-client status {FTPS}")


def test_connections_without_a_login_end_soon_and_others_stay(hosts: dict[str, FtpsHost], partner: str) -> None:
    server = hosts["debian13"]
    where = {"timeout": PATIENCE, "source_address": (partner, 0)}
    with (
        server.login("partner") as session,
        socket.create_connection((server.host.address, 21), **where) as silent,
        socket.create_connection((server.host.address, 21), **where) as before_tls,
    ):
        began = time.monotonic()
        before_tls.sendall(b"AUTH TLS\r\n")
        replies = {name: _until_the_end(server, each) for name, each in (("silent", silent), ("TLS", before_tls))}
        assert time.monotonic() > began + LOGIN_SECONDS - 5
        assert session.voidcmd("NOOP").startswith("200")
    assert "421 Timeout." in replies["silent"]
    assert "234 " in replies["TLS"]


def _until_the_end(server: FtpsHost, connection: socket.socket) -> str:
    """Return all replies up to the end of the connection."""
    replies = b""
    try:
        while data := connection.recv(1000):
            replies += data
    except TimeoutError:
        raise AssertionError(f"{connection} is still open after {replies!r}\n{server.inside(CONNECTIONS)}") from None
    return replies.decode()


def test_a_ban_that_is_not_wanted_goes_and_fail2ban_stays(hosts: dict[str, FtpsHost]) -> None:
    server = hosts["debian13"]
    done = server.converge(jails=False, ftps_server_test_account=None)
    assert done.status == 0, done.output
    assert done.count("changed") == 1
    jails = server.inside("fail2ban-client status | grep 'Jail list:'")
    assert FTPS not in jails
    assert SSH in jails
