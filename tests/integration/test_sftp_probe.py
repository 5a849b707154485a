# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sftp_probe with a real sshd: the login by both clients, content in both directions, failures by name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import sftp_probe
from support.running.tasks import run_task
from support.servers import ssh_keys
from support.servers.served import served
from support.servers.sshd import Sshd

LOCKED = ssh_keys.key("probe", passphrase="correct horse")


server = served(Sshd, authorized=(LOCKED,))
second_factor = served(Sshd, authorized=(LOCKED,), keyboard_interactive=True, methods="publickey,keyboard-interactive")


def probed(server: Sshd, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a task that tries the server with the key that it takes."""
    given = {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "private_key_file": str(LOCKED.path),
        "passphrase": LOCKED.passphrase,
        "ssh_agent": False,
        "known_hosts_file": str(server.known_hosts),
        "ssh_config_file": "none",
        **options,
    }
    return run_task(sftp_probe, check=check, **given)


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
def test_a_login(server: Sshd, client: str) -> None:
    result = probed(server, ssh_client=client)
    assert (result.get("error"), result["changed"]) == (None, False)
    assert result["msg"] == f"{server.user} logged in and listed at {server.host}"
    assert result["peer"]["host_key_fingerprint"] == server.fingerprints[0]


def test_content_goes_both_ways_and_nothing_is_left(server: Sshd) -> None:
    result = probed(server, directory=server.remote_root)
    assert result["msg"] == f"{server.user} stored, listed and retrieved a file at {server.host}"
    assert list(server.root.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"private_key_file": str(ssh_keys.key("stranger").path)}, "authentication_failed"),
        ({"passphrase": "wrong horse"}, "private_key_unusable"),
        ({"host_keys": [ssh_keys.key("other").public], "known_hosts_file": None}, "host_key_changed"),
        ({"directory": "/nowhere"}, "not_found"),
        ({"directory": "/usr"}, "permission_denied"),
        ({"protocol": "ftps"}, "invalid_request"),
        ({"host": "-x"}, "invalid_request"),
    ],
)
def test_what_fails_is_named(server: Sshd, options: dict[str, Any], code: str) -> None:
    result = probed(server, **options)
    assert result["error"]["code"] == code, result
    assert LOCKED.passphrase not in result["msg"]


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
def test_a_second_factor_is_named(second_factor: Sshd, client: str) -> None:
    result = probed(second_factor, ssh_client=client)
    assert result["error"]["code"] == "second_factor_required", result
    assert "docs/mfa.md" in result["msg"]


@pytest.mark.parametrize("client", ["openssh", "paramiko"])
def test_a_second_factor_is_not_named_if_the_key_was_refused(second_factor: Sshd, client: str) -> None:
    stranger = {"private_key_file": str(ssh_keys.key("stranger").path), "passphrase": None, "password": "x"}
    result = probed(second_factor, ssh_client=client, **stranger)
    assert result["error"]["code"] == "authentication_failed", result
    assert "factor" not in result["msg"]


def test_check_mode_tries_nothing(server: Sshd) -> None:
    assert probed(server, check=True, port=1) == {"changed": False, "msg": "not tried in check mode"}
