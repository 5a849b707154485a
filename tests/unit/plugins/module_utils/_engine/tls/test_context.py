# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSLContext: its requirements, and the files that it refuses."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    PrivateKeyUnusable,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Credentials, TlsTrust
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls import context as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.context import (
    client_context,
    offer_no_more_than,
)
from support.servers.tls_authority import Authority, Certificate, authority

NOTHING = Credentials()


def trust(**changes: Any) -> TlsTrust:
    return TlsTrust(**{"ca_file": str(authority().file), **changes})


def test_chain_and_name_are_always_demanded() -> None:
    for asked in (trust(), TlsTrust()):
        context = client_context(asked, NOTHING)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_keys_are_not_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert client_context(trust(), NOTHING).keylog_filename is None


def test_version_and_ciphers() -> None:
    context = client_context(trust(min_version="1.3", ciphers="ECDHE-RSA-AES128-GCM-SHA256"), NOTHING)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    names = [cipher["name"] for cipher in context.get_ciphers() if cipher["protocol"] != "TLSv1.3"]
    assert names == ["ECDHE-RSA-AES128-GCM-SHA256"]
    with pytest.raises(InvalidRequest, match="NO-SUCH"):
        client_context(trust(ciphers="NO-SUCH"), NOTHING)


def hello(context: ssl.SSLContext) -> bytes:
    """The first bytes that a connection sends."""
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="127.0.0.1").do_handshake()
    return sent.read()


def test_what_a_server_does_not_have_is_not_offered_again() -> None:
    context = client_context(trust(), NOTHING)
    whole = len(hello(context))
    offer_no_more_than(context, "TLSv1.3")
    assert context.maximum_version is ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert len(hello(context)) == whole
    offer_no_more_than(context, "TLSv1.2")
    assert context.maximum_version is ssl.TLSVersion.TLSv1_2
    assert len(hello(context)) < whole  # no key is sent ahead
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("case", ["missing", "directory", "empty", "no pem", "broken pem"])
def test_an_unusable_ca_file_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if case == "directory":
        path.mkdir()
    elif case != "missing":
        begin = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        path.write_text({"empty": "", "no pem": "hello\n", "broken pem": begin}[case])
    with pytest.raises(TrustStoreUnreadable) as caught:
        client_context(trust(ca_file=str(path)), NOTHING)
    assert caught.value.code == "trust_store_unreadable"
    assert str(path) in caught.value.message


def test_a_relative_path_is_shown_as_it_was_tried() -> None:
    with pytest.raises(TrustStoreUnreadable, match=f"{Path.cwd()}/missing cannot be used: No such file"):
        client_context(trust(ca_file="missing"), NOTHING)
    with pytest.raises(PrivateKeyUnusable, match=f"cannot be read: {Path.cwd()}/a or {Path.cwd()}/b: No such file"):
        client_context(trust(client_cert_file="a", client_key_file="b"), NOTHING)


def test_client_certificate_with_encrypted_key() -> None:
    client = authority().client(passphrase="open sesame")
    asked = trust(client_cert_file=str(client.chain), client_key_file=str(client.key))
    client_context(asked, Credentials(client_key_passphrase="open sesame"))
    with pytest.raises(PrivateKeyUnusable, match="does not decrypt") as caught:
        client_context(asked, Credentials(client_key_passphrase="open barley"))
    assert "barley" not in caught.value.message + caught.value.cure


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
def test_client_certificate_in_memory(passphrase: str) -> None:
    own, other = authority().client(passphrase=passphrase), authority().client()
    key, chain = own.key.read_text(), own.chain.read_text()
    client_context(trust(), Credentials(private_key=key, certificate=chain, client_key_passphrase=passphrase or None))
    for bad in (
        Credentials(private_key=other.key.read_text(), certificate=chain),
        Credentials(private_key=key, certificate="-----BEGIN CERTIFICATE-----\n"),
        Credentials(private_key="-----BEGIN stand-in", certificate=chain),
        *([Credentials(private_key=key, certificate=chain, client_key_passphrase="open barley")] if passphrase else []),
        *([Credentials(private_key=key, certificate=chain)] if passphrase else []),
    ):
        with pytest.raises(PrivateKeyUnusable, match=r"^private_key: and certificate are not a key and its") as caught:
            client_context(trust(), bad)
        assert "client_key_passphrase" in caught.value.cure


def test_an_encrypted_key_without_passphrase_never_prompts() -> None:
    client = authority().client(passphrase="open sesame")
    asked = trust(client_cert_file=str(client.chain), client_key_file=str(client.key))
    with pytest.raises(PrivateKeyUnusable, match="is encrypted") as caught:
        client_context(asked, NOTHING)
    assert "client_key_passphrase" in caught.value.cure


def test_a_passphrase_that_openssl_cannot_take() -> None:
    client = authority().client(passphrase="open sesame")
    asked = trust(client_cert_file=str(client.chain), client_key_file=str(client.key))
    with pytest.raises(PrivateKeyUnusable, match="too long"):
        client_context(asked, Credentials(client_key_passphrase="x" * 5000))


def test_files_of_the_client_that_do_not_fit(tmp_path: Path) -> None:
    one, other = authority().client(), authority().client()
    with pytest.raises(PrivateKeyUnusable, match="not the key of"):
        client_context(trust(client_cert_file=str(one.chain), client_key_file=str(other.key)), NOTHING)
    with pytest.raises(PrivateKeyUnusable, match="cannot be read"):
        client_context(trust(client_cert_file=str(tmp_path / "none")), NOTHING)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(PrivateKeyUnusable, match="holds no client certificate"):
        client_context(trust(client_cert_file=str(tmp_path / "text")), NOTHING)
    with pytest.raises(InvalidRequest, match="needs a client certificate"):
        client_context(trust(client_key_file=str(one.key)), NOTHING)


def test_key_may_stand_in_the_file_of_the_certificate() -> None:
    client_context(trust(client_cert_file=os.fspath(authority().client().combined)), NOTHING)


def connected(context: ssl.SSLContext, certificate: Certificate) -> tuple[ssl.SSLObject, ssl.MemoryBIO]:
    """Return a client behind its handshake with a server in this process, and the bytes that it is going to read."""
    accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    accepting.load_cert_chain(certificate.chain, certificate.key)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    server = accepting.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client, to_client


class Lenient(ssl.SSLContext):
    """A context that takes a cut for a good end, as some versions of Python make it."""

    def __new__(cls, protocol: int) -> Lenient:
        made = super().__new__(cls, protocol)
        made.options |= 0x80
        return made


@pytest.mark.parametrize("made_by", [ssl.SSLContext, Lenient])
def test_a_connection_that_is_cut_is_an_error(monkeypatch: pytest.MonkeyPatch, made_by: type[ssl.SSLContext]) -> None:
    monkeypatch.setattr(subject, "ssl", SimpleNamespace(**{**vars(ssl), "SSLContext": made_by}))
    client, to_client = connected(client_context(trust(), NOTHING), authority().server())
    to_client.write_eof()
    with pytest.raises(ssl.SSLEOFError):
        client.read()


def test_an_intermediate_authority_can_be_the_trust() -> None:
    between = Authority("between", above=Authority("above"))
    client, _to_client = connected(client_context(trust(ca_file=str(between.file)), NOTHING), between.server())
    assert client.version() == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(client_context(trust(ca_file=str(between.file)), NOTHING), authority().server())
