# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a peer's connection."""

from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import TlsFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.spki import observe
from support.servers.tls_authority import authority

CERTIFICATE = authority().server()


def connection(der: bytes, fields: dict[str, Any]) -> ssl.SSLSocket:
    """Return a connection with these properties. Real connections: tests/integration/test_ftps_certificates.py."""
    made = SimpleNamespace(
        getpeercert=lambda binary_form=False: der if binary_form else fields,
        cipher=lambda: ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256),
        version=lambda: "TLSv1.3",
    )
    return cast("ssl.SSLSocket", made)


def test_what_is_known_about_a_peer() -> None:
    fields = {
        "subject": ((("commonName", "files.example"),), (("organizationName", "A\x1bB"),), (("serialNumber", "7"),)),
        "notAfter": "Jan 31 12:00:00 2027 GMT",
    }
    peer = observe(connection(CERTIFICATE.der, fields))
    assert peer.pin == CERTIFICATE.pin
    assert peer.fingerprint.startswith("SHA256:")
    assert peer.subject == "CN=files.example, O=A\\x1bB, serialNumber=7"
    assert peer.expires == "2027-01-31T12:00:00Z"
    assert (peer.protocol, peer.cipher) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")


def test_without_fields_the_rest_is_known() -> None:
    peer = observe(connection(CERTIFICATE.der, {}))
    assert (peer.subject, peer.expires, peer.pin) == ("", "", CERTIFICATE.pin)


@pytest.mark.parametrize("der", [b"", b"nonsense"])
def test_a_certificate_that_is_none(der: bytes) -> None:
    with pytest.raises(TlsFailed, match="cannot be read"):
        observe(connection(der, {}))
