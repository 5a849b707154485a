# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that finds peers that are behind: before the first step, after a step, in check mode, and its refusal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.rotation_legs import ActionModule

PEERS = [{"host": "backup", "path": "/etc/ssl/pins", "password": "canary"}, {"host": "localhost", "path": "~/pins"}]
FAILED = {"failed": True, "msg": "refused"}


def decided(*, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
    loader = DataLoader()
    task = SimpleNamespace(args={"peers": PEERS, **arguments}, async_val=0, check_mode=check_mode, diff=False)
    task.action = "secure.ftp_synchronize.rotation_legs"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    return ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None).run()


def test_before_the_first_step_every_peer_is_ready() -> None:
    assert decided() == {"changed": False, "ready": [0, 1], "behind": []}


def test_after_a_step_only_host_path_and_reason_are_returned() -> None:
    found = decided(results=[FAILED, {}])
    assert found["ready"] == [1]
    assert found["behind"] == [{"host": "backup", "path": "/etc/ssl/pins", "reason": "refused"}]


def test_peers_that_were_not_asked_stay_as_they_were() -> None:
    found = decided(asked=[1], results=[{}], behind=[{"host": "backup", "path": "/etc/ssl/pins", "reason": "away"}])
    assert (found["ready"], [peer["reason"] for peer in found["behind"]]) == ([1], ["away"])


def test_check_mode_is_the_mode_of_the_task() -> None:
    changed = [{"changed": True}, {"changed": True}]
    assert decided(results=changed)["ready"] == [0, 1]
    assert decided(results=changed, check_mode=True)["ready"] == []


def test_missing_results_are_refused() -> None:
    refused = decided(results=[{}])
    assert (refused["failed"], refused["error"]["code"]) == (True, "results_incomplete")
