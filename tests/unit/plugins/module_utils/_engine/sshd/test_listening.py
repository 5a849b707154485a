# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ports are listened on, and by whom: asked of the kernel about sockets of this test."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd import views


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_ports_of_a_configuration() -> None:
    told = {"port": ("22", "2222"), "listenaddress": ("[::]:22", "0.0.0.0:22", "198.51.100.10:2222")}
    assert views.ports_of(told) == {22, 2222}


def test_a_socket_that_is_new(port: int) -> None:
    before = {inode for inode, each in views.sockets().items() if each != port}
    assert views.wait_for_ports(before, {port}) == set()


def test_a_socket_that_somebody_else_holds(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_RENEWED_SECONDS", 0.1)
    assert views.wait_for_ports(views.sockets(), {port}) == set()


def test_a_port_that_nobody_listens_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_SECONDS", 0.1)
    with socket.socket() as idle:
        idle.bind(("127.0.0.1", 0))
        closed = idle.getsockname()[1]
        assert views.wait_for_ports((), {port, closed}) == {closed}
