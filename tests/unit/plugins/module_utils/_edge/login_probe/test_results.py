# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and results of the probes of logins, at small servers on this host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import ftps_probe, sftp_probe
from support.running.tasks import params_of, run_task
from support.scripted.ftps_commands import PASSWORD, USER
from support.scripted.scripted_ftps import ScriptedFtps
from support.scripted.stand_in_ssh import stand_in_ssh
from support.servers import ssh_keys
from support.servers.tls_authority import self_signed

SFTP = {"host": "localhost", "host_keys": [ssh_keys.key("unit").public], "ssh_config_file": "none", "ssh_agent": False}


@pytest.mark.parametrize(
    ("options", "done"),
    [
        ({}, "the account logged in and listed"),
        ({"username": "partner", "directory": "."}, "partner stored, listed and retrieved a file"),
    ],
)
def test_sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], done: str) -> None:
    key = ssh_keys.key("unit")
    monkeypatch.setenv("PATH", stand_in_ssh(tmp_path / "bin", tmp_path, key))
    result = run_task(sftp_probe, ssh_client="openssh", **SFTP, **options)
    assert (result["changed"], result["msg"]) == (False, f"{done} at localhost")
    assert result["peer"]["host_key_fingerprint"] == key.fingerprint


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"protocol": "ftps", "username": "partner", "password": "secret"}, "protocol: must be sftp"),
        ({"directory": ""}, "directory: "),
        ({"port": 0}, "port: "),
    ],
)
def test_sftp_options(options: dict[str, Any], words: str) -> None:
    result = run_task(sftp_probe, **{**SFTP, **options})
    assert (result["error"]["code"], result["msg"].startswith(words)) == ("invalid_request", True), result["msg"]


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(
    ("directory", "done"),
    [(None, "logged in over TLSv1.3"), ("in", "stored, listed and retrieved a file over TLSv1.3")],
)
def test_ftps(tmp_path: Path, implicit: bool, directory: str | None, done: str) -> None:
    (tmp_path / "in").mkdir()
    with ScriptedFtps(tmp_path, certificate=self_signed(), implicit=implicit) as server:
        given = {"port": server.port, "tls_mode": "implicit" if implicit else "explicit", "username": USER}
        chain = str(server.certificate.chain)
        result = run_task(ftps_probe, certificate_file=chain, password=PASSWORD, directory=directory, **given)
    assert (result["changed"], result["msg"]) == (False, f"{USER} {done}")
    assert (result["protocol"], result["data_channel_resumed"]) == ("TLSv1.3", None if directory is None else True)


@pytest.mark.parametrize(("mode", "port"), [("explicit", 21), ("implicit", 990)])
def test_the_port_of_ftps(mode: str, port: int) -> None:
    given = {"certificate_file": "/etc/server.pem", "username": "u", "password": "p", "tls_mode": mode}
    asked = ftps_probe.request(Task(params_of(ftps_probe, given)))
    assert (asked.port, asked.implicit, asked.directory) == (port, mode == "implicit", None)
