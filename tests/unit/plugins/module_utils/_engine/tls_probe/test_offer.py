# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elimination, against servers that only send a first flight: threads of the test on loopback."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    TlsTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.dialer import (
    Dialer,
    Target,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls_probe.offer import (
    Offered,
    offered,
)
from support.scripted.hello_server import HelloServer, server_flight


def look(server: HelloServer) -> Offered:
    """Return the server's offer."""
    endpoint = Endpoint("ftps", server.host, server.port, connect_timeout=5.0, stall_timeout=5.0)
    return offered(Dialer(Target(endpoint, Credentials(), TlsTrust(mode="implicit"), ftp=False, pause=0.0)))


@pytest.mark.parametrize(("version", "name"), [(0x0300, "SSLv3"), (0x0301, "TLSv1"), (0x0303, "TLSv1.2")])
def test_one_version_with_one_suite(version: int, name: str) -> None:
    flight = server_flight(version, 0x0005, extensions=b"", certificates=(b"leaf", b"above"), asks_client=True)
    with HelloServer(version, 0x0005, flight) as server:
        found = look(server)
    (facts,) = found.versions
    assert (facts.version, facts.suites) == (name, ("TLS_RSA_WITH_RC4_128_SHA",))
    assert (facts.secure_renegotiation, facts.extended_master_secret, facts.compression) == (False, False, False)
    assert list(found.chains.values()) == [(b"leaf", b"above")]
    assert found.asks_client is True


def test_a_server_that_chooses_what_was_not_offered_ends_the_search() -> None:
    with HelloServer(0x0303, 0xC02F, server_flight(0x0303, 0xFEFE)) as server:
        assert look(server).versions == []


def test_a_lower_version_than_asked_for_is_not_the_one_asked_for() -> None:
    with HelloServer(0x0303, 0xC02F, server_flight(0x0302, 0xC02F)) as server:
        assert look(server).versions == []


def test_no_tls_at_all() -> None:
    with HelloServer(0x0300, 0x0005, b"220 ready\r\n") as server, pytest.raises(ProtocolViolation, match="not TLS"):
        look(server)
