# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is proven to whom by TLS, on real servers: every bad certificate is refused before a name or password is sent."""

from __future__ import annotations

import dataclasses
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import params
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.session import FtpsSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.engine import sync
from support.running.patience import HANG_SECONDS
from support.servers.ftps_server import FtpsServer, credentials_of, endpoint_of, ftps_task, trust_of
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.pure_ftpd import PureFtpd
from support.servers.tls_authority import EXPIRED, NOT_YET_VALID, Authority, Certificate, authority, self_signed
from support.servers.vsftpd import Vsftpd
from support.trees.trees import make_sample, tree_digest

Make = Callable[[], Certificate]

WITNESS = b"witness"
PASSPHRASE = "open sesame"
WRONG_PIN = f"sha256//{'A' * 43}="
BACKUP_PIN = f"sha256//{'B' * 43}="
DATA_CONNECTIONS = 200

BAD: dict[str, tuple[Make, str]] = {
    "self-signed": (self_signed, "certificate_untrusted"),
    "wrong authority": (lambda: Authority("others").server(), "certificate_untrusted"),
    "wrong address": (lambda: authority().server("127.0.0.2"), "certificate_name_mismatch"),
    "wrong name": (lambda: authority().server("files.example.com"), "certificate_name_mismatch"),
    "expired": (lambda: authority().server(validity=EXPIRED), "certificate_expired"),
    "not yet valid": (lambda: authority().server(validity=NOT_YET_VALID), "certificate_not_yet_valid"),
    "of a client": (lambda: authority().client("127.0.0.1"), "certificate_untrusted"),
    "the authority itself expired": (
        lambda: Authority("late", above=authority(), validity=EXPIRED).server(),
        "certificate_expired",
    ),
}

strict = pytest.mark.parametrize("kind", [Vsftpd, ProftpdFtps])
every = pytest.mark.parametrize("kind", [Vsftpd, ProftpdFtps, PureFtpd])
modes = pytest.mark.parametrize("implicit", [False, True], ids=["explicit", "implicit"])
versions = pytest.mark.parametrize("version", ["1.2", "1.3"])


@contextmanager
def session(
    server: FtpsServer, *, passphrase: str | None = None, host: str = "", **trust: Any
) -> Iterator[FtpsSession]:
    """A session that has logged in."""
    made = FtpsSession(
        endpoint_of(server, host=host or server.host, connect_timeout=20, stall_timeout=20),
        credentials_of(server, client_key_passphrase=passphrase),
        trust_of(server, **trust),
    )
    try:
        made.login()
        yield made
    finally:
        made.close()


def refusal(server: FtpsServer, **options: Any) -> SyncError:
    """How the login ends, which must not go well."""
    with pytest.raises(SyncError) as caught, session(server, **options):
        pass
    return caught.value


def log_in_as_witness(server: FtpsServer) -> str:
    """Send a USER by a connection without checks, and return the transcript that shows it.

    A transcript without the account's name is therefore significant.
    """
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((server.host, server.port), timeout=20) as plain:
        if not server.options.implicit:
            plain.recv(1000)
            plain.sendall(b"AUTH TLS\r\n")
            plain.recv(1000)
        with context.wrap_socket(plain) as connection:
            if server.options.implicit:
                connection.recv(1000)
            connection.sendall(b"USER %b\r\n" % WITNESS)
            deadline = time.monotonic() + HANG_SECONDS
            while WITNESS.decode() not in (transcript := server.transcript()):
                assert time.monotonic() < deadline, f"no USER of the witness in:\n{transcript}"
                time.sleep(0.02)
    return transcript


def assert_no_user_arrived(server: FtpsServer) -> str:
    """Return the transcript, which has the connection of the witness too."""
    transcript = log_in_as_witness(server)
    assert server.user not in transcript, transcript
    assert transcript.upper().count("USER ") == 1, transcript
    return transcript


@versions
@modes
@strict
@pytest.mark.parametrize("case", BAD)
def test_a_bad_certificate_is_refused_before_user(
    kind: type[FtpsServer], case: str, implicit: bool, version: str
) -> None:
    make, code = BAD[case]
    with kind(certificate=make(), implicit=implicit, versions=(version,)) as server:
        error = refusal(server)
        assert (error.code, error.retryable) == (code, False), error.message
        assert error.cure
        assert_no_user_arrived(server)


@pytest.mark.parametrize("direction", ["push", "pull"])
@pytest.mark.parametrize("case", [*BAD, "wrong pin"])
def test_a_task_ends_there_and_moves_nothing(case: str, direction: str, tmp_path: Path) -> None:
    make, code = BAD.get(case, (authority().server, "tls_pin_mismatch"))
    with Vsftpd(certificate=make()) as server:
        near = tmp_path / "near"
        for place in (near, server.root):
            make_sample(place)
        before = [tree_digest(place) for place in (near, server.root)]
        options = {"tls_pins": [WRONG_PIN]} if case == "wrong pin" else {}
        sides = {"src": str(near)} if direction == "push" else {"src": server.remote_root, "dest": str(near)}
        task = ftps_task(server, direction=direction, state_dir=str(tmp_path / "state"), **sides, **options)
        report = sync(params.sync_request(task, check_mode=False))
        assert report.error is not None
        assert (report.error.code, report.outcomes) == (code, ())
        assert [tree_digest(place) for place in (near, server.root)] == before
        # The same certificate would be there at every further attempt.
        assert assert_no_user_arrived(server).count("CONNECT") == 2


@modes
@strict
def test_a_user_that_arrived_would_be_seen(kind: type[FtpsServer], implicit: bool) -> None:
    with kind(implicit=implicit) as server:
        with session(server) as logged_in:
            logged_in.noop()
        with pytest.raises(AssertionError):
            assert_no_user_arrived(server)


@versions
@modes
@strict
def test_a_pin_that_does_not_match_is_refused_before_user(kind: type[FtpsServer], implicit: bool, version: str) -> None:
    with kind(implicit=implicit, versions=(version,)) as server:
        error = refusal(server, pins=(WRONG_PIN, BACKUP_PIN))
        assert error.code == "tls_pin_mismatch"
        assert server.certificate.pin in error.message + error.cure, "the observed pin is not told"
        assert_no_user_arrived(server)


@versions
@modes
@strict
def test_one_pin_of_several_is_enough(kind: type[FtpsServer], implicit: bool, version: str) -> None:
    with kind(implicit=implicit, versions=(version,)) as server:
        with session(server, pins=(WRONG_PIN, server.certificate.pin)) as logged_in:
            identity = logged_in.identity
        assert identity.protocol == f"TLSv{version}"
        assert identity.certificate_pin == server.certificate.pin
        assert identity.certificate_fingerprint == server.certificate.fingerprint


@strict
def test_a_pin_does_not_stand_for_the_chain(kind: type[FtpsServer]) -> None:
    certificate = self_signed()
    with kind(certificate=certificate) as server:
        assert refusal(server, pins=(certificate.pin,)).code == "certificate_untrusted"
        assert_no_user_arrived(server)
        with session(server, pins=(certificate.pin,), ca_file=str(certificate.chain)) as logged_in:
            assert logged_in.identity.certificate_pin == certificate.pin


@every
@pytest.mark.parametrize("key", ["rsa", "rsa3072", "ecdsa", "ed25519"])
def test_any_kind_of_key_is_proven_and_pinned(kind: type[FtpsServer], key: str) -> None:
    certificate = authority().server(kind=key)
    with kind(certificate=certificate) as server, session(server, pins=(certificate.pin,)) as logged_in:
        assert logged_in.identity.certificate_pin == certificate.pin


@every
def test_an_intermediate_authority_is_followed_if_the_server_shows_it(kind: type[FtpsServer], tmp_path: Path) -> None:
    certificate = Authority("between", above=authority()).server(kind="rsa")
    with kind(certificate=certificate) as server, session(server) as logged_in:
        assert logged_in.identity.certificate_pin == certificate.pin
    alone = tmp_path / "alone.pem"
    alone.write_text(certificate.key.read_text() + ssl.DER_cert_to_PEM_cert(certificate.der))
    with kind(certificate=dataclasses.replace(certificate, chain=alone, combined=alone)) as server:
        assert refusal(server).code == "certificate_untrusted"
        assert server.user not in server.transcript()


@strict
def test_the_name_counts_as_it_was_asked_for(kind: type[FtpsServer]) -> None:
    with kind(certificate=authority().server("localhost")) as server:
        with session(server, host="localhost") as logged_in:
            assert logged_in.identity.certificate_subject == "CN=localhost"
        assert refusal(server, host="127.0.0.1").code == "certificate_name_mismatch"


@strict
def test_what_proves_servers_must_be_readable(kind: type[FtpsServer], tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "rubbish").write_bytes(os.urandom(500))
    with kind() as server:
        for name in ("missing", "empty", "rubbish"):
            assert refusal(server, ca_file=str(tmp_path / name)).code == "trust_store_unreadable"
        assert_no_user_arrived(server)


@strict
def test_a_refusal_names_the_file_that_decided(kind: type[FtpsServer]) -> None:
    others = str(Authority("others").file)
    with kind() as server:
        by_file = refusal(server, ca_file=others)
        by_system = refusal(server, ca_file=None)  # the system's store does not know the authority of a test
        assert (by_file.code, by_system.code) == ("certificate_untrusted", "certificate_untrusted")
        assert f"(ca_file: {others})" in by_file.message
        assert "(ca_file: not set, " in by_system.message
        assert_no_user_arrived(server)


@modes
@strict
def test_an_old_version_is_refused_before_user(kind: type[FtpsServer], implicit: bool) -> None:
    with kind(implicit=implicit, versions=("1.2",)) as server:
        assert refusal(server, min_version="1.3").code == "tls_failed"
        assert_no_user_arrived(server)
        with session(server, min_version="1.2") as logged_in:
            assert logged_in.identity.protocol == "TLSv1.2"


@versions
@modes
@strict
def test_the_server_decides_on_the_client_certificate(kind: type[FtpsServer], implicit: bool, version: str) -> None:
    clients = Authority("clients")
    refused = {
        "none": None,
        "wrong authority": Authority("strangers").client(),
        "expired": clients.client(validity=EXPIRED),
        "not yet valid": clients.client(validity=NOT_YET_VALID),
    }
    with kind(client_authority=clients, implicit=implicit, versions=(version,)) as server:
        for case, certificate in refused.items():
            error = refusal(server, **shown(certificate))
            assert (error.code, error.retryable) == ("authentication_failed", False), (case, error.message)
            assert "client_cert_file" in error.cure, (case, error.cure)
        assert "PASS" not in server.transcript().upper()
        good = clients.client()
        with session(server, **shown(good)) as logged_in:
            logged_in.noop()
        with session(server, client_cert_file=str(good.combined)) as logged_in:
            logged_in.noop()


@versions
@strict
def test_an_encrypted_client_key_needs_its_passphrase(kind: type[FtpsServer], version: str) -> None:
    clients = Authority("clients")
    locked = clients.client(passphrase=PASSPHRASE)
    with kind(client_authority=clients, versions=(version,)) as server:
        for passphrase in (None, "", "close sesame"):
            error = refusal(server, passphrase=passphrase, **shown(locked))
            assert error.code == "private_key_unusable"
            assert "client_key_passphrase" in error.cure
            assert PASSPHRASE not in error.message + error.cure
        with session(server, passphrase=PASSPHRASE, **shown(locked)) as logged_in:
            logged_in.noop()
        other = clients.client()
        mixed = {"client_cert_file": str(other.chain), "client_key_file": str(clients.client().key)}
        assert refusal(server, **mixed).code == "private_key_unusable"


def shown(certificate: Certificate | None) -> dict[str, str]:
    """The parts of the trust that show `certificate` to the server."""
    if certificate is None:
        return {}
    return {"client_cert_file": str(certificate.chain), "client_key_file": str(certificate.key)}


@versions
@every
def test_data_connections_in_a_row_are_proven(kind: type[FtpsServer], version: str) -> None:
    content = os.urandom(4096)
    with kind(versions=(version,)) as server, session(server) as logged_in:
        started = time.monotonic()
        view = memoryview(bytearray(65536))
        for number in range(DATA_CONNECTIONS // 2):
            path = f"{server.remote_root}/{number}".encode()
            writer = logged_in.store(path)
            writer.send(content)
            writer.finish()
            reader = logged_in.retrieve(path)
            got = bytearray()
            while count := reader.read_into(view):
                got += view[:count]
            reader.finish()
            assert got == content
        taken = time.monotonic() - started
        assert sorted(path.name for path in server.root.iterdir()) == sorted(map(str, range(DATA_CONNECTIONS // 2)))
        assert all(path.read_bytes() == content for path in server.root.iterdir())
        # With TLS 1.3 pure-ftpd gives no ticket to resume by: there the same certificate proves the data channel.
        resumed = (kind, version) != (PureFtpd, "1.3")
        assert logged_in.identity.data_channel_resumed is resumed
    each, words = taken / DATA_CONNECTIONS * 1000, "all resumed" if resumed else "proven by the certificate"
    print(f"{DATA_CONNECTIONS} data connections with {kind.__name__} and TLS {version}, {words}: {each:.1f} ms each")
