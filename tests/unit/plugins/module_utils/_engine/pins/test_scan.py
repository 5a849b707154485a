# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH client that fetches host keys. Real servers are in tests/integration/test_host_key_pin.py."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins import pin_host
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.fingerprint import PublicKey

KEYS = {client: (PublicKey(client, b"key"),) for client in ("openssh", "paramiko")}


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients are there; each gives a key of its own."""
    monkeypatch.setattr(pin_host, "scan_openssh", lambda *_given: KEYS["openssh"])
    monkeypatch.setattr(pin_host, "scan_paramiko", lambda *_given: KEYS["paramiko"])


@pytest.mark.parametrize("client", KEYS)
def test_the_chosen_client_fetches(client: str) -> None:
    endpoint = Endpoint("sftp", "a.example", ssh_client=client)
    assert pin_host.scan_host_keys(endpoint, Credentials(), SshTrust()) == KEYS[client]


def test_an_unknown_client_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        pin_host.scan_host_keys(Endpoint("sftp", "a.example", ssh_client="putty"), Credentials(), SshTrust())
