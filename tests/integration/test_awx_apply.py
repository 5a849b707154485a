# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays that apply the kit, with a stand-in for awx.awx and ansible.controller: AWX needs a cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.awx.kit import DIRECTORY, VALUES, Kit
from support.awx.stub_collection import StubCollection
from support.running.examples import ROOT
from support.running.page_walk import Step, walk
from support.running.playbook_process import Outcome, controller, done, finished, playbook_process, with_variables

PLAYS = {"awx.awx": "apply.yml", "ansible.controller": "apply_controller.yml"}


class Applied:
    """A play of the kit, and the objects that it made."""

    def __init__(self, collection: str, directory: Path) -> None:
        self.stub = StubCollection(directory, collection)
        self._directory, self._play = directory, str(DIRECTORY / PLAYS[collection])

    def run(self, *options: str, **values: Any) -> Outcome:
        """Apply the kit with the values of a user; None leaves a value out."""
        given = {name: value for name, value in {**VALUES, **values}.items() if value is not None}
        words = [self._play, *with_variables(self._directory, given), *options]
        with playbook_process(self._directory, *words, environment=self._environment()) as process:
            return finished(process)

    def walk(self) -> list[Step]:
        """Run the commands of the page, which prepare the node and apply the kit by the name of its playbook."""
        node, commands = self._directory / "awx-sync", self._directory / "commands"
        node.mkdir()
        commands.mkdir()
        there = {"/var/lib/awx-sync": str(node), "read -rs CONTROLLER_OAUTH_TOKEN": "CONTROLLER_OAUTH_TOKEN=token"}
        return walk(ROOT / "docs/awx.md", commands, self._environment(), there)

    def _environment(self) -> dict[str, str]:
        given = controller(
            self._directory / "home",
            collections=[self.stub.path],
            AWX_STUB=str(self.stub.kept),
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_PIPELINING="true",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        )
        return {**given, "PATH": f"{Path(sys.executable).parent}:{given['PATH']}"}


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Applied]:
    return Applied("awx.awx", tmp_path)


def test_every_entry_arrives_whole_and_the_second_time_nothing_changes(applied: Applied) -> None:
    checked = done(applied.run("--check"))
    assert checked.count("changed") > 0
    assert applied.stub.objects == {}
    first = applied.walk()[-1]
    assert "WARN" not in first.output
    whole(applied, {**VALUES, "kit_credentials": []})
    assert done(applied.run(kit_credentials=[])).count("changed") == 0


def test_automation_controller_gets_the_same(tmp_path: Path) -> None:
    applied = Applied("ansible.controller", tmp_path)
    done(applied.run())
    whole(applied, VALUES)


def whole(applied: Applied, values: Mapping[str, Any]) -> None:
    """Find every entry of the kit: templates for AWX are still templates, the values of the user in their places."""
    objects = applied.stub.objects
    entries = [entry for kind in Kit.rendered(values).data.values() for entry in kind]
    kept = [kept for kind in objects.values() for kept in kind.values()]
    assert len(kept) == len(entries)
    for entry in entries:
        assert any(entry.items() <= each.items() for each in kept), entry["name"]
    injectors = objects["credential_type"]["Partner over SFTP"]["injectors"]
    assert injectors["extra_vars"]["exchange_credential_private_key"] == "{{ private_key }}"
    assert objects["job_template"]["Exchange"]["credentials"] == values["kit_credentials"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kit_iamge": "x"}, "kit_iamge: kit has no option of this name; did you mean kit_image?"),
        ({"kit_image": None}, "'kit_image' is undefined"),
        ({"controller_templates": [{"name": "A", "organization": "B", "fork": 5}]}, "fork"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_applied(
    applied: Applied, values: dict[str, Any], words: str
) -> None:
    outcome = applied.run(**values)
    assert outcome.status != 0
    assert words in outcome.output
    assert applied.stub.objects == {}
