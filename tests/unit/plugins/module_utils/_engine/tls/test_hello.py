# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ClientHello and the server's first flight: OpenSSL's own server judges the former, invented bytes test the latter."""

from __future__ import annotations

import ssl
import struct

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.groups import groups_for
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.hello import (
    Answer,
    Offer,
    ServerFlight,
    client_hello,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.suites import (
    SSL3,
    TLS10,
    TLS12,
    TLS13,
    suite_name,
    suites_for,
)
from hypothesis import given
from hypothesis import strategies as st
from support.scripted.hello_server import server_flight
from support.servers.tls_authority import authority

CERTIFICATE = authority().server()


def openssl_says(hello: bytes) -> bytes:
    """Return the answer of OpenSSL as a server, without a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE.combined)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(hello)
    with pytest.raises(ssl.SSLError):
        server.do_handshake()
    return outgoing.read()


def flight_of(data: bytes, step: int = 0) -> ServerFlight:
    """Return the flight that was fed with the bytes, `step` at a time."""
    flight = ServerFlight()
    for at in range(0, len(data), step or len(data) or 1):
        flight.feed(data[at : at + (step or len(data))])
    return flight


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("host", ["", "127.0.0.1", "ftp.example.com"])
def test_openssl_answers_a_hello_of_tls_1_2(host: str, step: int) -> None:
    offer = Offer(TLS12, suites_for(TLS12)[:100], groups_for(tls13=False), host)
    flight = flight_of(openssl_says(client_hello(offer)), step)
    assert flight.done
    assert flight.answer is not None
    assert flight.answer.version == TLS12
    assert flight.answer.suite in offer.suites
    assert flight.answer.group in offer.groups
    assert flight.answer.certificates == (CERTIFICATE.der,)
    assert flight.answer.secure_renegotiation
    assert flight.answer.extended_master_secret
    assert not flight.answer.client_certificate


@pytest.mark.parametrize("group", [0x11EC, 0x001D, 0x0017, 0x0018])
def test_openssl_names_the_group_of_tls_1_3(group: int) -> None:
    answer = flight_of(openssl_says(client_hello(Offer(TLS13, suites_for(TLS13), (group,))))).answer
    assert answer is not None
    assert (answer.version, answer.group) == (TLS13, group)
    assert answer.suite in suites_for(TLS13)


@pytest.mark.parametrize("version", [SSL3, TLS10])
def test_openssl_refuses_what_it_does_not_speak(version: int) -> None:
    flight = flight_of(openssl_says(client_hello(Offer(version, suites_for(version), groups_for(tls13=False)))))
    assert flight.answer is None
    assert flight.alert in (40, 70)
    assert flight.done


def test_a_made_flight_is_read() -> None:
    made = server_flight(SSL3, 0x0033, compression=1, prime_bits=1024, certificates=(b"one", b"two"), asks_client=True)
    answer = flight_of(made, 3).answer
    assert answer == Answer(SSL3, 0x0033, True, None, 1024, (0xFF01, 23), (b"one", b"two"), True)


def test_a_flight_without_extensions() -> None:
    answer = flight_of(server_flight(extensions=b"")).answer
    assert answer is not None
    assert not answer.secure_renegotiation
    assert not answer.extended_master_secret


def test_ssl3_has_no_extensions_and_says_renegotiation_by_a_suite() -> None:
    hello = client_hello(Offer(SSL3, (0x0005,), (0x0017,), "ftp.example.com"))
    assert b"example" not in hello
    assert hello[44:50] == struct.pack("!HHH", 4, 0x0005, 0x00FF)


@pytest.mark.parametrize("data", [b"220 ready\r\n", b"HTTP/1.1 400", b"\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03"])
def test_what_is_no_tls_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        flight_of(data)


def test_a_flight_without_end_is_refused() -> None:
    record = struct.pack("!BHH", 22, 0x0303, 16384) + b"\x0b\xff\xff\xff" + b"\x00" * 16380
    with pytest.raises(ProtocolViolation, match="does not end"):
        flight_of(record * 100)


def test_a_warning_is_no_refusal() -> None:
    flight = flight_of(b"\x15\x03\x03\x00\x02\x01\x70" + server_flight())
    assert flight.answer is not None
    assert flight.alert is None


@given(st.binary(max_size=200), st.integers(0, 120))
def test_strange_bytes_raise_nothing_else(data: bytes, at: int) -> None:
    whole = server_flight(certificates=(b"x" * 20,), prime_bits=64, suite=0x0033)
    for each in (data, b"\x16\x03\x03" + data, whole[:at] + data + whole[at:]):
        try:
            flight_of(each)
        except ProtocolViolation:
            continue


def test_suites_fit_their_version() -> None:
    assert all("_WITH_" not in suite_name(each) for each in suites_for(TLS13))
    assert all("GCM" not in suite_name(each) and "SHA256" not in suite_name(each) for each in suites_for(TLS10))
    assert suite_name(0x0005) == "TLS_RSA_WITH_RC4_128_SHA"
    assert suite_name(0xFEFE) == "0xFEFE"
    assert len(suites_for(TLS12)) > 300


@pytest.mark.parametrize("kind", [19, 24])
def test_a_record_of_another_kind_is_not_tls(kind: int) -> None:
    for usual in (20, 23):
        ServerFlight().feed(bytes((usual, 3, 3, 0, 1, 0)))
    with pytest.raises(ProtocolViolation, match="not TLS"):
        ServerFlight().feed(bytes((kind, 3, 3, 0, 1, 0)))
