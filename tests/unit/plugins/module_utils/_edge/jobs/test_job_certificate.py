# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of a job: fields that fit together, and the options that it sets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_certificate import (
    certified,
    explained,
    read_certificate,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.words import failure
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    InvalidRequest,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing import openbao
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.issuing.openbao import (
    Issued,
    Issuer,
    Login,
    Order,
)
from support.servers import ssh_keys

FILE = {"source": "file", "file": "/var/lib/nightly-cert.pub"}
OPENBAO = {"source": "openbao", "url": "https://bao.example.com:8200", "path": "ssh/issue/upload"}
SIGN = {**OPENBAO, "path": "ssh/sign/upload"}
APPROLE = {**OPENBAO, "role_id": "role"}
TOKEN, SECRET_ID = ("certificate.token",), ("certificate.secret_id",)
BY_ECHO = {"command": ["echo", "canary"]}


def ignore(_secret: str) -> None: ...


def test_without_a_certificate() -> None:
    assert read_certificate(None, {"certificate_file": "x"}, ()) is None
    assert certified(None, {"src": "a"}, {"password": "b"}, ignore) == ({"src": "a"}, {"password": "b"})


def test_a_file() -> None:
    values = read_certificate(FILE, {"src": "a"}, ("private_key",))
    ready = certified(values, {"src": "a"}, {"private_key": "KEY"}, ignore)
    assert ready == ({"src": "a", "certificate_file": "/var/lib/nightly-cert.pub"}, {"private_key": "KEY"})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Let the secrets manager issue; return the requests."""
    requests: list[tuple[Any, ...]] = []

    def issued(*request: Any) -> Issued:
        requests.append(request)
        return Issued("CERT", None if request[2].public_key else "KEY")

    monkeypatch.setattr(openbao, "issued", issued)
    return requests


def test_an_issued_key(asked: list[tuple[Any, ...]]) -> None:
    field = {**APPROLE, "principals": ["nightly"], "ttl": 600, "ca_file": "/etc/bao.pem"}
    values = read_certificate(field, {"src": "a"}, SECRET_ID)
    ready = certified(values, {"src": "a"}, {"certificate.secret_id": "canary", "sign.private_key": "S"}, ignore)
    assert ready == ({"src": "a", "certificate": "CERT"}, {"private_key": "KEY", "sign.private_key": "S"})
    assert asked == [
        (
            Issuer("https://bao.example.com:8200", "/etc/bao.pem"),
            Login(None, "role", "canary", "approle"),
            Order("ssh/issue/upload", ["nightly"], 600),
        )
    ]


def test_a_certificate_for_tls(asked: list[tuple[Any, ...]]) -> None:
    options = {"protocol": "ftps"}
    values = read_certificate({**OPENBAO, "path": "pki/issue/upload", "principals": ["nightly"]}, options, TOKEN)
    ready = certified(values, options, {"certificate.token": "canary", "password": "P"}, ignore)
    assert ready == ({**options, "certificate": "CERT"}, {"private_key": "KEY", "password": "P"})
    assert asked[0][2] == Order("pki/issue/upload", ["nightly"], None, None, tls=True)


@pytest.mark.parametrize(
    ("field", "login"),
    [
        ({**OPENBAO, "token_from": BY_ECHO}, Login("canary")),
        ({**APPROLE, "secret_id_from": BY_ECHO}, Login(None, "role", "canary")),
    ],
)
def test_a_login_from_a_source(asked: list[tuple[Any, ...]], field: dict[str, Any], login: Login) -> None:
    hidden: list[str] = []
    values = read_certificate(field, {}, ())
    assert asked == []
    certified(values, {}, {}, hidden.append)
    assert (asked[0][1], hidden) == (login, ["canary"])


def test_a_signed_key(asked: list[tuple[Any, ...]]) -> None:
    key = ssh_keys.key("job")
    secrets = {"certificate.token": "canary", "private_key": key.text}
    ready = certified(read_certificate(SIGN, {}, secrets), {}, secrets, ignore)
    assert ready == ({"certificate": "CERT"}, {"private_key": key.text})
    ((_issuer, login, order),) = asked
    assert (login.token, order.public_key) == ("canary", " ".join(key.public.split()[:2]))


def test_a_key_of_another_form(asked: list[tuple[Any, ...]]) -> None:
    secrets = {"certificate.token": "t", "private_key": "-----BEGIN PRIVATE KEY-----\ncanary\n"}
    with pytest.raises(InvalidRequest, match="is not in OpenSSH's form") as caught:
        certified(read_certificate(SIGN, {}, secrets), {}, secrets, ignore)
    assert "canary" not in caught.value.message
    assert asked == []


@pytest.mark.parametrize(
    ("field", "options", "secrets", "fact"),
    [
        ({}, {}, (), "certificate.source: is required"),
        ({"source": "step"}, {}, (), "certificate.source: 'step' is not a choice"),
        ({"source": "file"}, {}, (), "certificate.file: is required for the source file"),
        ({**FILE, "fil": "x"}, {}, (), "certificate.fil: is not an option"),
        ({**FILE, "url": "https://a"}, {}, (), "certificate.url: has no effect with the source file"),
        (FILE, {"certificate_file": "x"}, (), "options.certificate_file: the job has a certificate of its own"),
        (FILE, {"certificate": "x"}, (), "options.certificate: the job has a certificate of its own"),
        (FILE, {}, TOKEN, "certificate: a file needs no login"),
        ({"source": "openbao", "url": "https://a"}, {}, TOKEN, "certificate.path: is required"),
        ({**OPENBAO, "file": "/x"}, {}, TOKEN, "certificate.file: has no effect with the source openbao"),
        (OPENBAO, {}, (), "certificate: needs one login"),
        (OPENBAO, {}, SECRET_ID, "certificate: needs one login"),
        (APPROLE, {}, TOKEN, "certificate: needs one login"),
        ({**OPENBAO, "token_from": BY_ECHO}, {}, TOKEN, "certificate: needs one login"),
        ({**OPENBAO, "secret_id_from": BY_ECHO}, {}, (), "certificate: needs one login"),
        ({**APPROLE, "token_from": BY_ECHO}, {}, (), "certificate: needs one login"),
        ({**APPROLE, "token_from": BY_ECHO, "secret_id_from": BY_ECHO}, {}, (), "certificate: needs one login"),
        ({**OPENBAO, "token_from": {}}, {}, (), "certificate.token_from: needs either file or command"),
        ({**OPENBAO, "token_from": {"file": "a"}}, {}, (), "certificate.token_from.file: 'a' is not an absolute path"),
        ({**OPENBAO, "token_from": {"file": "/t", "renew": True}}, {}, (), "token_from.renew: is not an option"),
        ({**APPROLE, "secret_id_from": {**BY_ECHO, "renew": True}}, {}, (), "secret_id_from.renew: needs a file"),
        ({**FILE, "token_from": BY_ECHO}, {}, (), "certificate.token_from: has no effect with the source file"),
        (APPROLE, {}, TOKEN + SECRET_ID, "certificate: needs one login"),
        *(
            (field, {"protocol": "ftps"}, (*TOKEN, "private_key"), "certificate: over FTPS, it issues a key")
            for field in (SIGN | {"principals": ["a"]}, OPENBAO, OPENBAO | {"principals": ["a", "b"]})
        ),
        (OPENBAO, {"client_cert_file": "x"}, TOKEN, "options.client_cert_file: the job has a certificate of its own"),
        (OPENBAO, {}, (*TOKEN, "private_key"), "issues a key, and the job has another"),
        (OPENBAO, {"private_key_file": "x"}, TOKEN, "issues a key, and the job has another"),
        (OPENBAO, {"secrets_from": {"private_key": {"file": "/k"}}}, TOKEN, "issues a key, and the job has another"),
        (SIGN, {}, TOKEN, "signs a key, and the job has no private_key"),
        *(
            ({**OPENBAO, "url": url}, {}, TOKEN, "certificate.url: is not https://HOST")
            for url in (
                *("http://a", "https://", "a", "https://a/v1", "https://u@a", "https://a?x", "https://a b"),
                *("https://a:0x", "https://a:99999", "https://[::1", "https://a\r\nX: y"),
            )
        ),
        *(
            ({**OPENBAO, "path": path}, {}, TOKEN, "certificate.path: is not MOUNT/issue/ROLE")
            for path in (
                "ssh/creds/a",
                "issue/a",
                "ssh/issue/",
                "../issue/a",
                "ssh/issue/..",
                "s/issue/a?b",
                "/s/issue/a",
            )
        ),
        ({**APPROLE, "auth_path": "../sys"}, {}, SECRET_ID, "certificate.auth_path: is not the path of a mount"),
        ({**OPENBAO, "principals": ["a,b"]}, {}, TOKEN, "certificate.principals: 'a,b' is not a name"),
        ({**OPENBAO, "ttl": 0}, {}, TOKEN, "certificate.ttl: is out of range"),
        ({**OPENBAO, "ttl": "10m"}, {}, TOKEN, "certificate.ttl: is not a whole number"),
    ],
)
def test_refused(field: dict[str, Any], options: dict[str, Any], secrets: tuple[str, ...], fact: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_certificate(field, options, secrets)
    assert fact in caught.value.message
    assert caught.value.cure


@pytest.mark.parametrize(
    ("field", "secrets", "cure"),
    [(FILE, (), "Check the program that renews certificate.file"), (OPENBAO, TOKEN, "Set certificate.ttl")],
)
def test_the_cure_of_a_certificate_that_has_ended(field: dict[str, Any], secrets: tuple[str, ...], cure: str) -> None:
    values = read_certificate(field, {}, secrets)
    for reason in ("refused; certificate: ended at 2026-01-01T00:00:00Z", "server: refused (certificate expired)"):
        result = failure(AuthenticationFailed(reason, cure="Other."))
        found = explained(result, values)
        assert found["error"]["cure"].startswith(cure)
        assert found["msg"] == "%s. %s" % (result["error"]["message"], found["error"]["cure"])
        assert explained(result, None) is result
    for other in (
        failure(AuthenticationFailed("refused; certificate: has the principals a", cure="Other.")),
        failure(InvalidRequest("certificate: ended at 2026-01-01T00:00:00Z", cure="Other.")),
        {"failed": False, "msg": "nothing to do"},
    ):
        assert explained(other, values) is other
