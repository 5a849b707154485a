# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ftps_probe with real servers of this machine: content that goes both ways, and each way in which it does not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import ftps_probe
from support.running.tasks import run_task
from support.servers.ftps_server import FtpsServer
from support.servers.proftpd_ftps import ProftpdFtps
from support.servers.served import served_by_each
from support.servers.tls_authority import Authority
from support.servers.vsftpd import Vsftpd


def probed(server: FtpsServer, **options: Any) -> dict[str, Any]:
    """Return the result of a task that tries the server."""
    given = {
        "port": server.port,
        "tls_mode": "implicit" if server.options.implicit else "explicit",
        "certificate_file": str(server.certificate.chain),
        "username": server.user,
        "password": server.password,
        "directory": server.remote_root,
        **options,
    }
    return run_task(ftps_probe, **given)


server = served_by_each(Vsftpd, ProftpdFtps)


def test_content_goes_both_ways_and_nothing_is_left(server: FtpsServer) -> None:
    result = probed(server)
    assert (result.get("error"), result["changed"]) == (None, False)
    assert (result["protocol"], result["data_channel_resumed"]) == ("TLSv1.3", True)
    assert result["msg"] == f"{server.user} stored, listed and retrieved a file over TLSv1.3"
    assert list(server.root.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        ({"password": "wrong"}, "service_failed", "the login fails as"),
        ({"directory": "/nowhere"}, "service_failed", "STOR fails as"),
        ({"certificate_file": "/nowhere"}, "trust_store_unreadable", "/nowhere"),
        ({"certificate_file": "/dev/null"}, "trust_store_unreadable", "holds no certificate"),
    ],
)
def test_what_fails_is_named(server: FtpsServer, options: dict[str, Any], code: str, why: str) -> None:
    result = probed(server, **options)
    assert result["error"]["code"] == code
    assert why in result["msg"]


def test_another_servers_certificate_gets_no_password(server: FtpsServer) -> None:
    before = server.transcript()
    other = Authority("other").server()
    result = probed(server, certificate_file=str(other.chain))
    assert result["error"]["code"] == "service_failed"
    assert "USER" not in server.transcript()[len(before) :]


def test_a_server_that_does_not_come_up() -> None:
    with Vsftpd() as server:
        port = server.port
        server.stop()
        result = probed(server, port=port, timeout=1.0)
        assert result["error"]["code"] == "service_failed"
        assert "nothing answers on port" in result["msg"]


def test_a_client_certificate() -> None:
    clients = Authority("clients")
    with Vsftpd(client_authority=clients, implicit=True) as server:
        assert probed(server)["error"]["code"] == "service_failed"
        own = clients.client("probe")
        result = probed(server, client_cert_file=str(own.chain), client_key_file=str(own.key))
        assert result.get("error") is None


def test_check_mode_tries_nothing() -> None:
    options = {"certificate_file": "/c.pem", "username": "a", "password": "b", "directory": "c"}
    result = run_task(ftps_probe, check=True, **options)
    assert result == {"changed": False, "msg": "not tried in check mode"}


def test_the_login_alone(server: FtpsServer) -> None:
    """For accounts that may store or retrieve only."""
    result = probed(server, directory=None)
    assert (result.get("error"), result["data_channel_resumed"]) == (None, None)
    assert result["msg"] == f"{server.user} logged in over TLSv1.3"
    refused = probed(server, directory=None, password="wrong")
    assert "the login fails as" in refused["msg"]
