# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and kept secrets from OpenBao, or from Vault, which has the same interface (HTTP API, secrets engines
"ssh", "pki" and "kv").

1. Connect to the server of the URL. It proves itself by its certificate before a secret is sent.
2. Without a token: log in with AppRole, which answers with a token.
3. Order a certificate: `MOUNT/issue/ROLE` answers with a new key and its certificate, `MOUNT/sign/ROLE` with a
   certificate for a given key. Or read a secret: `MOUNT/data/NAME` in KV version 2, `MOUNT/NAME` in version 1.
4. Read the answer, of limited size. An answer without a certificate, or without the field, is refused.

All secrets stay in memory. No redirect is followed and no proxy is used: only the server of the URL gets the token.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from contextlib import closing
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import quote, urlsplit

from ..errors import (
    InvalidRequest,
    IssuerRefused,
    IssuerUnavailable,
    IssuerUnproven,
    SecretUnavailable,
    SyncError,
    TrustStoreUnreadable,
)
from ..model.endpoint import Credentials, TlsTrust
from ..tls.context import client_context

_SECONDS = 30.0
"""For all requests together."""
_LARGEST = 1 << 20
_LONGEST_FACT = 200
_HEADER_SAFE = re.compile(r"[!-~]+\Z", re.ASCII)
_BUSY = (429, 472, 473)
"""Too many requests; a standby that does not answer for the active server."""
_UNAVAILABLE_CURE = "Check %s.url, the network and egress, and that the secrets manager is running and unsealed."
_UNPROVEN_CURE = "Verify that this is your server. Then set %s.ca_file to the certificate of its authority."
_LOGIN_CURE = "Set role_id and the secret ID of %s to a login that is valid, and deploy a job again."
_ORDER_CURE = (
    "Give the login the right to update %s, and compare the principals and the time with the limits of the role. If "
    "the login has ended, set another login, and deploy the job again."
)
_READ_CURE = "Give the login the right to read %s. If the login has ended, set another."
_RIGHT_CURE = "Give the login the right to update %s."
_WRAPPED, _UNWRAP = {"X-Vault-Wrap-TTL": "120"}, "sys/wrapping/unwrap"
_PATH_CURE = "Set %s.path as in the policy: MOUNT/data/NAME in KV version 2, MOUNT/NAME in version 1."


class Issuer(NamedTuple):
    """url: https://HOST[:PORT]; ca_file: None for the authorities of the system; option: of all this, in errors."""

    url: str
    ca_file: Optional[str] = None
    option: str = "certificate"


class Login(NamedTuple):
    """A token, or the two halves of AppRole, whose mount is `auth_path`. Secrets never show in repr."""

    token: Optional[str] = None
    role_id: Optional[str] = None
    secret_id: Optional[str] = None
    auth_path: str = "approle"

    def __repr__(self) -> str:
        return f"Login(auth_path={self.auth_path!r})"


class Order(NamedTuple):
    """path: MOUNT/issue/ROLE or MOUNT/sign/ROLE
    principals: none for the default of the role; the common name of a certificate for TLS
    ttl: seconds; None for the default of the role
    public_key: to sign; None for a new key
    tls: whether it is a certificate for TLS in place of SSH, with a new key
    """

    path: str
    principals: Sequence[str] = ()
    ttl: Optional[int] = None
    public_key: Optional[str] = None
    tls: bool = False


class Issued(NamedTuple):
    """private_key: None if the certificate is for a key of the order."""

    certificate: str
    private_key: Optional[str] = None


def issued(issuer: Issuer, login: Login, order: Order) -> Issued:
    """Return a new certificate.

    Raises InvalidRequest, IssuerUnproven, IssuerRefused, IssuerUnavailable, TrustStoreUnreadable.
    """
    answer = _answer(issuer, login, order.path, _fields(order), _ORDER_CURE % order.path)
    data = _part(answer, "data")
    if order.tls:
        chain = data.get("ca_chain")
        above = [each for each in chain if isinstance(each, str)] if isinstance(chain, list) else []
        return Issued("\n".join([_text(issuer, data, "certificate"), *above]), _text(issuer, data, "private_key"))
    key = None if order.public_key is not None else _text(issuer, data, "private_key")
    return Issued(_text(issuer, data, "signed_key").strip(), key)


def kept(issuer: Issuer, login: Login, path: str, field: str) -> str:
    """Return a field of a secret in a KV engine of either version. Raises SecretUnavailable, and as `issued`."""
    data = _part(_answer(issuer, login, path, None, _READ_CURE % path), "data")
    if "version" in _part(data, "metadata") and isinstance(data.get("data"), dict):
        data = data["data"]
    text = data.get(field)
    if not isinstance(text, str):
        fact = "is no text" if field in data else "does not exist"
        raise SecretUnavailable(
            f"{issuer.option}.field: {field} of {path} {fact}", cure=f"Set {issuer.option}.field to the name of a text."
        )
    return text


class Session(NamedTuple):
    """A login by AppRole. role: its name, by which the paths of its secret IDs begin"""

    issuer: Issuer
    token: str
    role: str

    @classmethod
    def begin(cls, issuer: Issuer, login: Login) -> Session:
        """Log in. Raises as `kept`."""
        auth = _logged_in(issuer, login, time.monotonic() + _SECONDS)
        token, name = _text(issuer, auth, "client_token"), _text(issuer, _part(auth, "metadata"), "role_name")
        return cls(issuer, token, f"auth/{login.auth_path}/role/{quote(name, safe='')}")

    def ask(self, path: str, fields: Dict[str, Any]) -> Dict[str, Any]:
        return _part(
            _asked(self.issuer, path, fields, self._until(), token=self.token, cure=_RIGHT_CURE % path), "data"
        )

    def wrapped(self, path: str, field: str) -> str:
        """Return a field of an answer that comes in a token for one reading. An answer of another path is refused."""
        until, cure = self._until(), _RIGHT_CURE % path
        found = _part(_asked(self.issuer, path, {}, until, token=self.token, cure=cure, wrapped=True), "wrap_info")
        if found.get("creation_path") != path:
            raise _unavailable(self.issuer, "the answer has no wrap_info of this path")
        token = _given(self.issuer, _text(self.issuer, found, "token"))
        data = _part(_asked(self.issuer, _UNWRAP, {}, until, token=token, cure=cure), "data")
        return _text(self.issuer, data, field).strip()

    @staticmethod
    def _until() -> float:
        return time.monotonic() + _SECONDS


def _answer(issuer: Issuer, login: Login, path: str, fields: Optional[Dict[str, Any]], cure: str) -> Dict[str, Any]:
    """Log in, and return the answer to a request; without fields, it reads. cure: for a refusal."""
    until = time.monotonic() + _SECONDS
    given = None if login.token is None else _given(issuer, login.token)
    token = _logged_in(issuer, login, until)["client_token"] if given is None else given
    return _asked(issuer, path, fields, until, token=token, cure=cure)


def _given(issuer: Issuer, token: str) -> str:
    if not _HEADER_SAFE.match(token):
        raise InvalidRequest(
            f"{issuer.option}: the token has spaces, line ends or other characters that are not printable ASCII",
            cure=f"Give {issuer.option} the token alone.",
        )
    return token


def _logged_in(issuer: Issuer, login: Login, until: float) -> Dict[str, Any]:
    """Return the answer to a login by AppRole, with its token."""
    halves = {"role_id": login.role_id, "secret_id": login.secret_id}
    cure = _LOGIN_CURE % issuer.option
    auth = _part(_asked(issuer, f"auth/{login.auth_path}/login", halves, until, token=None, cure=cure), "auth")
    if not _HEADER_SAFE.match(_text(issuer, auth, "client_token")):
        raise _unavailable(issuer, "the answer has an unusable client_token")
    return auth


def _fields(order: Order) -> Dict[str, Any]:
    fields: Dict[str, Any] = {} if order.ttl is None else {"ttl": order.ttl}
    if order.tls:
        return {**fields, "common_name": order.principals[0]}
    fields["cert_type"] = "user"
    if order.principals:
        fields["valid_principals"] = ",".join(order.principals)
    key = {"key_type": "ed25519"} if order.public_key is None else {"public_key": order.public_key}
    return {**fields, **key}


def _asked(
    issuer: Issuer,
    path: str,
    fields: Optional[Dict[str, Any]],
    until: float,
    *,
    token: Optional[str],
    cure: str,
    wrapped: bool = False,
) -> Dict[str, Any]:
    """Return the answer to a request. until: on the monotonic clock; cure: for a refusal."""
    where = urlsplit(issuer.url).netloc
    try:
        connection = _connection(issuer, until)
        headers = {**({} if token is None else {"X-Vault-Token": token}), **(_WRAPPED if wrapped else {})}
        status, content = _exchanged(connection, path, None if fields is None else json.dumps(fields), headers)
    except ssl.SSLCertVerificationError as error:
        fact = f"{issuer.option}: {where}: {error.verify_message}"
        raise IssuerUnproven(fact, cure=_UNPROVEN_CURE % issuer.option) from None
    except (OSError, http.client.HTTPException) as error:
        raise _unavailable(issuer, f"{where}: {getattr(error, 'strerror', None) or type(error).__name__}") from None
    answer = _object(content)
    if status in (http.client.OK, http.client.NO_CONTENT):
        return answer
    fact = f"{where}: {path}: {_fact(status, answer)}"
    if fields is None and status == http.client.NOT_FOUND:
        raise SecretUnavailable(f"{issuer.option}: {fact}", cure=_PATH_CURE % issuer.option)
    if 400 <= status < 500 and status not in _BUSY:
        raise IssuerRefused(f"{issuer.option}: {fact}", cure=cure)
    raise _unavailable(issuer, fact)


def _unavailable(issuer: Issuer, fact: str) -> SyncError:
    return IssuerUnavailable(f"{issuer.option}: {fact}", cure=_UNAVAILABLE_CURE % issuer.option)


def _context(issuer: Issuer) -> ssl.SSLContext:
    try:
        return client_context(TlsTrust(ca_file=issuer.ca_file), Credentials())
    except TrustStoreUnreadable as error:
        raise TrustStoreUnreadable(f"{issuer.option}.{error.message}", cure=error.cure) from None


def _connection(issuer: Issuer, until: float) -> http.client.HTTPSConnection:
    """Return a connection that ends by a time of the monotonic clock: the limit of a socket is for each read alone."""

    class Limited(ssl.SSLSocket):
        def recv_into(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(_left(until))
            return super().recv_into(*arguments, **options)

    context = _context(issuer)
    context.sslsocket_class = Limited
    url = urlsplit(issuer.url)
    return http.client.HTTPSConnection(url.hostname or "", url.port or 443, timeout=_left(until), context=context)


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _exchanged(
    connection: http.client.HTTPSConnection, path: str, body: Optional[str], headers: Dict[str, str]
) -> Tuple[int, bytes]:
    headers = {"Content-Type": "application/json", **headers}
    with closing(connection):
        connection.request("GET" if body is None else "POST", "/v1/" + path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_LARGEST)


def _fact(status: int, answer: Dict[str, Any]) -> str:
    """Return the reasons of the server, in ASCII: they are from outside."""
    reasons = answer.get("errors") or answer.get("warnings")
    words = "; ".join(each for each in reasons if isinstance(each, str)) if isinstance(reasons, list) else ""
    shown = ascii(" ".join(words.split()))[1:-1][:_LONGEST_FACT]
    return "status %d%s" % (status, ", " + shown if shown else "")


def _object(content: bytes) -> Dict[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _part(answer: Dict[str, Any], name: str) -> Dict[str, Any]:
    part = answer.get(name)
    return part if isinstance(part, dict) else {}


def _text(issuer: Issuer, part: Dict[str, Any], name: str) -> str:
    text = part.get(name)
    if not isinstance(text, str) or not text.strip():
        raise _unavailable(issuer, f"the answer has no {name}")
    return text
