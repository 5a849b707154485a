# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a secrets manager, good and bad, over TLS on loopback. OpenBao itself: hosts/test_job_certificates.py."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    IssuerRefused,
    IssuerUnavailable,
    IssuerUnproven,
    SecretUnavailable,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing import openbao
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.openbao import (
    Issued,
    Issuer,
    Login,
    Order,
    Session,
    issued,
    kept,
)
from support.servers.tls_authority import authority

ISSUE = Order("ssh/issue/upload", ("nightly", "other"), 600)
GOOD = {"data": {"private_key": "KEY", "signed_key": "ssh-ed25519-cert-v01@openssh.com AAAA\n"}}
TOKEN = Login("canary-token")


class Manager(http.server.ThreadingHTTPServer):
    """A server with one answer.

    seen: path, token and fields of each request
    pause: seconds before each byte of an answer
    wrapped: the paths whose answer was to be wrapped
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        certificate = authority("of the secrets manager").server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.seen: list[tuple[str, str | None, dict[str, Any]]] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.pause = 0.0
        self.wrapped: list[str] = []
        self.url = f"https://127.0.0.1:{self.server_port}"

    def handle_error(self, *_arguments: Any) -> None: ...


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Manager

    def do_POST(self) -> None:
        fields = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
        if self.headers["X-Vault-Wrap-TTL"]:
            self.server.wrapped.append(self.path)
        self.server.seen.append((self.path, self.headers["X-Vault-Token"], fields))
        status, content = self.server.answers.get(self.path, (200, json.dumps(GOOD).encode()))
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        if not self.server.pause:
            self.wfile.write(content)
            return
        for byte in content:
            time.sleep(self.server.pause)
            self.wfile.write(bytes([byte]))

    do_GET = do_POST

    def log_message(self, *_arguments: Any) -> None: ...


@pytest.fixture
def manager() -> Iterator[Manager]:
    with Manager() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def issuer(manager: Manager, of: str = "of the secrets manager") -> Issuer:
    return Issuer(manager.url, str(authority(of).file))


def test_a_key_and_its_certificate(manager: Manager) -> None:
    assert issued(issuer(manager), TOKEN, ISSUE) == Issued("ssh-ed25519-cert-v01@openssh.com AAAA", "KEY")
    fields = {"cert_type": "user", "key_type": "ed25519", "valid_principals": "nightly,other", "ttl": 600}
    assert manager.seen == [("/v1/ssh/issue/upload", "canary-token", fields)]


def test_a_certificate_for_a_key(manager: Manager) -> None:
    order = Order("ssh/sign/upload", public_key="ssh-ed25519 AAAA")
    assert issued(issuer(manager), TOKEN, order).private_key is None
    fields = {"cert_type": "user", "public_key": "ssh-ed25519 AAAA"}
    assert manager.seen == [("/v1/ssh/sign/upload", "canary-token", fields)]


@pytest.mark.parametrize("chain", [["ABOVE", 7], None, 7])
def test_a_certificate_for_tls(manager: Manager, chain: Any) -> None:
    data = {"certificate": "CERTIFICATE", "ca_chain": chain, "issuing_ca": "ABOVE", "private_key": "KEY"}
    manager.answers["/v1/pki/issue/upload"] = (200, json.dumps({"data": data}).encode())
    found = issued(issuer(manager), TOKEN, Order("pki/issue/upload", ("nightly",), 600, tls=True))
    assert found == Issued("CERTIFICATE\nABOVE" if isinstance(chain, list) else "CERTIFICATE", "KEY")
    assert manager.seen == [("/v1/pki/issue/upload", "canary-token", {"common_name": "nightly", "ttl": 600})]


@pytest.mark.parametrize("data", [{"certificate": "CERTIFICATE"}, {"private_key": "KEY"}, GOOD["data"]])
def test_an_answer_without_a_certificate_for_tls(manager: Manager, data: dict[str, str]) -> None:
    manager.answers["/v1/ssh/issue/upload"] = (200, json.dumps({"data": data}).encode())
    with pytest.raises(IssuerUnavailable, match=r"the answer has no (certificate|private_key)"):
        issued(issuer(manager), TOKEN, ISSUE._replace(tls=True))


def test_a_login_by_approle(manager: Manager) -> None:
    manager.answers["/v1/auth/jobs/login"] = (200, b'{"auth": {"client_token": "canary-client"}}')
    issued(issuer(manager), Login(None, "role", "canary-secret", "jobs"), ISSUE)
    login, order = manager.seen
    assert login == ("/v1/auth/jobs/login", None, {"role_id": "role", "secret_id": "canary-secret"})
    assert order[1] == "canary-client"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"key": "one"}, "one"),
        ({"data": {"key": "two"}, "metadata": {"version": 3}}, "two"),
        ({"data": {"key": "two"}, "key": "one"}, "one"),
        ({"data": "text", "metadata": {"version": 3}, "key": "one"}, "one"),
        ({"key": 7}, "key of kv/job is no text"),
        ({"data": {"other": "x"}, "metadata": {"version": 3}}, "key of kv/job does not exist"),
    ],
)
def test_a_field_of_a_secret_in_an_engine_of_either_version(manager: Manager, data: dict[str, Any], found: str) -> None:
    manager.answers["/v1/kv/job"] = (200, json.dumps({"data": data}).encode())
    if " " in found:
        with pytest.raises(SecretUnavailable, match=found):
            kept(issuer(manager), TOKEN, "kv/job", "key")
    else:
        assert kept(issuer(manager), TOKEN, "kv/job", "key") == found
    assert manager.seen == [("/v1/kv/job", "canary-token", {})]


def test_a_secret_that_does_not_exist(manager: Manager) -> None:
    manager.answers["/v1/kv/job"] = (404, b'{"errors": []}')
    with pytest.raises(SecretUnavailable, match="kv/job"):
        kept(issuer(manager), TOKEN, "kv/job", "key")


@pytest.mark.parametrize("creation", ["auth/jobs/role/a%2Fb/secret-id", "auth/jobs/role/other/secret-id", None])
def test_a_new_secret_id_is_unwrapped_only_if_it_is_of_the_requested_role(
    manager: Manager, creation: str | None
) -> None:
    """Somebody who read the token on the way would have to wrap another secret, whose path is not this one."""
    login = {"client_token": "canary-client", "metadata": {"role_name": "a/b"}}
    path = "auth/jobs/role/a%2Fb/secret-id"
    manager.answers |= {
        "/v1/auth/jobs/login": (200, json.dumps({"auth": login}).encode()),
        f"/v1/{path}": (200, json.dumps({"wrap_info": {"token": "once", "creation_path": creation}}).encode()),
        "/v1/sys/wrapping/unwrap": (200, b'{"data": {"secret_id": "canary-new\\n"}}'),
        f"/v1/{path}/lookup": (200, b'{"data": {"secret_id_ttl": 60}}'),
    }
    session = Session.begin(issuer(manager), Login(None, "role", "canary-secret", "jobs"))
    assert session.role == "auth/jobs/role/a%2Fb"
    assert session.ask(f"{path}/lookup", {"secret_id": "x"}) == {"secret_id_ttl": 60}
    assert manager.seen[-1] == (f"/v1/{path}/lookup", "canary-client", {"secret_id": "x"})
    if creation == path:
        assert session.wrapped(path, "secret_id") == "canary-new"
        assert manager.seen[-1] == ("/v1/sys/wrapping/unwrap", "once", {})
    else:
        with pytest.raises(IssuerUnavailable, match="no wrap_info of this path"):
            session.wrapped(path, "secret_id")
        assert manager.seen[-1] == (f"/v1/{path}", "canary-client", {})
    assert manager.wrapped == [f"/v1/{path}"]


def test_a_refused_login_has_its_own_cure(manager: Manager) -> None:
    manager.answers["/v1/auth/approle/login"] = (400, b'{"errors": ["invalid role or secret ID"]}')
    with pytest.raises(IssuerRefused, match="status 400, invalid role or secret ID") as caught:
        issued(issuer(manager), Login(None, "role", "canary"), ISSUE)
    assert "the secret ID of certificate" in caught.value.cure
    assert len(manager.seen) == 1


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (403, b'{"errors": ["1 error occurred:\\n\\t* permission denied\\n\\n"]}', IssuerRefused),
        (400, b"{}", IssuerRefused),
        (404, b'{"errors": 7}', IssuerRefused),
        (307, b"", IssuerUnavailable),
        (429, b"", IssuerUnavailable),
        (473, b"", IssuerUnavailable),
        (500, b"\xff", IssuerUnavailable),
        (503, b'{"errors": ["Vault is sealed"]}', IssuerUnavailable),
        (200, b"no JSON", IssuerUnavailable),
        (200, b"[]", IssuerUnavailable),
        (200, b"[" * 100_000, IssuerUnavailable),
        (200, b'{"data": null}', IssuerUnavailable),
        (200, b'{"data": {"signed_key": 7, "private_key": "KEY"}}', IssuerUnavailable),
        (200, b'{"data": {"signed_key": "ssh-ed25519-cert-v01@openssh.com AAAA"}}', IssuerUnavailable),
    ],
)
def test_bad_answers(manager: Manager, status: int, content: bytes, error: type[Exception]) -> None:
    manager.answers["/v1/ssh/issue/upload"] = (status, content)
    with pytest.raises(error) as caught:
        issued(issuer(manager), TOKEN, ISSUE)
    assert "canary" not in str(caught.value)
    assert len(manager.seen) == 1, "no redirect is followed"


def test_reasons_of_the_server_are_short_and_in_ascii(manager: Manager) -> None:
    reasons = {"errors": ["\x1b[2J\u202e" + "x" * 9999]}
    manager.answers["/v1/ssh/issue/upload"] = (403, json.dumps(reasons).encode())
    with pytest.raises(IssuerRefused) as caught:
        issued(issuer(manager), TOKEN, ISSUE)
    assert caught.value.message.isascii()
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300


def test_a_server_that_is_not_proven_gets_nothing(manager: Manager) -> None:
    with pytest.raises(IssuerUnproven, match=r"certificate: 127\.0\.0\.1:"):
        issued(issuer(manager, "of a stranger"), TOKEN, ISSUE)
    assert manager.seen == []


def test_no_server() -> None:
    with pytest.raises(IssuerUnavailable, match="Connection refused"):
        issued(Issuer("https://127.0.0.1:1"), TOKEN, ISSUE)


def test_authorities_that_cannot_be_read() -> None:
    with pytest.raises(TrustStoreUnreadable, match=r"certificate\.ca_file: .*No such file"):
        issued(Issuer("https://127.0.0.1:1", "/none"), TOKEN, ISSUE)


def test_a_login_shows_no_secret() -> None:
    assert "canary" not in repr(Login("canary", "canary", "canary"))


@pytest.mark.parametrize("token", ["canary\r", "canary token", "canary\n", "canary\u00e9", "\x00canary", ""])
def test_a_token_that_no_header_can_have(manager: Manager, token: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^certificate: the token has ") as caught:
        issued(issuer(manager), Login(token), ISSUE)
    assert "canary" not in caught.value.message + (caught.value.cure or "")
    assert manager.seen == []


@pytest.mark.parametrize("token", ["canary\r", "canary\n", "canary\r\nX: y", "canary\u00e9"])
def test_an_answered_token_that_no_header_can_have(manager: Manager, token: str) -> None:
    manager.answers["/v1/auth/approle/login"] = (200, json.dumps({"auth": {"client_token": token}}).encode())
    with pytest.raises(IssuerUnavailable, match="unusable client_token") as caught:
        issued(issuer(manager), Login(None, "role", "secret"), ISSUE)
    assert "canary" not in str(caught.value)
    assert len(manager.seen) == 1


@pytest.mark.parametrize(
    ("login", "seconds"), [(TOKEN, 1.0), (Login(None, "role", "secret"), 3.0)], ids=["one request", "both together"]
)
def test_an_answer_that_comes_byte_by_byte(
    manager: Manager, login: Login, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer takes 2 seconds, and no byte of it keeps the run waiting for long."""
    monkeypatch.setattr(openbao, "_SECONDS", seconds)
    for path, answer in (("auth/approle/login", {"auth": {"client_token": "t"}}), (ISSUE.path, GOOD)):
        manager.answers[f"/v1/{path}"] = (200, json.dumps(answer).encode().ljust(200))
    manager.pause = 0.01
    with pytest.raises(IssuerUnavailable, match=r"(?i)timeout"):
        issued(issuer(manager), login, ISSUE)
