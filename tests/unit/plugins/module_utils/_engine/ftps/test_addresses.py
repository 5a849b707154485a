# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name lookup: it ends, for any behaviour of the resolver."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    ConnectTimeout,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.login import addresses_of


def ask(host: str, seconds: float = 20.0) -> Any:
    return addresses_of(host, 21, where="ftps://files", seconds=seconds)


def test_an_address_is_its_own() -> None:
    assert [address for *_kind, address in ask("127.0.0.1")] == [("127.0.0.1", 21)]


def test_a_silent_resolver_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_how: answers.wait())
    with pytest.raises(ConnectTimeout, match="not looked up within connect_timeout"):
        ask("files.test", seconds=0.05)
    answers.set()


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known"), OSError(24, "Too many open files")]
)
def test_a_refusal_is_told(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: object, **_how: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ConnectionFailed, match=error.strerror or ""):
        ask("files.test")


def test_what_is_no_name_is_told() -> None:
    with pytest.raises(ConnectionFailed, match="not a host name"):
        ask("a" * 70 + ".example.com")


def test_a_name_without_an_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_how: [])
    with pytest.raises(ConnectionFailed, match="no address"):
        ask("files.test")
