# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two processes of ansible-playbook work on the same list, and on the same record of its spread, at once."""

from __future__ import annotations

import json
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from support.running.playbook_process import controller, finished, playbook_process
from support.scenes.revocation_desk import RevocationDesk
from support.servers.ssh_keys import key

ROUNDS = 3
OWN = "secure.ftp_synchronize."
SIGN = {"private_key_file": str(key("incident").path)}


def play(directory: Path, name: str) -> Path:
    """Write a play that revokes keys in turn, and records a server of its own for each list."""
    tasks = []
    for number in range(ROUNDS):
        prints, host = [key(f"{name}{number}").fingerprint], f"{name}{number}"
        entry = {"path": str(directory), "reason": "lost", "responder": name, "fingerprints": prints, "sign": SIGN}
        spread = {
            "path": f"{directory}/spread.json",
            "version": "{{ made.version }}",
            "servers": [host],
            "results": "made",
        }
        tasks += [
            {"name": "Revoke", f"{OWN}key_revocation_list": entry, "register": "made"},
            {"name": "Show", "ansible.builtin.debug": {"msg": "made {{ made.version }}"}},
            {"name": "Record", f"{OWN}revocation_spread": spread},
        ]
    path = directory / f"{name}.json"
    path.write_text(json.dumps([{"name": "Revoke", "hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return path


def test_no_entry_and_no_record_is_lost_and_each_version_is_new(tmp_path: Path) -> None:
    desk = RevocationDesk(tmp_path / "desk")
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                playbook_process(
                    tmp_path, str(play(desk.directory, name)), environment=controller(tmp_path / f"home-{name}")
                )
            )
            for name in ("a", "b")
        ]
        ran = [finished(process) for process in processes]
    assert [each.status for each in ran] == [0, 0], ran
    assert all(desk.refuses(*(key(f"{name}{number}") for name in ("a", "b") for number in range(ROUNDS))))
    assert desk.is_signed()
    versions = [
        [int(line.partition("made ")[2].strip('"')) for line in each.output.splitlines() if "made " in line]
        for each in ran
    ]
    assert all(each == sorted(set(each)) for each in versions), versions
    assert sorted(chain.from_iterable(versions)) == list(range(1, 2 * ROUNDS + 1)), versions
    spread = json.loads((desk.directory / "spread.json").read_text())
    assert sorted(spread) == [*(f"{name}{number}" for name in ("a", "b") for number in range(ROUNDS)), "localhost"]
