# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that accepts the login and never answers keeps no other server from being served, and is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.compromised.estate import ACCOUNT, PASSWORD, Estate
from support.servers import ssh_keys

LOST = ssh_keys.key("job")
SILENT, PATIENCE = 90, 5
"""Seconds: longer than the other tasks of a play need, and shorter than the test may run if no limit holds."""


def patience(name: str) -> str:
    """Return the seconds for the answer of files1, by a variable with the name of the server."""
    return f"{{{{ {PATIENCE} if {name} == 'files1' else 600 }}}}"


def revoking(estate: Estate) -> list[str]:
    """Return the servers that were asked to refuse the key."""
    return [
        server.name
        for server in estate.servers
        if [LOST.public] in [each.arguments["keys"] for each in server.asked if each.module == "key_revocation"]
    ]


def test_a_compromised_key_is_revoked_on_the_servers_that_follow(tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    estate.servers[0].answer("account_keys", silent=SILENT)
    estate.servers[0].answer("key_revocation", silent=SILENT, holds=LOST.public)
    compromised = {"client_key_rotation_mode": "compromise", "client_key_rotation_compromised": [LOST.fingerprint]}
    played = estate.playbook("rotate_keys", __client_key_rotation_patience=patience("leg.server"), **compromised)
    assert revoking(estate) == ["files1", "files2"], played.output
    assert played.failed() == {"client"}
    refusal = " ".join(played.refusal("client").split())
    assert f"nightly to files1 is behind at publish: Task failed: Timed out after {PATIENCE} second(s)" in refusal
    assert "nightly to files1 is behind at revoke" in refusal
    assert "files2 is behind" not in refusal


def test_a_closed_account_is_recorded_and_its_jobs_are_stopped(tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    estate.servers[0].answer("account_access", silent=SILENT)
    played = estate.playbook("close_account", __account_access_patience=patience("inventory_hostname"))
    ledger = json.loads((estate.desk.directory / f"account-{ACCOUNT}.json").read_text())
    assert ledger["hosts"]["files1"]["reason"] == "no answer in time", played.output
    assert ledger["hosts"]["files2"]["reason"] == ""
    assert "jobs" in [
        name for each in estate.client.asked for name in each.arguments if each.module == "account_access"
    ]


def test_a_server_holds_up_the_passwords_of_others_once(tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    secret: dict[str, Any] = {"secret": f"ftps/files1/{ACCOUNT}"}
    estate.servers[0].set(
        password_rotation_accounts=[{"name": name, **secret} for name in (ACCOUNT, "second", "third")]
    )
    estate.servers[0].answer("account_password", silent=SILENT)
    played = estate.playbook("rotate_passwords", __password_rotation_patience=patience("inventory_hostname"))
    assert estate.servers[0].modules.count("account_password") == 1
    assert "second on files1 is behind" in " ".join(played.refusal("files1").split()), played.output
    assert "files2" in played.done()
    assert PASSWORD not in played.output
