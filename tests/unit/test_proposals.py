# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that the playbook propose_response writes: its commands name playbooks, options and pages that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROOT = Path(__file__).parents[2]
KEY = "SHA256:" + "A" * 43
EVENTS: dict[str, dict[str, Any]] = {
    "server": {"error": {"code": "host_key_changed"}},
    "key": {"rule": {"id": "first_seen_key"}, "ftp_synchronize": {"key": KEY}},
    "configuration": {"rule": {"id": "configuration_changed"}, "file": {"path": "/etc/ssh/sshd_config"}},
    "other": {"rule": {"id": "late_feed"}},
}


def proposal(event: dict[str, Any]) -> str:
    """Return the text for an event, as the playbook renders it."""
    loader = DataLoader()
    path = ROOT / "playbooks/vars/propose_response.yml"
    variables = loader.load_from_file(str(path), trusted_as_template=True)
    variables["ansible_eda"] = {"event": {**event, "meta": {"uuid": "01234567-89ab"}}}
    return str(Templar(loader, variables=variables).template(variables["propose_response__text"]))


def options() -> set[str]:
    """Return the options of all roles."""
    return {
        name
        for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values()
        for name in entry["options"]
    }


@pytest.mark.parametrize("kind", EVENTS)
def test_what_a_proposal_names_exists(kind: str) -> None:
    text = proposal(EVENTS[kind])
    playbooks = set(re.findall(r"secure\.ftp_synchronize\.(\w+)", text))
    assert {name for name in playbooks if not (ROOT / f"playbooks/{name}.yml").exists()} == set()
    assert set(re.findall(r"\b(?:key_revocation|client_key_rotation)_\w+", text)) <= options()
    pages = re.findall(r"(docs/\w+\.md)(?:, ([A-Z][\w ]+))?", text)
    assert pages
    for page, heading in pages:
        headings = re.findall(r"^#+ (.*)$", (ROOT / page).read_text(), re.M)
        assert any(each.startswith(heading) for each in headings), (page, heading)


def test_a_key_is_revoked_on_all_servers_before_it_is_replaced() -> None:
    text = proposal(EVENTS["key"])
    assert 0 < text.index("propose_revocation") < text.index("revoke_keys") < text.index("rotate_keys")
    assert text.count(KEY) == 4, "in the event and in all commands"
    assert "revoke_keys" not in proposal(EVENTS["other"])


def test_words_of_the_event_are_in_no_command() -> None:
    event = {"rule": {"id": "x'; rm -rf /"}, "ftp_synchronize": {"key": KEY + "' x"}, "user": {"name": "$(id)"}}
    command = proposal(event).partition("Proposed:")[2]
    assert "rm -rf" not in command
    assert "$(id)" not in command
    assert KEY not in command
