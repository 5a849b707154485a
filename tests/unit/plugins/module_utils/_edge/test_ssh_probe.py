# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import ssh_probe
from support.running.tasks import run_task

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
