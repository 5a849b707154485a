# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that decides the work at each server: addresses of the inventory, and the order of the answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.rotation_legs import ActionModule
from support.running.variables import task_vars

HOSTS = {"client": {"ansible_host": "192.0.2.66"}, "files1": {"ansible_host": "192.0.2.1"}, "files2": {}, "other": {}}
JOBS = [
    {"name": "nightly", "username": "partner", "servers": [{"host": "files1"}, {"host": "files2"}]},
    {"name": "empty", "username": "partner", "servers": []},
]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbIQpl1wyQ6rXtPnGJfBJRHrDbAxIsdXSRqTSDRRZoX"
FINGERPRINT = "SHA256:De69LZoCvTeXaYEwkMDlFnh1o/c+a9KHC+ALZMfioNM"


def decided(facts: Any = None, *, others: Any = None, **arguments: Any) -> dict[str, Any]:
    """Return the result of the action. facts: of the client. others: facts of another client."""
    variables = task_vars(
        HOSTS, {"client": facts or {}, "other": others or {}, "files2": {"host": "192.0.2.66", "address": "192.0.2.66"}}
    )
    loader = DataLoader()
    task = SimpleNamespace(args={"jobs": JOBS, **arguments}, async_val=0, check_mode=False, diff=False, get_path=str)
    task.action = "secure.ftp_synchronize.rotation_legs"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))  # the action opens none
    action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables=variables), None)
    return action.run(task_vars=variables)


def answer(*servers: str) -> dict[str, Any]:
    legs = [{"server": name, "phase": "publish", "published_keys": [KEY], "revoked_keys": []} for name in servers]
    return {"generation": "ed25519-20261125T003000Z", "public_key": KEY, "public_keys": [KEY], "legs": legs}


def test_jobs_alone() -> None:
    assert decided() == {
        "changed": False,
        "hosts": ["files1", "files2"],
        "jobs": [
            {
                "name": "nightly",
                "servers": [{"name": "files1", "managed": True}, {"name": "files2", "managed": True}],
            },
            {"name": "empty", "servers": []},
        ],
        "places": [
            {"job": "nightly", "server": name, "username": "partner", "revoked_keys_file": "/etc/ssh/revoked_keys"}
            for name in ("files1", "files2")
        ],
    }


def test_answers_belong_to_the_jobs_in_their_order() -> None:
    result = decided(prepared=[answer("files1", "files2"), answer()])
    assert [(leg["job"], leg["server"], leg["address"], leg["port"]) for leg in result["legs"]] == [
        ("nightly", "files1", "192.0.2.1", 22),
        ("nightly", "files2", "files2", 22),
    ]
    assert result["known"] == {"nightly": [FINGERPRINT], "empty": [FINGERPRINT]}
    assert decided(prepared=[answer(), answer("files1", "files2")])["error"]["code"] == "answer_refused"
    assert decided(prepared=[answer("files1", "files2")])["error"]["code"] == "answer_refused"


def test_servers_that_get_the_new_key() -> None:
    first = answer("files1", "files2")
    first["legs"][1]["phase"] = "done"
    assert [leg["server"] for leg in decided(prepared=[first, answer()])["to_publish"]] == ["files1"]


def test_facts_with_the_names_of_role_variables_are_refused() -> None:
    prepared = [answer("files1", "files2"), answer()]
    refused = decided({"client_key_rotation_mode": "compromise"}, prepared=prepared)
    assert refused["error"]["code"] == "facts_refused"
    assert "legs" not in refused


def test_a_refusal_is_a_result() -> None:
    refused = decided(jobs=[{"name": "nightly", "username": "partner", "servers": [{"host": "localhost"}]}])
    assert (refused["failed"], refused["error"]["code"]) == (True, "invalid_request")
    assert refused["msg"].startswith("client_key_rotation_jobs: localhost is the controller")


def test_what_is_compromised_is_the_controllers_word() -> None:
    prepared = [answer("files1", "files2"), answer()]
    assert [leg["revoked_keys"] for leg in decided(prepared=prepared)["legs"]] == [[], []]
    named = decided(prepared=prepared, compromised=[FINGERPRINT])
    assert [leg["revoked_keys"] for leg in named["legs"]] == [[KEY], [KEY]]
    assert named["compromised_keys"] == [KEY], "each once, of all jobs"


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
    before = decided(legs=[LEG])
    assert before["changed"] is False
    assert [leg["server"] for leg in before["to_publish"]] == ["files1"]
    after = decided(legs=[LEG], publish=[{"failed": True, "msg": "no room"}])
    assert [each["reason"] for each in after["troubles"]] == ["no room"]
    assert [job["name"] for job in after["jobs"]] == ["nightly", "empty"]


def test_missing_results_are_refused() -> None:
    refused = decided(legs=[LEG], publish=[])
    assert (refused["failed"], refused["error"]["code"]) == (True, "results_incomplete")


FACTS = {"__client_key_rotation_checked": {"places": []}}


@pytest.mark.parametrize(("facts", "servers"), [({}, ["files1", "vault"]), (FACTS, ["files1"])])
def test_a_key_is_revoked_everywhere_but_where_facts_of_a_client_say(facts: Any, servers: list[str]) -> None:
    leg = {**LEG, "phase": "done", "username": "partner", "revoked_keys_file": "/etc/revoked"}
    place = {"job": "nightly", "server": "vault", "username": "partner", "revoked_keys_file": "/etc/revoked"}
    given = {"compromised_keys": {"client": ["LOST"], "other": []}, "places": {"other": [place]}}
    found = decided(others=facts, legs=[leg], **given)
    assert [each["server"] for each in found["to_revoke"]] == servers
    assert found["legs"] == found["to_revoke"]


def test_jobs_or_peers_are_needed() -> None:
    refused = decided(jobs=None)
    assert (refused["failed"], refused["error"]["code"]) == (True, "invalid_request")
    assert refused["error"]["message"] == "jobs, peers: are not set"
