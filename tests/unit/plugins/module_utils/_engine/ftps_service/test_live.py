# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service is tried with an account, at a scripted FTPS server that can fail."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ServiceFailed,
    TrustStoreUnreadable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service import live
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps_service.live import (
    LiveService,
    try_service,
)
from support.scripted.ftps_commands import PASSWORD, USER
from support.scripted.scripted_ftps import ScriptedFtps
from support.servers.tls_authority import self_signed


@contextmanager
def serving(tmp_path: Path, *behaviours: str, **options: Any) -> Iterator[tuple[ScriptedFtps, LiveService]]:
    (tmp_path / "in").mkdir(exist_ok=True)
    with ScriptedFtps(tmp_path, *behaviours, certificate=self_signed(), **options) as server:
        implicit = options.get("implicit", False)
        yield server, LiveService(server.port, implicit, str(server.certificate.chain), USER, PASSWORD, b"in", 20.0)


def stores(server: ScriptedFtps) -> int:
    return sum(each.verb == b"STOR" for each in server.commands())


@pytest.mark.parametrize("implicit", [False, True])
def test_a_service_that_serves(tmp_path: Path, implicit: bool) -> None:
    with serving(tmp_path, implicit=implicit) as (server, service):
        assert try_service(service).data_channel_resumed
        assert (stores(server), list((tmp_path / "in").iterdir())) == (1, [])


def test_a_login_alone(tmp_path: Path) -> None:
    with serving(tmp_path, "refuses_stores") as (server, service):
        try_service(service._replace(directory=None))
        assert stores(server) == 0


@pytest.mark.parametrize(("behaviour", "step"), [("login_refused", "the login"), ("refuses_stores", "STOR")])
def test_a_service_that_fails(tmp_path: Path, behaviour: str, step: str) -> None:
    with serving(tmp_path, behaviour) as (_server, service):
        with pytest.raises(ServiceFailed, match=f"{step} fails as {USER}: ") as caught:
            try_service(service)
        assert caught.value.cure


def test_another_certificate_gets_no_password(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, service):
        with pytest.raises(ServiceFailed, match="the login fails"):
            try_service(service._replace(certificate_file=str(self_signed().chain)))
        assert not any(each.verb == b"PASS" for each in server.commands())


def test_a_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    service = LiveService(1, False, str(tmp_path / "none.pem"), USER, PASSWORD, None, 0.0)
    with pytest.raises(TrustStoreUnreadable):
        try_service(service)


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, service):
        server.stop()
        with pytest.raises(ServiceFailed, match=f"nothing answers on port {service.port} of this host"):
            try_service(service._replace(seconds=0.2))


def test_a_service_that_is_restarted_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as (_server, service):
        closed: list[OSError] = [ConnectionRefusedError("refused")] * 2
        connect = socket.create_connection

        def refused(*place: Any) -> socket.socket:
            if closed:
                raise closed.pop()
            return connect(*place)

        monkeypatch.setattr(live.socket, "create_connection", refused)
        try_service(service)
        assert closed == []
