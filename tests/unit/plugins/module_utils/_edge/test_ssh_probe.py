# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import ssh_probe
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.probe import Report
from support.running.tasks import params_of, run_task

LOGIN = {"kind": "revoked_key", "username": "partner", "private_key_file": "/none"}


def test_nothing_is_tried_without_permission() -> None:
    result = run_task(ssh_probe, host="files.example.com", allowed=False)
    assert (result["tried"], result["allowed"], result["msg"]) == ([], False, ssh_probe.not_allowed()["msg"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"protocol": "ftps"}, "protocol: must be sftp"),
        ({"ssh_client": "paramiko"}, "ssh_client: must be openssh"),
        ({"accounts": []}, "accounts: must not be empty"),
        ({"accounts": ["-oProxyCommand=x"]}, "accounts: "),
        ({"guesses": 101}, "guesses: 101 is out of range"),
        ({"pause": -1}, "pause: -1"),
        ({"refused": [{**LOGIN, "username": "a b"}]}, "refused.username: "),
        ({"refused": [{**LOGIN, "kind": "expired_certificate"}]}, "refused.certificate_file: is needed"),
    ],
)
def test_invalid_options(options: dict[str, Any], words: str) -> None:
    result = run_task(ssh_probe, host="files.example.com", **options)
    assert result["error"]["code"] == "invalid_request", result
    assert result["error"]["message"].startswith(words), result


def test_nothing_is_tried_in_check_mode() -> None:
    options = {"host": "127.0.0.1", "port": 1, "accounts": ["root"], "ssh_config_file": "none", "guesses": 0}
    result = run_task(ssh_probe, check=True, **options)
    assert (result["msg"], result["tried"], result["allowed"]) == ("not tried in check mode", [], True)
    assert run_task(ssh_probe, **options)["error"]["code"] == "connection_failed"


def test_a_result() -> None:
    given = params_of(ssh_probe, {"host": "files.example.com", "accounts": ["root"], "refused": [LOGIN]})
    asked = ssh_probe.request(Task(given))
    (intruder,) = asked.intruders
    assert (intruder.kind, intruder.account.endpoint.username) == ("revoked_key", "partner")
    assert (intruder.account.endpoint.host, intruder.account.credentials.private_key_file) == (
        "files.example.com",
        "/none",
    )
    silent = ssh_probe.result(Report((), ("one",), (("what", "why"),), 0), asked, given)
    assert (silent["changed"], silent["allowed"], silent["mark"], silent["tried"]) == (False, True, "", ["one"])
    assert silent["not_checked"] == [{"what": "what", "why": "why"}]
    assert ssh_probe.result(Report((), (), (), 2), asked, given)["mark"] == asked.mark != ""
