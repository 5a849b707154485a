# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/restore_drill.yml succeeds only if the drill passed and its record was written: a module that died, and a
host that answers without an error, are failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.compromised.estate import Estate

STATES = ("restored", "checked")
NO_RESULT: dict[str, dict[str, Any]] = {
    "killed": {"text": '{"failed": true, "msg": "killed", "rc": 137}'},
    "text": {"text": "Killed"},
    "no-verdict": {"set": {"drill": {"job": "restore_drill"}}},
    "failed-verdict": {"set": {"drill": {"verdict": "failed"}}},
    "a-word-for-a-drill": {"set": {"drill": "passed"}},
    "no-receipt": {"set": {"receipt": {}}},
}
OF_THE_LAST_STEP = ("no-verdict", "failed-verdict", "a-word-for-a-drill", "no-receipt")
"""The first step gives neither a verdict nor a receipt: the tree waits for its checks."""


def cases() -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        f"{case}-{state}": (state, {**rule, "arguments": {"state": state}})
        for state in STATES
        for case, rule in NO_RESULT.items()
        if state == "checked" or case not in OF_THE_LAST_STEP
    }


def test_a_drill_without_a_verdict_and_a_record_fails(tmp_path: Path) -> None:
    given = cases()
    estate = Estate(tmp_path, clients=[*given, "nothing-at-all"])
    for client, (_state, rule) in zip(estate.clients, given.values(), strict=False):
        client.answer("restore_drill", **rule)
    estate.clients[-1].answer("restore_drill", text="{}")
    played = estate.playbook("restore_drill")
    assert "client" in played.done(), played.output
    assert played.failed() == {client.name for client in estate.clients}


def test_a_planned_drill_needs_no_record(tmp_path: Path) -> None:
    estate = Estate(tmp_path, clients=["killed"])
    for host, answer in zip((estate.client, *estate.clients), ('{"drill": {"job": "x"}}', '{"rc": 137}'), strict=True):
        host.answer("restore_drill", text=answer)
    played = estate.playbook("restore_drill", "--check")
    assert ("client" in played.done(), played.failed()) == (True, {"killed"}), played.output
