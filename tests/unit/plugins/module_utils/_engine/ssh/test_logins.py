# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole logins of both clients at a server of asyncssh, in a thread of this process. A real sshd: integration."""

from __future__ import annotations

import asyncio
import os
import pwd
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import asyncssh
import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    HostKeyChanged,
    HostKeyRevoked,
    NotSupported,
    SyncError,
    UnknownHost,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    PeerIdentity,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_scan import scan_openssh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_scan import scan_paramiko
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import (
    EXEC,
    SFTP_SUBSYSTEM,
    open_ssh_stream,
)
from support.servers.ssh_keys import SshKey, key

USER, PASSWORD = "mirror", "correct horse"
HOST_KEYS = [key("host"), key("host", "ecdsa"), key("host", "rsa")]
OWN = key("mirror")
SCANS = {"openssh": scan_openssh, "paramiko": scan_paramiko}

client = pytest.mark.parametrize("client", ["openssh", "paramiko"])


class Logins(asyncssh.SSHServer):
    """ways: public_key, password and interactive. sent: the names and secrets that came."""

    def __init__(self, ways: tuple[str, ...], sent: list[str]) -> None:
        self._ways, self._sent = ways, sent

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connection = connection

    def begin_auth(self, username: str) -> bool:
        self._sent.append(username)
        return True

    def public_key_auth_supported(self) -> bool:
        # paramiko asks for the service with each method: sshd permits it, asyncssh does not.
        self._connection._next_service = b"ssh-userauth"
        return "public_key" in self._ways

    def validate_public_key(self, username: str, shown: asyncssh.SSHKey) -> bool:
        return username == USER and shown.export_public_key().split()[:2] == OWN.public.encode().split()[:2]

    def password_auth_supported(self) -> bool:
        return "password" in self._ways

    def validate_password(self, username: str, password: str) -> bool:
        self._sent.append(password)
        return (username, password) == (USER, PASSWORD)

    def kbdint_auth_supported(self) -> bool:
        return "interactive" in self._ways

    def get_kbdint_challenge(self, _username: str, _language: str, _methods: str) -> Any:
        return ("", "", "", [("Password: ", False)])

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        self._sent.extend(responses)
        return (username, responses) == (USER, [PASSWORD])

    def connection_requested(self, *_place: Any) -> bool:
        return True


def _command(process: asyncssh.SSHServerProcess[bytes]) -> None:
    process.stdout.write(f"ran {process.command}\n".encode())
    process.exit(0)


@contextmanager
def serving(*ways: str, sent: list[str] | None = None, sftp: bool = True) -> Iterator[int]:
    """Give the port of a server that accepts these logins."""
    loop, secrets = asyncio.new_event_loop(), [] if sent is None else sent
    options: dict[str, Any] = {"process_factory": _command, "encoding": None, "allow_scp": False}
    options["sftp_factory"] = True if sftp else None
    listening = asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[str(each.path) for each in HOST_KEYS],
        server_factory=lambda: Logins(ways, secrets),
        **options,
    )
    server = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.get_port()
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncssh.SSHAcceptor) -> None:
    server.close()
    await server.wait_closed()


def endpoint(client: str, port: int, **changes: Any) -> Endpoint:
    given = {"username": USER, "ssh_client": client, "ssh_config_file": "none", "connect_timeout": 60.0}
    return Endpoint("sftp", "127.0.0.1", port, **{**given, **changes})


def logged_in(
    place: Endpoint, *pins: str, request: str = SFTP_SUBSYSTEM, command: str = "", **credentials: Any
) -> PeerIdentity:
    given = Credentials(**{"ssh_agent": False, **credentials})
    trust = SshTrust(host_keys=pins or tuple(each.public for each in HOST_KEYS))
    with closing(open_ssh_stream(place, given, trust, request=request, command=command)) as stream:
        return stream.wait_ready()


@client
@pytest.mark.parametrize(
    ("ways", "credentials"),
    [
        (("public_key",), {"private_key_file": str(OWN.path)}),
        (("public_key",), {"private_key": OWN.text}),
        (("public_key", "password"), {"private_key_file": str(OWN.path)}),
        (("password",), {"password": PASSWORD}),
        (("interactive",), {"password": PASSWORD}),
        (("public_key", "password"), {"password": PASSWORD}),
    ],
)
def test_a_login(client: str, ways: tuple[str, ...], credentials: dict[str, Any]) -> None:
    with serving(*ways) as port:
        logged_in(endpoint(client, port), **credentials)


@client
@pytest.mark.parametrize("pinned", HOST_KEYS, ids=lambda each: each.algorithm)
@pytest.mark.parametrize("by", ["public", "fingerprint"])
def test_the_pinned_key_is_found_among_the_keys(client: str, pinned: SshKey, by: str) -> None:
    with serving("password") as port:
        peer = logged_in(endpoint(client, port), getattr(pinned, by), password=PASSWORD)
    assert (peer.host_key_fingerprint, peer.host_key_type) == (pinned.fingerprint, pinned.algorithm)


@client
@pytest.mark.parametrize(
    ("ways", "credentials"),
    [
        (("public_key",), {"private_key_file": str(key("stranger").path)}),
        (("password",), {"password": "wrong"}),
        (("interactive",), {"password": "wrong"}),
        (("public_key",), {"password": PASSWORD}),
        (("password", "interactive"), {"private_key_file": str(OWN.path)}),
    ],
)
def test_a_refused_login(client: str, ways: tuple[str, ...], credentials: dict[str, Any]) -> None:
    sent: list[str] = []
    with serving(*ways, sent=sent) as port, pytest.raises(AuthenticationFailed, match=USER) as caught:
        logged_in(endpoint(client, port), **credentials)
    assert caught.value.cure
    assert sent.count("wrong") == (credentials.get("password") == "wrong")


@client
@pytest.mark.parametrize(
    ("pins", "kind"),
    [
        ([key("other").public], HostKeyChanged),
        ([key("other").fingerprint], HostKeyChanged),
        ([f"@revoked {HOST_KEYS[0].public}", HOST_KEYS[0].public], HostKeyRevoked),
    ],
)
def test_a_server_that_is_not_proven_gets_no_secret(client: str, pins: list[str], kind: type[SyncError]) -> None:
    sent: list[str] = []
    with serving("password", sent=sent) as port, pytest.raises(kind):
        logged_in(endpoint(client, port), *pins, password=PASSWORD)
    assert sent == []


@client
def test_an_unknown_server_gets_no_secret(client: str, tmp_path: Any) -> None:
    sent: list[str] = []
    (tmp_path / "known_hosts").touch()
    trust = SshTrust(known_hosts_file=str(tmp_path / "known_hosts"))
    with serving("password", sent=sent) as port:
        stream = open_ssh_stream(endpoint(client, port), Credentials(password=PASSWORD), trust)
        with closing(stream), pytest.raises(UnknownHost):
            stream.wait_ready()
    assert sent == []


@client
def test_without_a_name_the_local_user_logs_in(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")  # of paramiko; ssh takes the account of the process
    sent: list[str] = []
    with serving("public_key", sent=sent) as port, pytest.raises(AuthenticationFailed):
        logged_in(endpoint(client, port, username=None), private_key_file=str(OWN.path))
    assert sent == ["somebody" if client == "paramiko" else pwd.getpwuid(os.getuid()).pw_name]


@client
def test_requests(client: str) -> None:
    login = {"private_key_file": str(OWN.path)}
    with serving("public_key", sftp=False) as port:
        logged_in(endpoint(client, port), request=EXEC, command="true", **login)
        with pytest.raises(NotSupported, match="subsystem request failed"):
            logged_in(endpoint(client, port), **login)


def _lost(_message: object) -> None:
    raise EOFError


@client
def test_a_jump_host_is_proven_and_gets_no_password(
    client: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    with serving("public_key", sent=sent) as gate, serving("public_key") as port:
        lines = [f"[127.0.0.1]:{each} {HOST_KEYS[0].public}\n" for each in (gate, port)]
        (tmp_path / "known_hosts").write_text("".join(lines))
        trust = SshTrust(known_hosts_file=str(tmp_path / "known_hosts"))
        place = endpoint(client, port, proxy_jump=(f"{USER}@127.0.0.1:{gate}",))
        given = Credentials(private_key_file=str(OWN.path), ssh_agent=False)
        with closing(open_ssh_stream(place, given, trust)) as stream:
            assert stream.wait_ready().host_key_fingerprint == HOST_KEYS[0].fingerprint
            if client == "paramiko":  # closes the link in a thread, also in the moment in which the jump host is lost
                link = stream._login.transport.sock  # type: ignore[attr-defined]
                monkeypatch.setattr(link.transport, "_send_user_message", _lost)
                link.close()
        assert USER in sent
        (tmp_path / "known_hosts").write_text(lines[1])
        with pytest.raises(UnknownHost, match="jump host"), closing(open_ssh_stream(place, given, trust)) as stream:
            stream.wait_ready()


@client
def test_a_scan_shows_every_key_once_and_logs_in_nowhere(client: str) -> None:
    sent: list[str] = []
    with serving("password", sent=sent) as port:
        found = SCANS[client](endpoint(client, port), Credentials(password=PASSWORD), SshTrust())
    assert sorted(each.fingerprint for each in found) == sorted(each.fingerprint for each in HOST_KEYS)
    assert PASSWORD not in sent
    with pytest.raises(ConnectionFailed):
        SCANS[client](endpoint(client, port), Credentials(), SshTrust())
