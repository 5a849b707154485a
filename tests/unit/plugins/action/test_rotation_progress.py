# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that pairs the legs of a rotation with the results of its steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.rotation_progress import ActionModule


def decided(task_vars: Any = None, **arguments: Any) -> dict[str, Any]:
    loader = DataLoader()
    task = SimpleNamespace(args=arguments, async_val=0, check_mode=False, diff=False, action="rotation_progress")
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    return ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader), None).run(
        task_vars=task_vars or {}
    )


LEG = {
    "job": "nightly",
    "server": "files1",
    "phase": "publish",
    "managed": True,
    "public_key": "KEY",
    "private_key_file": "/keys/new",
    "revoked_keys": [],
    "left_to_revoke": [],
}


def test_before_any_step_and_after_the_first() -> None:
    before = decided(jobs=["nightly"], legs=[LEG])
    assert before["changed"] is False
    assert [leg["server"] for leg in before["to_publish"]] == ["files1"]
    after = decided(jobs=["nightly"], legs=[LEG], publish=[{"failed": True, "msg": "no room"}])
    assert [each["reason"] for each in after["troubles"]] == ["no room"]


def test_missing_results_are_refused() -> None:
    refused = decided(jobs=["nightly"], legs=[LEG], publish=[])
    assert (refused["failed"], refused["error"]["code"]) == (True, "results_incomplete")


FACTS = {"__client_key_rotation_checked": {"places": []}}


@pytest.mark.parametrize(("facts", "servers"), [({}, ["files1", "vault"]), (FACTS, ["files1"])])
def test_a_key_is_revoked_everywhere_but_where_facts_of_a_client_say(facts: Any, servers: list[str]) -> None:
    variables = {"inventory_hostname": "client", "hostvars": {"client": {}, "other": {"ansible_facts": facts}}}
    leg = {**LEG, "phase": "done", "username": "partner", "revoked_keys_file": "/etc/revoked"}
    place = {"job": "nightly", "server": "vault", "username": "partner", "revoked_keys_file": "/etc/revoked"}
    given = {"compromised_keys": {"client": ["LOST"], "other": []}, "places": {"other": [place]}}
    found = decided(variables, jobs=["nightly"], legs=[leg], **given)
    assert [each["server"] for each in found["to_revoke"]] == servers
    assert found["legs"] == found["to_revoke"]
