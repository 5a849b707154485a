# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks for incidents fail if they reach no host: a missing or empty group, and a limit without servers.

The server is at a port without a listener: a run that reaches it fails too, with another output.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.hosts.host_play import NOWHERE
from support.running.playbook_process import Outcome, controller, finished, playbook_process

OTHER = {"other": {"ansible_connection": "local"}}
WITHOUT = {
    "inventory-empty": ({}, ()),
    "group-missing": ({"others": OTHER}, ()),
    "group-empty": ({"others": OTHER, "sftp_servers": {}}, ()),
    "pattern-typo": ({"others": OTHER, "sftp_servers": {"files1": NOWHERE}}, ("-e", "SERVERS=sftp_serverz")),
    "limit": ({"others": OTHER, "sftp_servers": {"files1": NOWHERE}}, ("--limit", "others")),
}
REACHED: list[tuple[str, ...]] = [(), ("--limit", "files1"), ("--limit", "files1,others")]


def run(directory: Path, playbook: str, groups: dict[str, Any], *words: str) -> Outcome:
    """Run a playbook for incidents."""
    name = "access_servers" if playbook == "close_account" else "revocation_servers"
    given = [word.replace("SERVERS", name) for word in words]
    inventory = directory / "hosts.json"
    inventory.write_text(json.dumps({"all": {"children": {name: {"hosts": each} for name, each in groups.items()}}}))
    drill = {
        "account": "canary",
        "directory": str(directory / "drill"),
        "receipts": {"path": str(directory / "records")},
    }
    options = {
        "account_access_account": "partner",
        "account_access_directory": str(directory),
        "key_revocation_directory": str(directory),
        "key_revocation_sign": {"principal": "responder", "allowed_signers": []},
        "key_revocation_drill": drill,
    }
    with playbook_process(
        directory,
        *(f"secure.ftp_synchronize.{playbook}", "-i", str(inventory), "-e", json.dumps(options), *given),
        environment=controller(directory / "home"),
    ) as process:
        return finished(process)


@pytest.mark.parametrize("case", WITHOUT)
def test_a_run_without_hosts_closes_no_account(tmp_path: Path, case: str) -> None:
    groups, words = WITHOUT[case]
    done = run(tmp_path, "close_account", groups, *words)
    said = " ".join(done.output.split())
    assert done.status == 2, done.output
    assert "o host was reached" in said, done.output
    assert [each.name for each in tmp_path.iterdir() if each.suffix in {".krl", ".yml", ".json"}] == ["hosts.json"]


@pytest.mark.parametrize("mode", ["run", "propose"])
def test_a_drill_leaves_no_server_out(tmp_path: Path, mode: str) -> None:
    """It fails before the keys are made. The plan of a drill reaches no server."""
    servers = {"files1": NOWHERE, "files2": NOWHERE}
    limited = ("--limit", "files1", "-e", f"key_revocation_mode={mode}")
    done = run(tmp_path, "incident_drill", {"sftp_servers": servers}, *limited)
    assert done.status == 2, done.output
    left_out = "The limit of this run leaves out files2, and a drill measures every server."
    assert left_out in " ".join(done.output.split()), done.output
    assert not (tmp_path / "drill").exists()
    retired = ("-e", '{"key_revocation_retired_hosts": ["files2"]}', "-e", "key_revocation_mode=propose")
    assert run(tmp_path, "incident_drill", {"sftp_servers": servers}, *limited, *retired).status == 0


@pytest.mark.parametrize("words", REACHED)
@pytest.mark.parametrize("playbook", ["revoke_keys", "close_account"])
def test_a_run_with_a_host_tries_it(tmp_path: Path, playbook: str, words: tuple[str, ...]) -> None:
    done = run(tmp_path, playbook, {"others": OTHER, "sftp_servers": {"files1": NOWHERE}}, *words)
    assert "UNREACHABLE!" in done.output or "files1 (unreachable" in " ".join(done.output.split()), done.output
    assert "No host was reached" not in done.output
    if playbook == "close_account":  # it came to its end
        assert "partner is not closed on files1 (unreachable, since 20" in " ".join(done.output.split())
