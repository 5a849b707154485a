# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each step of a login, at a scripted FTPS server that fails in it. Real servers: integration/test_ftps_session.py."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    CertificateUntrusted,
    ConnectionFailed,
    NotTls,
    ProtocolViolation,
    SilentServer,
    SyncError,
    TlsPinMismatch,
    TlsRefused,
    TooManyConnections,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps import login
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.context import client_context
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.ftps_server import credentials_of, endpoint_of, trust_of
from support.servers.tls_authority import authority, self_signed

OTHER_PIN = authority().server().pin


def log_in(server: ScriptedFtps, *, trust: dict[str, Any] | None = None, **credentials: Any) -> FtpsSession:
    endpoint = endpoint_of(server, connect_timeout=20.0, stall_timeout=20.0)
    session = FtpsSession(endpoint, credentials_of(server, **credentials), trust_of(server, **(trust or {})))
    session.login()
    return session


def context_of(trust: TlsTrust, server: ScriptedFtps) -> ssl.SSLContext:
    return client_context(trust, credentials_of(server))


def verbs(server: ScriptedFtps) -> list[str]:
    return [each.verb.decode() for each in server.commands()]


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_a_login(tmp_path: Path, implicit: bool, tls: str) -> None:
    with ScriptedFtps(tmp_path, implicit=implicit, tls=tls) as server:
        with closing(log_in(server, trust={"pins": (OTHER_PIN, server.certificate.pin)})) as session:
            assert session.identity.protocol == f"TLSv{tls}"
            assert session.features.utf8
        said = verbs(server)
        secure = [each.secure for each in server.commands() if each.verb != b"AUTH"]
    assert said[: 7 - implicit] == ["AUTH", "USER", "PASS", "PBSZ", "PROT", "TYPE", "FEAT"][implicit:]
    assert all(secure)


@pytest.mark.parametrize(
    ("behaviour", "kind", "words", "last"),
    [
        ("auth_refused", TlsRefused, "the server does no TLS: 502", "AUTH"),
        ("auth_answered=200%20fine", TlsRefused, "the server does no TLS: 200 fine", "AUTH"),
        ("auth_pipelined", ProtocolViolation, "the server sends bytes after its reply to AUTH TLS", "AUTH"),
        ("early_answer", ProtocolViolation, "the server sends a reply to no command", ""),
        ("extra_replies=2", ProtocolViolation, "the server sends a reply to no command", "USER"),
        ("extra_replies=3", ProtocolViolation, "the server sends a reply to no command", "PASS"),
        ("extra_replies=4", ProtocolViolation, "the server sends a reply to no command", "PBSZ"),
        ("extra_replies=5", ProtocolViolation, "the server sends a reply to no command", "PROT"),
        ("login_refused", AuthenticationFailed, "the login as mirror is refused: 530 Login incorrect", "PASS"),
        ("refuses_unknown", None, "", ""),
        ("user_answered=530%20No%0D%0A", AuthenticationFailed, "is refused: 530 No", "USER"),
        ("user_answered=421%20Bye%0D%0A", SyncError, "421 Bye", "USER"),
        ("user_answered=", ConnectionFailed, "", "USER"),
        ("pass_answered=332%20Account%0D%0A", AuthenticationFailed, "is refused: 332 Account", "PASS"),
        ("prot_refused", TlsRefused, "the server does not protect data connections: 536", "PROT"),
        ("full", TooManyConnections, "421 Too many connections", ""),
        ("no_feat", None, "", ""),
        ("no_utf8", None, "", ""),
    ],
)
def test_a_step_that_fails(tmp_path: Path, behaviour: str, kind: type[SyncError] | None, words: str, last: str) -> None:
    with ScriptedFtps(tmp_path, behaviour) as server:
        if kind is None:
            with closing(log_in(server)) as session:
                assert session.features.utf8 is (behaviour == "refuses_unknown")
            return
        with pytest.raises(kind) as caught:
            log_in(server)
        said = verbs(server)
    assert words in caught.value.message
    assert said[-1:] == ([last] if last else [])


def test_a_greeting_within_tls_with_an_answer_to_no_command(tmp_path: Path) -> None:
    """No name is sent to a server whose answers are ahead of the commands."""
    with ScriptedFtps(tmp_path, "early_answer", implicit=True) as server:
        with pytest.raises(ProtocolViolation, match="the server sends a reply to no command"):
            log_in(server)
        assert verbs(server) == []


@pytest.mark.parametrize(
    ("certificate", "trust", "kind"),
    [
        (self_signed(), {}, CertificateUntrusted),
        (None, {"pins": (OTHER_PIN,)}, TlsPinMismatch),
    ],
)
def test_a_server_that_is_not_proven_gets_no_name(
    tmp_path: Path, certificate: Any, trust: dict[str, Any], kind: type[SyncError]
) -> None:
    with ScriptedFtps(tmp_path, certificate=certificate) as server:
        with pytest.raises(kind):
            log_in(server, trust=trust)
        assert verbs(server) == ["AUTH"]


def test_a_missing_password_is_named(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server, pytest.raises(AuthenticationFailed, match="requires a password") as caught:
        log_in(server, password=None)
    assert caught.value.cure == "Set password."


@pytest.mark.parametrize("password", ["two\r\nlines", "nul\0"])
def test_a_secret_that_is_no_line_is_not_sent_and_not_shown(tmp_path: Path, password: str) -> None:
    with ScriptedFtps(tmp_path) as server:
        with pytest.raises(SyncError, match="password") as caught:
            log_in(server, password=password)
        assert verbs(server) == []
    assert password not in caught.value.message
    assert not isinstance(caught.value, UnsafeName)


def test_the_other_mode_of_tls_is_named(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server, pytest.raises(SyncError, match="greets before TLS"):
        log_in(server, trust={"mode": "implicit"})


def test_a_server_is_shown_without_a_name(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server:
        trust = trust_of(server)
        peer = login.show_peer(endpoint_of(server), trust, context_of(trust, server))
        control = login.meet_proven(endpoint_of(server), trust, context_of(trust, server))
        control.channel.close()
        plain = login.meet(endpoint_of(server), trust, for_tls=False)
        plain.channel.close()
        assert verbs(server) == ["AUTH", "AUTH"]
    assert (peer.certificate, peer.pin) == (server.certificate.der, server.certificate.pin)


def test_a_login_without_protection_of_data_asks_for_none(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server:
        trust = trust_of(server)
        given = (endpoint_of(server), credentials_of(server), trust, context_of(trust, server))
        control, peer = login.log_in_unprotected(*given)
        control.channel.close()
        assert verbs(server) == ["AUTH", "USER", "PASS"]
    assert peer.pin == server.certificate.pin


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that sets the addresses of the server's name. A mock, as no name here has several."""

    def answer(*hosts: str) -> None:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _host, port, **_how: [(*kind, (host, port)) for host in hosts]
        )

    return answer


def test_an_address_that_refuses_is_followed_by_the_next(tmp_path: Path, resolver: Callable[..., None]) -> None:
    with ScriptedFtps(tmp_path) as server:
        resolver("127.0.0.2", "127.0.0.3", "127.0.0.1")
        log_in(server).close()
        assert verbs(server)[:2] == ["AUTH", "USER"]


def test_a_silent_address_leaves_time_for_the_next(tmp_path: Path, resolver: Callable[..., None]) -> None:
    """Nothing is accepted at the first address, whose queue is full."""
    with ScriptedFtps(tmp_path) as server, closing(socket.socket()) as silent, closing(socket.socket()) as first:
        silent.bind(("127.0.0.2", server.port))
        silent.listen(0)
        first.connect(silent.getsockname())
        resolver("127.0.0.2", "127.0.0.1")
        endpoint = endpoint_of(server, connect_timeout=8.0, stall_timeout=20.0)
        with closing(FtpsSession(endpoint, credentials_of(server), trust_of(server))) as session:
            assert session.login().protocol.startswith("TLS")


def test_the_last_address_that_refuses_is_the_error(tmp_path: Path, resolver: Callable[..., None]) -> None:
    with ScriptedFtps(tmp_path) as server:
        resolver("127.0.0.2", "127.0.0.3")
        with pytest.raises(ConnectionFailed, match="refused"):
            log_in(server)
        assert verbs(server) == []


@contextmanager
def speaker(words: bytes) -> Iterator[Endpoint]:
    """Yield a port at which a server says these words and then waits."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    with closing(listener.accept()[0]) as connection, suppress(OSError):
                        connection.sendall(words)
                        while connection.recv(1000):
                            pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        seconds, port = 20.0 if words else 1.5, listener.getsockname()[1]
        try:
            yield Endpoint("ftps", "127.0.0.1", port=port, username="mirror", connect_timeout=seconds)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("mode", "words", "kind", "message"),
    [
        ("explicit", b"SSH-2.0-OpenSSH_10.0\r\n", NotTls, "this is an SSH server: SSH-2.0-OpenSSH_10.0"),
        ("explicit", b"500 No more\r\n", ConnectionFailed, "the server says: 500 No more"),
        ("explicit", b"421 Later\r\n", ConnectionFailed, "the server says: 421 Later"),
        ("explicit", b"", SilentServer, "sent nothing within connect_timeout"),
        ("implicit", b"", SilentServer, "sent nothing within connect_timeout"),
        ("implicit", b"SSH-2.0-OpenSSH_10.0\r\n", NotTls, "this is an SSH server: SSH-2.0-OpenSSH_10.0"),
    ],
)
def test_a_server_of_another_kind_is_named(mode: str, words: bytes, kind: type[SyncError], message: str) -> None:
    trust = TlsTrust(mode=mode)
    with speaker(words) as endpoint, pytest.raises(SyncError, match=re.escape(message)) as caught:
        login.log_in(endpoint, Credentials(password="canary"), trust, client_context(trust, Credentials()))
    assert type(caught.value) is kind
    assert caught.value.cure


def test_a_server_that_begins_with_tls_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_FOR_A_GREETING", 0.05)
    with ScriptedFtps(tmp_path, implicit=True) as server:
        trust = trust_of(server, mode="explicit")
        with pytest.raises(TlsRefused, match="it waits for TLS") as caught:
            FtpsSession(endpoint_of(server, connect_timeout=20.0), credentials_of(server), trust).login()
        assert verbs(server) == []
    assert caught.value.cure == "Set tls_mode to implicit."


@pytest.mark.parametrize("implicit", [False, True])
def test_a_server_is_met_before_tls(tmp_path: Path, implicit: bool) -> None:
    with ScriptedFtps(tmp_path, implicit=implicit) as server:
        trust = trust_of(server)
        control = login.meet(endpoint_of(server), trust)
        control.channel.start_tls(context_of(trust, server), server.host)
        control.channel.close()
        assert verbs(server) == ([] if implicit else ["AUTH"])
