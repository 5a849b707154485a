# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that the controller names is revoked on the managed servers of all clients, also if a client conceals it."""

from __future__ import annotations

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_everywhere import everywhere, places_of
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_jobs import Job, Target
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_progress import progress

JOBS = (
    Job("a", "ua", (Target("s1", True, "192.0.2.1", 22), Target("theirs", False, "192.0.2.9", 22))),
    Job("b", "ub", (Target("s2", True, "192.0.2.2", 22),)),
)
OTHERS = (Job("a", "ua", (Target("s1", True, "192.0.2.1", 22), Target("s3", True, "192.0.2.3", 22))),)
PLACES = {"c": places_of(JOBS, "/etc/revoked"), "d": places_of(OTHERS, "/etc/revoked")}


def leg(job: str, server: str, *revoked: str, **changed: Any) -> dict[str, Any]:
    return {
        "job": job,
        "server": server,
        "username": f"u{job}",
        "managed": True,
        "revoked_keys_file": "/etc/revoked",
        "phase": "done",
        "public_key": None,
        "revoked_keys": list(revoked),
        "left_to_revoke": [],
        **changed,
    }


def asked(legs: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    return [(each["job"], each["server"], each["revoked_keys"]) for each in progress([], legs, {})["to_revoke"]]


def test_places_are_the_managed_servers_of_a_client() -> None:
    assert [(each["job"], each["server"]) for each in PLACES["c"]] == [("a", "s1"), ("b", "s2")]
    assert PLACES["c"][0] == {"job": "a", "server": "s1", "username": "ua", "revoked_keys_file": "/etc/revoked"}


def test_a_key_that_one_job_returned_is_revoked_for_all_jobs_of_the_client() -> None:
    """The client claims that job b has another key, and is done."""
    legs = [leg("a", "s1", "X"), leg("a", "theirs", managed=False), leg("b", "s2")]
    found = everywhere("c", legs, {"c": ["X"]}, {"c": PLACES["c"]})
    assert asked(found) == [("a", "s1", ["X"]), ("b", "s2", ["X"])]
    assert found[1] == legs[1], "a partner revokes what it trusts"


def test_a_client_revokes_its_keys_on_the_servers_of_others() -> None:
    """The other client fails, or claims that its job has another key."""
    legs = [leg("a", "s1", "X"), leg("b", "s2")]
    found = everywhere("c", legs, {"c": ["X"], "d": []}, PLACES)
    assert asked(found) == [("a", "s1", ["X"]), ("b", "s2", ["X"]), ("d/a", "s3", ["X"])]
    assert found[2]["phase"] == "done"


def test_a_client_has_its_servers_refuse_the_keys_of_others() -> None:
    assert asked(everywhere("d", [leg("a", "s1"), leg("a", "s3")], {"c": ["X"], "d": []}, PLACES)) == [
        ("a", "s1", ["X"]),
        ("a", "s3", ["X"]),
    ]


def test_each_key_once() -> None:
    found = everywhere("c", [leg("a", "s1", "X")], {"c": ["X", "Y"], "d": ["Y", "Z"]}, {})
    assert asked(found) == [("a", "s1", ["X", "Y", "Z"])]


def test_a_file_of_another_client_is_another_place() -> None:
    places = {"c": [], "d": places_of(JOBS[:1], "/etc/other")}
    found = everywhere("c", [leg("a", "s1", "X")], {"c": ["X"]}, places)
    assert [(each["server"], each["revoked_keys_file"]) for each in found] == [
        ("s1", "/etc/revoked"),
        ("s1", "/etc/other"),
    ]


def test_a_server_of_another_client_that_does_not_revoke_is_named() -> None:
    """No ledger of the client has it: its job is none of this client."""
    found = everywhere("c", [leg("a", "s1", "X")], {"c": ["X"]}, PLACES)
    results = [{"changed": True}, {"changed": True}, {"failed": True, "msg": "no room"}]
    judged = progress(["a", "b"], found, {"publish": [], "revoke": results})
    assert judged["troubles"] == [{"job": "d/a", "server": "s3", "phase": "revoke", "reason": "no room"}]
    assert [each["behind"] for each in judged["jobs"]] == [[], []]


def test_nothing_is_added_without_keys() -> None:
    legs = [leg("a", "s1")]
    assert everywhere("c", legs, {"c": [], "d": []}, PLACES) == legs
