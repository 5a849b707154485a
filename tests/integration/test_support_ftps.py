# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The FTPS servers of the tests, seen by the standard library's FTP client and by openssl."""

from __future__ import annotations

import base64
import ftplib
import hashlib
import io
import os
import shutil
import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
from support.running.patience import HANG_SECONDS
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.tls_authority import EXPIRED, NOT_YET_VALID, Authority, Certificate, authority, self_signed
from support.servers.vsftpd import Vsftpd

KINDS = (Vsftpd, ProftpdFtps, PureFtpd)
STRICT = (Vsftpd, ProftpdFtps)
VERSIONS = ("1.2", "1.3")
CONTENT = os.urandom(300_000)
REFUSED = (*ftplib.all_errors, ssl.SSLError)


# The socket that FTP_TLS wraps.
unprotected = ftplib.FTP.ntransfercmd


class Client(ftplib.FTP_TLS):
    """ftplib, and its missing features: a TLS session that data connections resume, and implicit TLS."""

    resume = True
    implicit = False

    def connect(self, *arguments: Any, **options: Any) -> str:
        if not self.implicit:
            return super().connect(*arguments, **options)
        self.host = arguments[0]
        plain = socket.create_connection(arguments, timeout=self.timeout)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(self, cmd: str, rest: Any = None) -> tuple[socket.socket, Any]:
        plain, size = unprotected(self, cmd, rest)
        session = self.sock.session if self.resume else None
        return self.context.wrap_socket(plain, server_hostname=self.host, session=session), size


def trusting(server: FtpsServer, certificate: Certificate | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(server.authority.file))
    if certificate is not None:
        context.load_cert_chain(certificate.chain, certificate.key)
    return context


@contextmanager
def client(server: FtpsServer, context: ssl.SSLContext | None = None) -> Iterator[Client]:
    """A client that has connected, and has not yet logged in."""
    # Closed without QUIT: a server that refused may have one more reply on its way.
    with closing(Client(context=context or trusting(server), timeout=20)) as ftp:
        ftp.implicit = server.options.implicit
        ftp.connect(server.host, server.port)
        yield ftp


@contextmanager
def session(server: FtpsServer, context: ssl.SSLContext | None = None) -> Iterator[Client]:
    """A client that has logged in, with a protected data channel."""
    with client(server, context) as ftp:
        ftp.login(server.user, server.password, secure=not server.options.implicit)
        ftp.prot_p()
        yield ftp


def store(ftp: Client, path: str, content: bytes = CONTENT) -> None:
    ftp.storbinary(f"STOR {path}", io.BytesIO(content))


def store_unprotected(ftp: Client, path: str) -> None:
    connection, _size = unprotected(ftp, f"STOR {path}")
    with connection:
        connection.sendall(CONTENT)
    ftp.voidresp()


def retrieve(ftp: Client, path: str) -> bytes:
    parts: list[bytes] = []
    ftp.retrbinary(f"RETR {path}", parts.append)
    return b"".join(parts)


def spoken(server: FtpsServer, expected: str) -> str:
    """The transcript, when `expected` stands in it: a session writes it a moment later than it answers."""
    deadline = time.monotonic() + HANG_SECONDS
    while expected.lower() not in server.transcript().lower():
        assert time.monotonic() < deadline, f"no {expected} in:\n{server.transcript()}"
        time.sleep(0.02)
    return server.transcript()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("make", KINDS)
def test_files_go_there_and_come_back(make: type[FtpsServer], version: str) -> None:
    with make(versions=(version,)) as server, session(server) as ftp:
        assert ftp.sock.version() == f"TLSv{version}"
        store(ftp, f"{server.remote_root}/file")
        assert (server.root / "file").read_bytes() == CONTENT
        assert (server.root / "file").stat().st_uid == server.account.uid
        assert retrieve(ftp, f"{server.remote_root}/file") == CONTENT
        lines: list[str] = []
        ftp.dir("-a", server.remote_root, lines.append)
        assert [line.split()[-1] for line in lines if not line.endswith(".")] == ["file"]
        told = spoken(server, f"{server.remote_root}/file")
        assert server.password not in told
        assert server.password not in server.log()


@pytest.mark.parametrize("make", STRICT)
def test_a_data_connection_that_does_not_resume_is_refused(make: type[FtpsServer]) -> None:
    with make() as server, session(server) as ftp:
        ftp.resume = False
        with pytest.raises(REFUSED):
            store(ftp, f"{server.remote_root}/file")
        assert not (server.root / "file").exists() or (server.root / "file").stat().st_size == 0


@pytest.mark.parametrize("make", STRICT)
def test_without_the_demand_it_is_accepted(make: type[FtpsServer]) -> None:
    with make(reuse=False) as server, session(server) as ftp:
        ftp.resume = False
        store(ftp, f"{server.remote_root}/file")
        assert (server.root / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("make", KINDS)
def test_nothing_goes_unprotected(make: type[FtpsServer]) -> None:
    with make() as server:
        with ftplib.FTP(timeout=20) as plain:  # noqa: S321
            plain.connect(server.host, server.port)
            with pytest.raises(REFUSED):
                plain.login(server.user, server.password)
        with client(server) as ftp:
            ftp.login(server.user, server.password)
            with pytest.raises(REFUSED):
                store_unprotected(ftp, f"{server.remote_root}/file")
        assert not (server.root / "file").exists()


@pytest.mark.parametrize("make", STRICT)
def test_implicit_tls(make: type[FtpsServer]) -> None:
    with make(implicit=True) as server, session(server) as ftp:
        store(ftp, f"{server.remote_root}/file")
        assert (server.root / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("make", KINDS)
def test_a_jailed_account_sees_its_tree_alone(make: type[FtpsServer]) -> None:
    with make(jail=True) as server, session(server) as ftp:
        assert ftp.pwd() == "/"
        assert {name.strip("/") for name in ftp.nlst("/")} - {".", ".."} == {"files"}
        store(ftp, f"{server.remote_root}/file")
        assert (server.root / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("make", KINDS)
def test_a_wrong_password_is_refused(make: type[FtpsServer]) -> None:
    with make() as server, client(server) as ftp:
        with pytest.raises(ftplib.error_perm, match="530"):
            ftp.login(server.user, "wrong")
        spoken(server, "pass")


@pytest.mark.parametrize("make", STRICT)
def test_clients_need_a_certificate_of_the_right_authority(make: type[FtpsServer]) -> None:
    clients = Authority("clients")
    strangers = (None, Authority("strangers").client(), clients.client(validity=EXPIRED))
    with make(client_authority=clients) as server:
        with session(server, trusting(server, clients.client())) as ftp:
            store(ftp, f"{server.remote_root}/file")
        for stranger in strangers:
            with pytest.raises(REFUSED), session(server, trusting(server, stranger)) as ftp:
                ftp.pwd()


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("limit", ["max_per_ip", "max_clients"])
def test_a_session_too_many_is_refused(make: type[FtpsServer], limit: str) -> None:
    with make(**{limit: 2}) as server, session(server), session(server), pytest.raises(REFUSED), session(server) as ftp:
        ftp.pwd()


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("umask", ["022", "077"])
def test_the_umask_is_that_of_new_files_and_directories(make: type[FtpsServer], umask: str) -> None:
    with make(umask=umask) as server, session(server) as ftp:
        store(ftp, f"{server.remote_root}/file")
        ftp.mkd(f"{server.remote_root}/directory")
        modes = [stat.S_IMODE((server.root / name).stat().st_mode) for name in ("file", "directory")]
        assert modes == [0o666 & ~int(umask, 8), 0o777 & ~int(umask, 8)]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("kind", ["rsa", "rsa3072", "ecdsa", "ed25519", "intermediate"])
def test_any_kind_of_certificate(make: type[FtpsServer], kind: str) -> None:
    if kind == "intermediate":
        certificate = Authority("between", above=authority()).server(kind="rsa")
    else:
        certificate = authority().server(kind=kind)
    with make(certificate=certificate) as server, session(server) as ftp:
        assert ftp.sock.getpeercert(binary_form=True) == certificate.der
        store(ftp, f"{server.remote_root}/file")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (self_signed, "self-signed certificate"),
        (lambda: Authority("others").server(), "unable to get local issuer"),
        (lambda: authority().server("files.example.com"), "IP address mismatch"),
        (lambda: authority().server(validity=EXPIRED), "has expired"),
        (lambda: authority().server(validity=NOT_YET_VALID), "not yet valid"),
    ],
)
def test_a_bad_certificate_is_bad_for_its_one_reason(make: Callable[[], Certificate], words: str) -> None:
    refused = ssl.SSLCertVerificationError
    with Vsftpd(certificate=make()) as server, pytest.raises(refused, match=words), session(server) as ftp:
        ftp.pwd()


@pytest.mark.parametrize("kind", ["rsa", "rsa3072", "ecdsa", "ed25519"])
def test_the_pin_is_what_openssl_says(kind: str) -> None:
    certificate = authority().server(kind=kind)
    text = subprocess.run(
        ["openssl", "x509", "-in", str(certificate.chain), "-noout", "-pubkey"], check=True, capture_output=True
    ).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], input=text, check=True, capture_output=True
    ).stdout
    assert certificate.pin == f"sha256//{base64.b64encode(hashlib.sha256(der).digest()).decode()}"


def test_many_at_once_do_not_meet() -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(make()) for make in KINDS for _twice in range(2)]
        assert len({server.port for server in servers}) == len(servers)
        for number, server in enumerate(servers):
            with session(server) as ftp:
                store(ftp, f"{server.remote_root}/file", b"%d" % number)
        assert [(server.root / "file").read_bytes() for server in servers] == [b"%d" % n for n in range(len(servers))]


@pytest.mark.parametrize("make", KINDS)
def test_a_server_comes_back_on_its_port(make: type[FtpsServer]) -> None:
    with make() as server:
        port, listener = server.port, server.pid
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((server.host, port), timeout=5)
        server.start()
        assert (server.port, server.pid == listener) == (port, False)
        with session(server) as ftp:
            store(ftp, f"{server.remote_root}/file")


def test_nothing_is_installed_on_the_machine() -> None:
    programs = ("vsftpd", "proftpd", "pure-ftpd")
    assert [name for name in programs if shutil.which(name, path="/usr/sbin:/usr/bin")] == []


def test_a_server_is_up_quickly() -> None:
    for make in KINDS:
        taken = []
        for _round in range(5):
            start = time.monotonic()
            with make():
                taken.append(time.monotonic() - start)
        median = sorted(taken)[2]
        print(f"{make.__name__} is up after {median * 1000:.0f} ms (median of 5)")
        assert median < HANG_SECONDS
