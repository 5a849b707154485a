# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that take part in a rotation, and peers that stop it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin_info
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.pins.pin_lines import pin_lines
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.rotation_peers import Step, peers_after
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.step_results import ResultsIncomplete
from support.servers.ssh_keys import key

PEERS = [
    {"host": "backup", "path": "/etc/ssl/pins", "password": "canary"},
    {"host": "localhost", "path": "~/pins", "password": "canary"},
]
OK: dict[str, Any] = {"changed": False}
FAILED = {"failed": True, "msg": "refused\x1b[2J"}
AWAY = {"unreachable": True, "msg": "no route"}
NEW = key("new").fingerprint
NAMES = dict.fromkeys(("active", "next", "retiring", "expired"), "files.example.com")
NAMES |= {"revoked": "@revoked files.example.com", "authority": "@cert-authority files.example.com"}
TIMES = {"next": "valid_from=2099-01-01", "retiring": "valid_until=2099-01-01", "expired": "valid_until=2001-01-01"}


def pinned(state: str = "active") -> dict[str, Any]:
    """Return the answer of a client with the key in this state."""
    comment = f" secure_sync:{TIMES[state]}" if state in TIMES else ""
    lines = pin_lines([f"{NAMES[state]} {key('new').public}{comment}".encode()])
    return host_key_pin_info.result(lines, "known_hosts")


def after(*results: Any, **step: Any) -> dict[str, Any]:
    return peers_after(PEERS, Step(step.pop("asked", range(len(results))), results, **step))


def names(found: dict[str, Any]) -> list[str]:
    return [peer["host"] for peer in found["behind"]]


def test_peers_that_did_well_are_ready() -> None:
    assert after(OK, OK) == {"ready": [0, 1], "behind": []}


def test_a_peer_that_failed_is_behind_and_its_secrets_stay() -> None:
    found = after(FAILED, OK)
    assert found == {
        "ready": [1],
        "behind": [{"host": "backup", "path": "/etc/ssl/pins", "reason": found["behind"][0]["reason"]}],
    }
    assert found["behind"][0]["reason"].startswith("refused")
    assert "\x1b" not in found["behind"][0]["reason"]


@pytest.mark.parametrize("result", [None, "text", AWAY, FAILED])
def test_no_good_result_is_behind(result: Any) -> None:
    assert (after(OK, result)["ready"], names(after(OK, result))) == ([0], ["localhost"])


def test_a_result_counts_by_its_position() -> None:
    """A host writes the item and the name of another peer into its answer."""
    found = after({**FAILED, "item": 0, "host": "backup", "path": "/etc/ssl/pins"}, asked=[1])
    assert (found["ready"], names(found)) == ([], ["localhost"])


def test_out_of_reach_may_pass() -> None:
    assert after(AWAY, FAILED, unreachable_passes=True)["ready"] == []
    assert names(after(AWAY, FAILED, unreachable_passes=True)) == ["localhost"]


def test_in_check_mode_a_peer_without_the_pins_cannot_log_in() -> None:
    assert after({"changed": True}, OK, check_mode=True) == {"ready": [1], "behind": []}
    assert after({"changed": True}, OK)["ready"] == [0, 1]


@pytest.mark.parametrize(
    "result", [OK, *map(pinned, ("next", "expired", "revoked", "authority")), {"pins": "x"}, {"pins": [NEW]}]
)
def test_a_client_must_have_the_keys_that_are_required(result: dict[str, Any]) -> None:
    found = after(result, required=frozenset([NEW]))
    assert (found["ready"], found["behind"][0]["reason"]) == ([], f"the server did not prove {NEW}")


@pytest.mark.parametrize("state", ["active", "retiring"])
def test_a_client_with_the_required_keys_is_ready(state: str) -> None:
    assert after(pinned(state), required=frozenset([NEW])) == {"ready": [0], "behind": []}


def test_a_peer_is_named_once_with_its_first_reason() -> None:
    first = after(FAILED, FAILED)["behind"]
    again = peers_after(PEERS, Step([0, 1], [AWAY, OK]), first)["behind"]
    assert sorted(again, key=lambda peer: peer["host"]) == first


def test_every_peer_must_have_a_result() -> None:
    with pytest.raises(ResultsIncomplete, match="results: items: 2, results: 1"):
        after(OK, asked=[0, 1])
