# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on a server that the role ftps_server set up: each is judged by its effect and by its line in the log, if the
server writes a line."""

from __future__ import annotations

import ftplib
import io
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.hosts.ftps_host import PASSWORD, FtpsHost
from support.hosts.host_network import another_address, is_open
from support.judges.tls_judges import complaints_of_sslyze, complaints_of_testssl
from support.running.play import Play

ALL, EACH = 50, 10
"""The role's limits: sessions of all clients and of one address, and the time without a login."""
SECRET = "/srv/jail/partner/incoming/secret"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FtpsHost]:
    with FtpsHost(tmp_path_factory.mktemp("ftps")) as host:
        done = host.converge()
        assert done.status == 0, done.output
        host.inside(f"echo mine > {SECRET} && chown partner:partner {SECRET}; echo admin:{PASSWORD} | chpasswd")
        yield host


def in_clear(server: FtpsHost, *lines: str) -> list[str]:
    """Send lines without TLS in one go, and give the replies up to where the server hangs up."""
    with socket.create_connection((server.host.address, 21), 30) as connection, connection.makefile("rb") as stream:
        stream.readline()
        connection.sendall(b"".join(f"{line}\r\n".encode() for line in (*lines, "QUIT")))
        return [line.decode().strip() for line in stream]


def refused(code: str, act: Callable[[], object]) -> None:
    """Values that must be refused with this code."""
    with pytest.raises(ftplib.Error) as told:
        act()
    print(f"refused: {told.value}")
    assert str(told.value).startswith(code)


@pytest.mark.parametrize("name", ["partner", "anonymous", "ftp", "root"])
def test_a_name_in_clear(server: FtpsHost, name: str) -> None:
    (reply, *_rest) = in_clear(server, f"USER {name}")
    assert reply.startswith("530")


def test_a_password_in_clear_is_not_looked_at(server: FtpsHost) -> None:
    replies = in_clear(server, "USER partner", f"PASS {PASSWORD}", "LIST")
    assert {reply[:3] for reply in replies} <= {"530", "503", "221", "500"}, replies
    assert replies[0].startswith("530")


def test_commands_behind_auth_tls_are_dropped(server: FtpsHost) -> None:
    context = ssl.create_default_context(cafile=str(server.authority / "ca.pem"))
    with socket.create_connection((server.host.address, 21), 30) as plain:
        plain.makefile("rb").readline()
        plain.sendall(b"AUTH TLS\r\nFEAT\r\n")
        assert plain.recv(4096).startswith(b"234")
        try:
            inside = context.wrap_socket(plain, server_hostname=server.host.address)
        except (OSError, ssl.SSLError):
            return
        with inside:
            inside.sendall(b"QUIT\r\n")
            assert inside.makefile("rb").readline().startswith((b"221", b"530"))


@pytest.mark.parametrize("name", ["admin", "root", "nobody-of-that-name", "anonymous"])
def test_an_account_that_is_not_listed(server: FtpsHost, name: str) -> None:
    with server.connect() as client:
        refused("530", lambda: client.login(name, PASSWORD))


def test_a_wrong_password_and_then_the_end(server: FtpsHost) -> None:
    with server.connect() as client:
        for _each in range(2):
            refused("530", lambda: client.login("partner", "wrong"))
        with pytest.raises((ftplib.Error, EOFError, OSError)):
            client.voidcmd("NOOP")
    assert "FAIL LOGIN" in server.logged(r"\[partner\] FAIL LOGIN")


def test_more_sessions_than_allowed(server: FtpsHost) -> None:
    with ExitStack() as held:
        for _each in range(10):
            held.enter_context(server.connect())
        refused("421", server.connect)


def test_others_log_in_while_one_address_floods(server: FtpsHost) -> None:
    """Again if the server ended the flood before the others were through."""
    assert any(_beside_a_flood(server) for _attempt in range(3)), "the flood was always over by then"


def _beside_a_flood(server: FtpsHost) -> bool:
    began = time.monotonic()
    with another_address() as flooder, ExitStack() as held:
        greetings: list[bytes] = []
        served: list[socket.socket] = []
        for _each in range(ALL * 2):
            flood = socket.create_connection((server.host.address, 21), 30, source_address=(flooder, 0))
            greetings.append(held.enter_context(flood).recv(100)[:3])
            if greetings[-1] == b"220":
                served.append(flood)
        assert greetings.count(b"220") == EACH
        assert set(greetings) == {b"220", b"421"}
        with server.login("partner") as client:
            client.storbinary("STOR incoming/meanwhile", io.BytesIO(b"x"))
        took = time.monotonic() - began
        print(f"{EACH} of {len(greetings)} connections were served; a login and a transfer beside them: {took:.1f} s")
        return all(map(is_open, served))


FOREIGN = [".forward", ".ftpaccess", ".htaccess", ".htpasswd", ".netrc", ".procmailrc", ".rhosts", ".shosts", ".ssh"]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_another_program_acts_on(server: FtpsHost, name: str) -> None:
    with server.login("partner") as client:
        for path in (f"incoming/{name}", f"/incoming//{name}", f"incoming/./{name}"):
            refused("550", lambda path=path: client.storbinary(f"STOR {path}", io.BytesIO(b"x")))
            refused("550", lambda path=path: client.mkd(path))
        client.cwd("incoming")
        client.storbinary("STOR innocent", io.BytesIO(b"x"))
        refused("550", lambda: client.rename("innocent", name))
        refused("550", lambda: client.storbinary(f"STOR {name}", io.BytesIO(b"x")))
    assert server.inside(f"ls -A /srv/jail/partner/incoming | grep -Fx {name} || true") == ""


def test_nothing_below_a_directory_that_sshd_looks_into(server: FtpsHost) -> None:
    with server.login("partner") as client:
        client.mkd("incoming/.ssh/")  # vsftpd does not see through the slash
        for path in ("incoming/.ssh/authorized_keys", "/incoming/.ssh/rc", "incoming/../incoming/.ssh/x"):
            refused("550", lambda path=path: client.storbinary(f"STOR {path}", io.BytesIO(b"x")))
        refused("550", lambda: client.cwd("incoming/.ssh"))
    assert server.inside("ls -A /srv/jail/partner/incoming/.ssh; rmdir /srv/jail/partner/incoming/.ssh") == ""


def test_a_whole_synchronisation_with_dot_files_of_its_own(server: FtpsHost, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / ".hidden/deep").mkdir(parents=True)
    for name in ("kept", "replaced", "removed", ".sshd", ".hidden/deep/.x.htaccess"):
        (tree / name).write_text(f"first {name}")
    push = {
        "protocol": "ftps",
        "host": server.host.address,
        "username": "partner",
        "password": PASSWORD,
        "ca_file": str(server.authority / "ca.pem"),
        "src": str(tree),
        "dest": "incoming/whole",
        "delete": True,
        "trash": ".trash",
        "max_delete": 100,
    }
    server.inside("install -d -o partner -g partner /srv/jail/partner/incoming/whole")
    first = Play(tmp_path / "play").run([{"secure_sync": push}, {"secure_sync": push}], timeout=400)
    (tree / "replaced").write_text("second")
    (tree / "removed").unlink()
    second = Play(tmp_path / "play").run([{"secure_sync": push}, {"secure_sync": push}], timeout=400)
    results = first.results + second.results
    assert [result["msg"] for result in results if result.get("failed")] == []
    assert [result["changed"] for result in results] == [True, False, True, False]
    there = server.inside("cd /srv/jail/partner/incoming/whole && find . -type f | sort").split()
    assert [name for name in there if not name.startswith("./.trash/")] == [
        *("./.hidden/deep/.x.htaccess", "./.sshd", "./kept", "./replaced")
    ]
    assert sorted(Path(name).name for name in there if name.startswith("./.trash/")) == ["removed", "replaced"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "/../../../etc/shadow", "/srv/jail/reader/data"])
def test_out_of_the_jail(server: FtpsHost, path: str) -> None:
    with server.login("partner") as client:
        refused("550", lambda: client.retrbinary(f"RETR {path}", bytes))


def test_the_root_of_the_jail_cannot_be_written(server: FtpsHost) -> None:
    with server.login("partner") as client:
        refused("553", lambda: client.storbinary("STOR /planted", io.BytesIO(b"x")))
        refused("550", lambda: client.mkd("/planted"))
    assert "FAIL UPLOAD" in server.logged(r"\[partner\] FAIL UPLOAD.*planted")


def test_a_mode_that_lets_others_in(server: FtpsHost) -> None:
    with server.login("partner") as client:
        refused("500", lambda: client.sendcmd("SITE CHMOD 4777 incoming/secret"))
        client.storbinary("STOR incoming/program", io.BytesIO(b"#!/bin/sh\nid\n"))
    assert server.inside("stat -c '%a %U' /srv/jail/partner/incoming/program") == "640 partner\n"
    assert server.inside("/srv/jail/partner/incoming/program; echo $?", check=False).strip() == "126"


def test_the_jail_of_another(server: FtpsHost) -> None:
    with server.login("reader") as client:
        assert [each for each in client.nlst("/") if "secret" in each or "partner" in each] == []


def test_one_who_may_only_store(server: FtpsHost) -> None:
    with server.login("collector") as client:
        client.storbinary("STOR data/report", io.BytesIO(b"given"))
        refused("550", lambda: client.retrbinary("RETR data/report", bytes))
    assert server.inside("cat /srv/jail/collector/data/report") == "given"


def test_one_who_may_only_retrieve(server: FtpsHost) -> None:
    server.inside("echo taken > /srv/jail/reader/data/report; chgrp reader /srv/jail/reader/data/report")
    taken: list[bytes] = []
    with server.login("reader") as client:
        client.retrbinary("RETR data/report", taken.append)
        for command in ("DELE data/report", "MKD data/d", "RNFR data/report", "RMD data"):
            refused("550", lambda command=command: client.sendcmd(command))
        refused("550", lambda: client.storbinary("STOR data/other", io.BytesIO(b"x")))
    assert b"".join(taken) == b"taken\n"


def test_a_closed_account_with_its_second_password(server: FtpsHost) -> None:
    accounts = [{**each, "rotated": True} if each["name"] == "partner" else each for each in server.accounts]
    done = server.converge(jails=False, ftps_server_accounts=accounts)
    assert done.status == 0, done.output
    second = "another horse battery"
    line = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=second, capture_output=True, text=True, check=True
    )
    server.inside(f"umask 077; echo 'partner:{line.stdout.strip()}' > /etc/secure_ftp_synchronize/ftps_passwords")
    for password in (PASSWORD, second):
        server.login("partner", password).quit()
    server.inside("usermod --lock --expiredate 1 partner")
    for password in (PASSWORD, second):
        with server.connect() as client:
            refused("530", lambda password=password: client.login("partner", password))
    server.inside("usermod --unlock --expiredate '' partner; rm /etc/secure_ftp_synchronize/ftps_passwords")
    server.login("partner").quit()


def test_an_active_connection_to_somebody_else(server: FtpsHost) -> None:
    with server.login("partner") as client:
        refused("5", lambda: client.sendcmd("PORT 127,0,0,1,0,22"))
        refused("5", lambda: client.sendcmd("EPRT |1|127.0.0.1|22|"))


def test_data_in_clear(server: FtpsHost) -> None:
    with server.login("partner") as client:
        client.prot_c()
        refused("522", lambda: client.nlst())


@pytest.mark.parametrize("versions", ["1.2", "1.3"])
def test_a_data_connection_without_the_session_of_the_control_connection(server: FtpsHost, versions: str) -> None:
    with (
        server.login("partner", resume=False, versions=versions) as client,
        pytest.raises((ftplib.Error, OSError, EOFError)),
    ):
        client.nlst("incoming")
    with server.login("partner", versions=versions) as client:
        assert "incoming/secret" in client.nlst("incoming")


def test_it_does_not_tell_what_it_is(server: FtpsHost) -> None:
    with server.connect() as client:
        assert client.getwelcome() == "220 Authorised use only."
        assert "vsftpd" not in client.sendcmd("FEAT").lower()


def test_what_is_done_is_in_the_log(server: FtpsHost) -> None:
    with server.login("partner") as client:
        client.storbinary("STOR incoming/told", io.BytesIO(b"x"))
        client.delete("incoming/told")
    assert "OK UPLOAD" in server.logged(r'\[partner\] OK UPLOAD.*"/incoming/told"')
    assert "OK DELETE" in server.logged(r'\[partner\] OK DELETE.*"/incoming/told"')
    assert PASSWORD not in server.inside("cat /var/log/vsftpd.log; journalctl -q --no-pager")


def test_no_outside_judge_complains(server: FtpsHost) -> None:
    # FEAT of vsftpd does not name AUTH TLS, without which testssl.sh does not begin; both open many connections.
    done = server.converge(
        jails=False,
        ftps_server_tls_mode="implicit",
        ftps_server_port=990,
        ftps_server_names=[server.host.address, "localhost"],
        ftps_server_max_clients=200,
        ftps_server_max_per_ip=100,
    )
    assert done.status == 0, done.output
    authority = SimpleNamespace(file=server.authority / "ca.pem")
    judged = SimpleNamespace(host=server.host.address, port=990, authority=authority)
    complaints = {**complaints_of_sslyze(judged, "intermediate"), **complaints_of_testssl(judged)}
    print(f"sslyze and testssl.sh complain of: {complaints}")
    # A private authority has no address of a list of revoked certificates.
    assert complaints.keys() <= {"cert_revocation"}
